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

function names(...nodes: ReturnType<typeof at>[]): Written[] {
  const { written, context } = paper();
  const layer = new LabelLayer();
  nodes.forEach(node => layer.add(node));
  layer.draw(context, SIZE, FONT, THEME, [{ x: 250, y: 180, size: 20 }]);
  return written;
}

test('a name stands right of its node, and left where there is no room for it', () => {
  expect(names(at(50, 50, 'right'), at(290, 100, 'left'))).toEqual([
    ['right', 60, 54],
    ['left', 240, 104]
  ]);
});

test('a name is cut where the next node is or the canvas ends', () => {
  const row = names(at(20, 50, 'in the way'), at(106, 52, 'free'));
  expect(row).toEqual([
    ['in th…', 30, 54],
    ['free', 116, 56]
  ]);
  expect(names(at(20, 50, 'x'.repeat(40)))).toEqual([[`${'x'.repeat(25)}…`, 30, 54]]);
});

test('a name is not written over a node that has none', () => {
  expect(names(at(180, 180, 'xxxxx'))).toEqual([['xxxxx', 120, 184]]);
});

test('what would be left of a name is too little, and it is not written', () => {
  expect(names(at(20, 50, 'hidden'), at(70, 52, 'shown')).map(([text]) => text)).toEqual(['shown']);
});

test('no name is written over another', () => {
  const over = names({ ...at(20, 50, 'abcdef'), size: 8 }, { ...at(30, 62, 'no'), size: 4 });
  expect(over.map(([text]) => text)).toEqual(['abcdef']);
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
