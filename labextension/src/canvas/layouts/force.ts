/**
 * Force-directed layout: ForceAtlas2 (M. Jacomy et al., 2014), the iterations by graphology.
 *
 * A small graph is laid out at once, and always the same way; a larger one in a worker, for a time
 * that grows with it. The iterations get bare arrays: a graph of 60,000 nodes is not copied twice.
 */
import type { ForceAtlas2Settings } from 'graphology-layout-forceatlas2';
import iterate from 'graphology-layout-forceatlas2/iterate.js';
import script from 'graphology-layout-forceatlas2/webworker.js';
import type { ILayoutInput, Positions } from './input';

/** Up to so many nodes the layout is computed at once. */
export const AT_ONCE_NODES = 300;
const AT_ONCE_ITERATIONS = 200;
/** Afterwards nodes that stand too close are moved apart; a node's room, of its share of the width. */
const APART_ITERATIONS = 80;
const ROOM_SHARE = 0.3;
/** In a worker: so long at least, more for each node, so long at most. */
const LEAST_MS = 800;
const MS_PER_NODE = 1.2;
const MOST_MS = 20_000;
/** How often what a worker has found so far is shown: a large graph is slow to draw. */
const SHOW_MS = 400;
const SHOW_MS_PER_NODE = 0.1;

/** The iterations' own format: numbers for each node, and for each link. */
const NODE_NUMBERS = 10;
const LINK_NUMBERS = 3;
const MASS = 6;
const CONVERGENCE = 7;
const SIZE = 8;
const FIXED = 9;

export interface IForceOptions {
  /** Stops a worker early; what has been found by then counts. */
  signal?: AbortSignal;
  /** Gets what a worker has found so far. */
  progress?: (positions: Positions) => void;
}

export async function forceLayout(
  input: ILayoutInput,
  { signal, progress }: IForceOptions = {}
): Promise<Positions> {
  const zoom = zoomOf(input);
  const settings = settingsFor(input.ids.length);
  const links = linkNumbers(input);
  let nodes = nodeNumbers(input, links, zoom);
  const worker = input.ids.length > AT_ONCE_NODES ? startWorker() : null;
  if (worker === null) {
    for (let i = 0; i < AT_ONCE_ITERATIONS; i += 1) {
      iterate(settings, nodes, links);
    }
    giveRoom(nodes);
    for (let i = 0; i < APART_ITERATIONS; i += 1) {
      iterate({ ...settings, adjustSizes: true }, nodes, links);
    }
    return positionsOf(input, nodes, zoom);
  }
  const start = performance.now();
  const end = start + Math.min(MOST_MS, LEAST_MS + input.ids.length * MS_PER_NODE);
  let shown = start;
  try {
    let message: object = { settings, nodes: nodes.buffer, edges: links.buffer };
    let now = start;
    while (now < end && signal?.aborted !== true) {
      nodes = await iteration(worker, message, nodes.buffer);
      message = { settings, nodes: nodes.buffer };
      now = performance.now();
      if (now - shown > SHOW_MS + input.ids.length * SHOW_MS_PER_NODE) {
        progress?.(positionsOf(input, nodes, zoom));
        shown = performance.now();
      }
    }
  } finally {
    worker.terminate();
  }
  return positionsOf(input, nodes, zoom);
}

/** Null: the page's rules forbid workers; then the few iterations at once must do. */
function startWorker(): Worker | null {
  const source = new Blob([`(${script.toString()}).call(this);`], { type: 'text/javascript' });
  const url = URL.createObjectURL(source);
  try {
    return new Worker(url);
  } catch (error) {
    console.warn('graph_ext: no worker for the layout', error);
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Let a worker do one; the nodes' numbers go there and come back. */
function iteration(
  worker: Worker,
  message: object,
  nodes: ArrayBufferLike
): Promise<Float32Array<ArrayBuffer>> {
  return new Promise((done, failed) => {
    worker.onmessage = ({ data }: MessageEvent<{ nodes: ArrayBuffer }>) =>
      done(new Float32Array(data.nodes));
    worker.onerror = event => failed(new Error(event.message));
    worker.postMessage(message, [nodes as ArrayBuffer]);
  });
}

function settingsFor(count: number): ForceAtlas2Settings {
  return {
    linLogMode: false,
    outboundAttractionDistribution: false,
    adjustSizes: false,
    edgeWeightInfluence: 1,
    barnesHutOptimize: count > 1_000,
    barnesHutTheta: 0.7,
    strongGravityMode: true,
    gravity: 0.05,
    scalingRatio: 10,
    slowDown: 1 + Math.log(Math.max(1, count))
  };
}

/** Links, and the lines from parents to children, which pull like them. */
function linkNumbers(input: ILayoutInput): Float32Array<ArrayBuffer> {
  const children = input.parents.reduce((sum, parent) => sum + Number(parent >= 0), 0);
  const numbers = new Float32Array((input.sources.length + children) * LINK_NUMBERS);
  let at = 0;
  const add = (source: number, target: number) => {
    numbers.set([source * NODE_NUMBERS, target * NODE_NUMBERS, 1], at);
    at += LINK_NUMBERS;
  };
  input.sources.forEach((source, i) => add(source, input.targets[i] ?? source));
  input.parents.forEach((parent, child) => {
    if (parent >= 0) {
      add(parent, child);
    }
  });
  return numbers;
}

function nodeNumbers(
  input: ILayoutInput,
  links: Float32Array,
  zoom: number
): Float32Array<ArrayBuffer> {
  const numbers = new Float32Array(input.ids.length * NODE_NUMBERS);
  for (let i = 0; i < input.ids.length; i += 1) {
    const at = i * NODE_NUMBERS;
    numbers[at] = (input.x[i] ?? 0) * zoom;
    numbers[at + 1] = (input.y[i] ?? 0) * zoom;
    numbers[at + MASS] = 1;
    numbers[at + CONVERGENCE] = 1;
    numbers[at + SIZE] = 1;
    numbers[at + FIXED] = input.fixed[i] ?? 0;
  }
  for (let i = 0; i < links.length; i += LINK_NUMBERS) {
    for (const end of [links[i] ?? 0, links[i + 1] ?? 0]) {
      numbers[end + MASS] = (numbers[end + MASS] ?? 0) + 1;
    }
  }
  return numbers;
}

/** Make nodes so large that they and their names have room beside each other. */
function giveRoom(nodes: Float32Array): void {
  const count = nodes.length / NODE_NUMBERS;
  let [least, most] = [Infinity, -Infinity];
  for (let at = 0; at < nodes.length; at += NODE_NUMBERS) {
    least = Math.min(least, nodes[at] ?? 0, nodes[at + 1] ?? 0);
    most = Math.max(most, nodes[at] ?? 0, nodes[at + 1] ?? 0);
  }
  const room = (ROOM_SHARE * (most - least)) / Math.sqrt(Math.max(1, count));
  for (let at = 0; at < nodes.length; at += NODE_NUMBERS) {
    nodes[at + SIZE] = room;
  }
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

function positionsOf(input: ILayoutInput, nodes: Float32Array, zoom: number): Positions {
  return new Map(
    input.ids.map((id, i) => {
      const at = i * NODE_NUMBERS;
      return [id, [(nodes[at] ?? 0) / zoom, (nodes[at + 1] ?? 0) / zoom]];
    })
  );
}
