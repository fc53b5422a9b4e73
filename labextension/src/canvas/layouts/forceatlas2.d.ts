/** The inner parts of graphology-layout-forceatlas2 0.10.1 that force.ts runs; it has no types for them. */
declare module 'graphology-layout-forceatlas2/iterate.js' {
  import type { ForceAtlas2Settings } from 'graphology-layout-forceatlas2';

  /** One iteration, in place. Ten numbers for each node, three for each link. */
  export default function iterate(
    settings: ForceAtlas2Settings,
    nodes: Float32Array,
    links: Float32Array
  ): object;
}

declare module 'graphology-layout-forceatlas2/webworker.js' {
  /** The whole script of a worker, as a function whose source is taken. */
  export default function script(): void;
}
