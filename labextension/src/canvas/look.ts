/** How nodes and links look: sizes that suit the graph, colours of the blueprint or the theme. */
import type { GraphStore, ILink, INode } from '../store/graph';
import { typeColour } from './palette';
import type { Looks } from './looks';
import type { ITheme } from './theme';
import { isColour } from './theme';

export interface INodeLook {
  /** Half its width: pixels at the fitted view. */
  size: number;
  color: string;
  label: string;
}

export type LineType = 'line' | 'arrow' | 'curve' | 'curvedArrow' | 'hairline';

export interface ILineLook {
  size: number;
  color: string;
  type: LineType;
  /** How far a curve bends: its control point's distance, as a share of the line's length. */
  curvature: number;
}

/** Where a link has less room than this, links are hairlines without arrows: square pixels. */
const LINK_ROOM_PX = 200;
const LINK_SIZE = 1.7;
const TREE_SIZE = 1.3;
/** A node's share of the canvas: its radius, of the side of the square that it has for itself. */
const NODE_SHARE = 0.12;
const SMALLEST_SIZE = 1.2;
const LARGEST_SIZE = 10;
/** Sizes come in steps, so that one node more does not change all of them. */
const SIZE_STEP = 1.2;

/** Half the width of a node with few links, pixels at the fitted view: many nodes, small nodes. */
export function baseSize(nodeCount: number, areaPx: number): number {
  const size = NODE_SHARE * Math.sqrt(areaPx / Math.max(1, nodeCount));
  const stepped = SIZE_STEP ** Math.round(Math.log(size) / Math.log(SIZE_STEP));
  return Math.min(LARGEST_SIZE, Math.max(SMALLEST_SIZE, stepped));
}

/** Whether there are more links than can be drawn in full. */
export function isDense(linkCount: number, areaPx: number): boolean {
  return linkCount * LINK_ROOM_PX > areaPx;
}

export function nodeLook(
  store: GraphStore,
  looks: Looks,
  theme: ITheme,
  node: INode,
  base: number
): INodeLook {
  return {
    size: nodeSize(store, looks, node.node_id, base),
    color: looks.colour(node, theme),
    label: looks.label(node)
  };
}

/** More links, larger, where no value decides: at most 2.2 times the base. */
export function nodeSize(store: GraphStore, looks: Looks, nodeId: string, base: number): number {
  const links = store.degree(nodeId);
  return looks.size(nodeId, base * (1 + Math.min(1.2, Math.log2(1 + links) / 6)), base);
}

export function linkLook(
  store: GraphStore,
  theme: ITheme,
  link: ILink,
  curvature: number,
  isHairline: boolean
): ILineLook {
  const colour = store.blueprint.link_types?.[link.link_type_id]?.colour ?? '';
  const isDirected = store.blueprint.directed !== false;
  const straight = isDirected ? 'arrow' : 'line';
  const curved = isDirected ? 'curvedArrow' : 'curve';
  return {
    size: LINK_SIZE,
    color: isColour(colour) ? colour : isHairline ? theme.tree : theme.link,
    type: isHairline ? 'hairline' : curvature === 0 ? straight : curved,
    curvature
  };
}

/** The line from a parent to its child: pale, thin, no arrow. */
export function treeLook(theme: ITheme, isHairline: boolean): ILineLook {
  const type = isHairline ? 'hairline' : 'line';
  return { size: TREE_SIZE, color: theme.tree, type, curvature: 0 };
}

/** The colour of a node's type. */
export function nodeColour(store: GraphStore, theme: ITheme, node: INode): string {
  const typeId = node.blueprint_type_id;
  const colour = store.blueprint.node_types?.[typeId]?.colour ?? '';
  if (isColour(colour)) {
    return colour;
  }
  return typeId === '' ? theme.node : typeColour(typeId);
}
