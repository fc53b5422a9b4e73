import { describe, expect, test } from 'vitest';
import type { IExtent } from '../../src/canvas/geometry';
import {
  bendOf,
  cameraOf,
  distanceToSegment,
  extentOf,
  fitView,
  frameAround,
  frameFits,
  viewOf
} from '../../src/canvas/geometry';
import { typeColour } from '../../src/canvas/palette';
import { toGraph, toScreen } from '../../src/canvas/renderer';
import { isColour, themeOf } from '../../src/canvas/theme';

const SIZE = { width: 900, height: 600 };
const BOX: IExtent = { left: -50, right: 150, bottom: 10, top: 60 };

describe('views', () => {
  test('a fitted box lies wholly in the viewport, with room for names on the right', () => {
    const view = fitView(BOX, SIZE);
    const [left, top] = toScreen([BOX.left, BOX.top], view, SIZE);
    const [right, bottom] = toScreen([BOX.right, BOX.bottom], view, SIZE);
    expect(left).toBeGreaterThanOrEqual(20);
    expect(SIZE.width - right).toBeGreaterThan(left);
    expect(top).toBeGreaterThan(0);
    expect(bottom).toBeLessThan(SIZE.height);
  });

  test('a single point is shown in the middle', () => {
    const view = fitView({ left: 5, right: 5, bottom: 7, top: 7 }, SIZE);
    expect(Number.isFinite(view.scale)).toBe(true);
    expect(toScreen([5, 7], view, SIZE)[1]).toBeCloseTo(300);
  });

  test('pixels and graph units convert both ways', () => {
    const view = { x: 3, y: -4, scale: 2.5 };
    const [x, y] = toGraph(toScreen([12, 34], view, SIZE), view, SIZE);
    expect([x, y]).toEqual([12, 34]);
  });

  test('another frame shows the same, with another camera', () => {
    const view = { x: 20, y: 30, scale: 4 };
    for (const frame of [frameAround(BOX), { x: 1_000, y: -5, side: 12 }]) {
      const seen = viewOf(cameraOf(view, frame, SIZE), frame, SIZE);
      expect(seen.x).toBeCloseTo(view.x);
      expect(seen.y).toBeCloseTo(view.y);
      expect(seen.scale).toBeCloseTo(view.scale);
    }
  });

  test('a frame holds until the graph grows out of it, or gets lost in it', () => {
    const frame = frameAround(BOX);
    expect(frameFits(frame, BOX)).toBe(true);
    expect(frameFits(frame, { ...BOX, right: 10_000 })).toBe(false);
    expect(frameFits(frame, { left: 0, right: 1, bottom: 20, top: 21 })).toBe(false);
  });
});

test('the box around points; none around none', () => {
  expect(
    extentOf([
      [1, 2],
      [-3, 4]
    ])
  ).toEqual({ left: -3, right: 1, bottom: 2, top: 4 });
  expect(extentOf([])).toBeNull();
});

test('distances to a stretch are measured to its nearest point', () => {
  expect(distanceToSegment([5, 3], [0, 0], [10, 0])).toBe(3);
  expect(distanceToSegment([13, 4], [0, 0], [10, 0])).toBe(5);
  expect(distanceToSegment([3, 4], [0, 0], [0, 0])).toBe(5);
});

test('a curve bends to the left of its direction', () => {
  expect(bendOf([0, 0], [10, 0], 0.5)).toEqual([5, 5]);
});

describe('colours', () => {
  test('types have different colours while there are enough, and keep them', () => {
    const types = ['alpha', 'beta', 'gamma', 'delta'];
    const colours = types.map(typeColour);
    expect(new Set(colours).size).toBe(4);
    expect(types.map(typeColour)).toEqual(colours);
  });

  test('of the blueprint only plain ones are drawn with', () => {
    expect(['#abc', '#A1B2C3', 'red', 'url(x)', '#12345', ''].map(isColour)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false
    ]);
  });

  test('a dark page gets light lines, a light one dark ones', () => {
    const light = themeOf([255, 255, 255], [33, 33, 33], [0, 0, 255], '');
    const dark = themeOf([17, 17, 17], [224, 224, 224], [0, 0, 255], '');
    expect([light.isDark, dark.isDark]).toEqual([false, true]);
    const brightness = (colour: string) => Number(/\d+/.exec(colour)?.[0]);
    expect(brightness(light.link)).toBeLessThan(200);
    expect(brightness(dark.link)).toBeGreaterThan(60);
    // lines to parents are the paler ones
    expect(brightness(light.tree)).toBeGreaterThan(brightness(light.link));
    expect(brightness(dark.tree)).toBeLessThan(brightness(dark.link));
  });
});
