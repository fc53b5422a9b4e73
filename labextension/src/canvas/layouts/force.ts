/**
 * Force-directed layout: ForceAtlas2 (M. Jacomy et al., 2014), by graphology.
 *
 * A small graph is laid out at once, and always the same way; a larger one in a worker, for a
 * time that grows with it.
 */
import { MultiDirectedGraph } from 'graphology';
import type { ForceAtlas2Settings } from 'graphology-layout-forceatlas2';
import forceAtlas2 from 'graphology-layout-forceatlas2';
import FA2Layout from 'graphology-layout-forceatlas2/worker';
import type { ILayoutInput, Positions } from './input';

/** Up to so many nodes the layout is computed at once. */
export const AT_ONCE_NODES = 300;
const AT_ONCE_ITERATIONS = 200;
/** In a worker: so long at least, more for each node, so long at most. */
const LEAST_MS = 800;
const MS_PER_NODE = 1.2;
const MOST_MS = 15_000;

/** How often what a worker has found so far is shown: more seldom in a large graph, which is slow to draw. */
const SHOW_MS = 400;
const SHOW_MS_PER_NODE = 0.1;

export interface IForceOptions {
  /** Gets what a worker has found so far. */
  progress?: (positions: Positions) => void;
  /** Stops a worker early; what has been found by then counts. */
  signal?: AbortSignal;
}

export async function forceLayout(
  input: ILayoutInput,
  options: IForceOptions = {}
): Promise<Positions> {
  const zoom = zoomOf(input);
  const graph = toGraph(input, zoom);
  const settings = settingsFor(input.ids.length);
  if (input.ids.length <= AT_ONCE_NODES) {
    forceAtlas2.assign(graph, { iterations: AT_ONCE_ITERATIONS, settings });
  } else {
    const { progress } = options;
    const show = () => progress?.(positionsOf(graph, input, zoom));
    await inWorker(graph, settings, show, options.signal);
  }
  return positionsOf(graph, input, zoom);
}

interface INodeAttributes {
  x: number;
  y: number;
  fixed: boolean;
}

function positionsOf(
  graph: MultiDirectedGraph<INodeAttributes>,
  input: ILayoutInput,
  zoom: number
): Positions {
  return new Map(
    input.ids.map((id, i) => {
      const { x, y } = graph.getNodeAttributes(String(i));
      return [id, [x / zoom, y / zoom]];
    })
  );
}

async function inWorker(
  graph: MultiDirectedGraph<INodeAttributes>,
  settings: ForceAtlas2Settings,
  show: () => void,
  signal?: AbortSignal
): Promise<void> {
  const layout = new FA2Layout(graph, { settings });
  const duration = Math.min(MOST_MS, LEAST_MS + graph.order * MS_PER_NODE);
  const showing = setInterval(show, SHOW_MS + graph.order * SHOW_MS_PER_NODE);
  layout.start();
  await new Promise<void>(done => {
    const timer = setTimeout(done, duration);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      done();
    });
  });
  clearInterval(showing);
  layout.kill();
}

function settingsFor(count: number): ForceAtlas2Settings {
  return {
    barnesHutOptimize: count > 1_000,
    barnesHutTheta: 0.7,
    strongGravityMode: true,
    gravity: 0.05,
    scalingRatio: 10,
    slowDown: 1 + Math.log(Math.max(1, count))
  };
}

/** What turns the graph's units into the layout's: its own scale must suit nodes that stay. */
function zoomOf(input: ILayoutInput): number {
  let left = Infinity;
  let right = -Infinity;
  let bottom = Infinity;
  let top = -Infinity;
  let count = 0;
  input.fixed.forEach((isFixed, i) => {
    if (isFixed === 1) {
      count += 1;
      left = Math.min(left, input.x[i] ?? 0);
      right = Math.max(right, input.x[i] ?? 0);
      bottom = Math.min(bottom, input.y[i] ?? 0);
      top = Math.max(top, input.y[i] ?? 0);
    }
  });
  const size = Math.hypot(right - left, top - bottom);
  return count > 1 && size > 0 ? (20 * Math.sqrt(count)) / size : 1;
}

function toGraph(input: ILayoutInput, zoom: number): MultiDirectedGraph<INodeAttributes> {
  const graph = new MultiDirectedGraph<INodeAttributes>();
  input.ids.forEach((_, i) => {
    graph.addNode(String(i), {
      x: (input.x[i] ?? 0) * zoom,
      y: (input.y[i] ?? 0) * zoom,
      fixed: input.fixed[i] === 1
    });
  });
  input.sources.forEach((source, i) => {
    graph.addDirectedEdge(String(source), String(input.targets[i] ?? source));
  });
  input.parents.forEach((parent, child) => {
    if (parent >= 0) {
      graph.addDirectedEdge(String(parent), String(child));
    }
  });
  return graph;
}
