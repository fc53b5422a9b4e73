/**
 * Hierarchies from the top down: layers, ordered to cross little, each component by itself.
 *
 * Where most nodes have parents, the forest is the hierarchy; otherwise the links are (K. Sugiyama
 * et al., 1981, without dummy nodes: straight links need none). Linear in links for each sweep, so
 * it needs no other thread at the sizes that people read as a tree.
 */
import { SPACING } from '../placement';
import type { ILayoutInput, Positions } from './input';
import { toPositions } from './input';

/** The least distance of two layers; wide components get more, to look like a page. */
const LAYER_GAP = SPACING * 1.6;
const COMPONENT_GAP = SPACING * 2;
const SWEEPS = 8;
/** How wide a page of components is, compared with its height. */
const ASPECT = 1.6;

export function treeLayout(input: ILayoutInput): Positions {
  const { above, below } = hierarchy(input);
  const layers = layerOf(input.ids.length, above, below);
  const x = new Float64Array(input.ids.length);
  const y = new Float64Array(input.ids.length);
  const blocks = components(input.ids.length, below).map(nodes =>
    block(nodes, layers, above, below, x, y)
  );
  pack(blocks, x, y);
  return toPositions(input, x, y);
}

/** For each node those above and below it; links that would close a circle are left out. */
function hierarchy(input: ILayoutInput): { above: number[][]; below: number[][] } {
  const count = input.ids.length;
  const below: number[][] = Array.from({ length: count }, () => []);
  const isForest = input.parents.filter(parent => parent >= 0).length * 2 >= count;
  if (isForest || input.sources.length === 0) {
    input.parents.forEach((parent, child) => below[parent]?.push(child));
  } else {
    input.sources.forEach((source, i) => below[source]?.push(input.targets[i] ?? source));
    breakCircles(below);
  }
  const above: number[][] = Array.from({ length: count }, () => []);
  below.forEach((children, node) => {
    for (const child of children) {
      above[child]?.push(node);
    }
  });
  return { above, below };
}

/** Remove what leads back to a node whose descendants are being walked. */
function breakCircles(below: number[][]): void {
  const state = new Uint8Array(below.length); // 0: new, 1: being walked, 2: done
  const rootsFirst = inDegreeOrder(below);
  for (const root of rootsFirst) {
    const stack: { node: number; next: number }[] =
      state[root] === 0 ? [{ node: root, next: 0 }] : [];
    state[root] = state[root] === 0 ? 1 : (state[root] ?? 0);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top === undefined) {
        break;
      }
      const children = below[top.node] ?? [];
      const child = children[top.next];
      if (child === undefined) {
        state[top.node] = 2;
        stack.pop();
      } else if (state[child] === 1) {
        children.splice(top.next, 1);
      } else {
        top.next += 1;
        if (state[child] === 0) {
          state[child] = 1;
          stack.push({ node: child, next: 0 });
        }
      }
    }
  }
}

function inDegreeOrder(below: number[][]): number[] {
  const degree = new Uint32Array(below.length);
  for (const children of below) {
    for (const child of children) {
      degree[child] = (degree[child] ?? 0) + 1;
    }
  }
  return below.map((_, i) => i).sort((a, b) => (degree[a] ?? 0) - (degree[b] ?? 0) || a - b);
}

/** The longest way down to each node; those that nothing is above stand right above their first. */
function layerOf(count: number, above: number[][], below: number[][]): Int32Array {
  const layers = new Int32Array(count);
  const waiting = Int32Array.from(above, nodes => nodes.length);
  const ready: number[] = [];
  waiting.forEach((n, node) => {
    if (n === 0) {
      ready.push(node);
    }
  });
  for (let i = 0; i < ready.length; i += 1) {
    const node = ready[i] ?? 0;
    for (const child of below[node] ?? []) {
      layers[child] = Math.max(layers[child] ?? 0, (layers[node] ?? 0) + 1);
      waiting[child] = (waiting[child] ?? 0) - 1;
      if (waiting[child] === 0) {
        ready.push(child);
      }
    }
  }
  above.forEach((nodes, node) => {
    const children = below[node] ?? [];
    if (nodes.length === 0 && children.length > 0) {
      layers[node] =
        children.reduce((least, child) => Math.min(least, layers[child] ?? 0), count) - 1;
    }
  });
  return layers;
}

