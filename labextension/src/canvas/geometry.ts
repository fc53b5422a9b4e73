/** Points, boxes and views: the arithmetic between graph units and pixels. */

/** (x, y); graph units with y upwards, or pixels with y downwards, as said where it is used. */
export type Point = readonly [number, number];

export interface ISize {
  readonly width: number;
  readonly height: number;
}

/** The box around some points, graph units. */
export interface IExtent {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

/** What is seen: the middle (graph units) and how many pixels a unit has. */
export interface IView {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** A square frame in graph units: the renderer's own coordinates run from 0 to 1 within it. */
export interface IFrame {
  /** The middle. */
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** The renderer's camera, in frame coordinates. */
export interface ICamera {
  readonly x: number;
  readonly y: number;
  readonly ratio: number;
}

/** Room around a fitted graph; names stand to the right of their nodes. */
const MARGIN_PX = 40;
const RIGHT_MARGIN_PX = 130;
/** No margin takes more than this part of a side. */
const MARGIN_SHARE = 0.18;
/** How much larger than its content a new frame is: growth inside it costs nothing. */
const FRAME_SLACK = 1.5;

/** The box around points; null: there are none. */
export function extentOf(points: Iterable<Point>): IExtent | null {
  let left = Infinity;
  let right = -Infinity;
  let bottom = Infinity;
  let top = -Infinity;
  for (const [x, y] of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    bottom = Math.min(bottom, y);
    top = Math.max(top, y);
  }
  return left === Infinity ? null : { left, right, bottom, top };
}

export function widthOf(extent: IExtent): number {
  return extent.right - extent.left;
}

export function heightOf(extent: IExtent): number {
  return extent.top - extent.bottom;
}

/** A frame with room to grow around a box. */
export function frameAround(extent: IExtent): IFrame {
  const side = Math.max(widthOf(extent), heightOf(extent)) * FRAME_SLACK;
  return {
    x: (extent.left + extent.right) / 2,
    y: (extent.bottom + extent.top) / 2,
    side: side > 0 ? side : 1
  };
}

/** The box lies in the frame, and does not get lost in it. */
export function frameFits(frame: IFrame, extent: IExtent): boolean {
  const half = frame.side / 2;
  const isInside =
    extent.left >= frame.x - half &&
    extent.right <= frame.x + half &&
    extent.bottom >= frame.y - half &&
    extent.top <= frame.y + half;
  return isInside && Math.max(widthOf(extent), heightOf(extent)) * 8 >= frame.side;
}

export function cameraOf(view: IView, frame: IFrame, size: ISize): ICamera {
  return {
    x: 0.5 + (view.x - frame.x) / frame.side,
    y: 0.5 + (view.y - frame.y) / frame.side,
    ratio: Math.min(size.width, size.height) / (view.scale * frame.side)
  };
}

export function viewOf(camera: ICamera, frame: IFrame, size: ISize): IView {
  return {
    x: frame.x + (camera.x - 0.5) * frame.side,
    y: frame.y + (camera.y - 0.5) * frame.side,
    scale: Math.min(size.width, size.height) / (camera.ratio * frame.side)
  };
}

/** The view that shows a whole box, with a margin. */
export function fitView(extent: IExtent, size: ISize): IView {
  const margin = Math.min(MARGIN_PX, Math.min(size.width, size.height) * MARGIN_SHARE);
  const right = Math.max(margin, Math.min(RIGHT_MARGIN_PX, size.width * MARGIN_SHARE));
  const width = widthOf(extent);
  const height = heightOf(extent);
  const scale = Math.min(
    width > 0 ? Math.max(1, size.width - margin - right) / width : Infinity,
    height > 0 ? Math.max(1, size.height - 2 * margin) / height : Infinity
  );
  const known = scale === Infinity ? 1 : scale;
  return {
    x: (extent.left + extent.right) / 2 + (right - margin) / 2 / known,
    y: (extent.bottom + extent.top) / 2,
    scale: known
  };
}

/** The distance of a point from the stretch between two others. */
export function distanceToSegment(p: Point, a: Point, b: Point): number {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / squared;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy);
}

/** The control point of a link's curve (y upwards), as @sigma/edge-curve bends it. */
export function bendOf(a: Point, b: Point, curvature: number): Point {
  return [
    (a[0] + b[0]) / 2 - (b[1] - a[1]) * curvature,
    (a[1] + b[1]) / 2 + (b[0] - a[0]) * curvature
  ];
}
