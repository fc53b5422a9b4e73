/** Where names are written: a drawing context that notes it, each letter ten pixels wide. */
import { expect, test } from 'vitest';
import { drawPlate, LabelLayer } from '../../src/canvas/labels';
import type { ITheme } from '../../src/canvas/theme';

const SIZE = { width: 300, height: 200 };
const FONT = { labelSize: 12, labelFont: 'serif' };
const THEME = { background: '#ffffff', text: '#000000', link: '#888888' } as ITheme;

type Written = [text: string, left: number, base: number];

function paper(): { written: Written[]; context: CanvasRenderingContext2D } {
  const written: Written[] = [];
  const nothing = (): void => undefined;
  const context = {
    measureText: (text: string) => ({ width: 10 * text.length }),
    fillText: (...[text, left, base]: Written) => written.push([text, left, base]),
    ...Object.fromEntries(
      ['clearRect', 'strokeText', 'beginPath', 'roundRect', 'fill', 'stroke'].map(name => [
        name,
        nothing
      ])
    )
  };
  return { written, context: context as unknown as CanvasRenderingContext2D };
}

const at = (x: number, y: number, label: string) => ({ x, y, size: 6, label });

test('a name stands right of its node, and left where it would be cut off', () => {
  const { written, context } = paper();
  const layer = new LabelLayer();
  layer.add(at(50, 50, 'right'));
  layer.add(at(290, 100, 'left'));
  layer.add(at(20, 150, 'no room for this one anywhere'));
  layer.draw(context, SIZE, FONT, THEME);
  expect(written).toEqual([
    ['right', 60, 54],
    ['left', 240, 104],
    ['no room for this one anywhere', 30, 154]
  ]);
});

test('a long name is cut, and no name is written over another', () => {
  const { written, context } = paper();
  const layer = new LabelLayer();
  layer.add(at(0, 50, 'x'.repeat(40)));
  layer.add(at(20, 52, 'hidden'));
  layer.draw(context, SIZE, FONT, THEME);
  expect(written.map(([text]) => text)).toEqual([`${'x'.repeat(31)}…`]);
});

test.each([
  ['beside its node', at(50, 50, 'short'), [66, 54]],
  ['on its other side', at(280, 50, 'short'), [214, 54]],
  ['below it, where neither has room', at(150, 50, 'a name of twenty-six chars'), [35, 74]]
])('the plate of a name stands %s', (_, node, place) => {
  const { written, context } = paper();
  drawPlate(context, node, SIZE, FONT, THEME);
  expect(written[0]?.slice(1)).toEqual(place);
});