/** Nodes that hang together, in the order of their first node. */
function components(count: number, below: number[][]): number[][] {
  const root = Int32Array.from({ length: count }, (_, i) => i);
  const find = (node: number): number => {
    let at = node;
    while (root[at] !== at) {
      root[at] = root[root[at] ?? at] ?? at;
      at = root[at] ?? at;
    }
    return at;
  };
  below.forEach((children, node) => {
    for (const child of children) {
      root[find(child)] = find(node);
    }
  });
  const found = new Map<number, number[]>();
  for (let node = 0; node < count; node += 1) {
    const key = find(node);
    const nodes = found.get(key);
    if (nodes === undefined) {
      found.set(key, [node]);
    } else {
      nodes.push(node);
    }
  }
  return [...found.values()];
}

interface IBlock {
  readonly nodes: readonly number[];
  readonly width: number;
  readonly height: number;
}

/** Lay out one component, its upper left corner at (0, 0). */
function block(
  nodes: number[],
  layers: Int32Array,
  above: number[][],
  below: number[][],
  x: Float64Array,
  y: Float64Array
): IBlock {
  const rows: number[][] = [];
  for (const node of nodes) {
    const layer = layers[node] ?? 0;
    (rows[layer] ??= []).push(node);
  }
  for (const row of rows) {
    spread(row, x);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const isDown = sweep % 2 === 0;
    const order = isDown ? rows.slice(1) : rows.slice(0, -1).reverse();
    for (const row of order) {
      settle(row, isDown ? above : below, x);
    }
  }
  const xs = nodes.map(node => x[node] ?? 0);
  const left = xs.reduce((a, b) => Math.min(a, b), Infinity);
  const right = xs.reduce((a, b) => Math.max(a, b), -Infinity);
  const width = right - left;
  const gap = Math.max(LAYER_GAP, width / ASPECT / Math.max(1, rows.length - 1) / 1.5);
  for (const node of nodes) {
    x[node] = (x[node] ?? 0) - left;
    y[node] = -(layers[node] ?? 0) * gap;
  }
  return { nodes, width, height: (rows.length - 1) * gap };
}

/** Put a row's nodes side by side. */
function spread(row: readonly number[], x: Float64Array): void {
  row.forEach((node, i) => (x[node] = (i - (row.length - 1) / 2) * SPACING));
}

/** Move a row's nodes to the middle of their neighbours in the next row, SPACING apart. */
function settle(row: number[], neighbours: number[][], x: Float64Array): void {
  const wish = new Map(
    row.map(node => {
      const others = neighbours[node] ?? [];
      const sum = others.reduce((total, other) => total + (x[other] ?? 0), 0);
      return [node, others.length === 0 ? (x[node] ?? 0) : sum / others.length];
    })
  );
  const wished = (node: number) => wish.get(node) ?? 0;
  row.sort((a, b) => wished(a) - wished(b) || (x[a] ?? 0) - (x[b] ?? 0));
  // runs of nodes that would overlap share their shift: each run stands in the middle of its wishes
  const runs: { first: number; count: number; sum: number }[] = [];
  row.forEach((node, i) => {
    let run = { first: i, count: 1, sum: wished(node) };
    for (let last = runs.at(-1); last !== undefined; last = runs.at(-1)) {
      const room = ((last.count + run.count) / 2) * SPACING;
      if (run.sum / run.count - last.sum / last.count >= room) {
        break;
      }
      runs.pop();
      run = { first: last.first, count: last.count + run.count, sum: last.sum + run.sum };
    }
    runs.push(run);
  });
  for (const { first, count, sum } of runs) {
    for (let i = 0; i < count; i += 1) {
      x[row[first + i] ?? 0] = sum / count + (i - (count - 1) / 2) * SPACING;
    }
  }
}

/** Put components side by side in rows, the tallest first, as wide as a screen. */
function pack(blocks: readonly IBlock[], x: Float64Array, y: Float64Array): void {
  const area = blocks.reduce(
    (sum, b) => sum + (b.width + COMPONENT_GAP) * (b.height + COMPONENT_GAP),
    0
  );
  const widest = blocks.reduce((most, b) => Math.max(most, b.width), 0);
  const pageWidth = Math.max(widest, Math.sqrt(area * ASPECT));
  let left = 0;
  let top = 0;
  let rowHeight = 0;
  for (const b of [...blocks].sort((a, c) => c.height - a.height || c.width - a.width)) {
    if (left > 0 && left + b.width > pageWidth) {
      left = 0;
      top -= rowHeight + COMPONENT_GAP;
      rowHeight = 0;
    }
    for (const node of b.nodes) {
      x[node] = (x[node] ?? 0) + left;
      y[node] = (y[node] ?? 0) + top;
    }
    left += b.width + COMPONENT_GAP;
    rowHeight = Math.max(rowHeight, b.height);
  }
}
