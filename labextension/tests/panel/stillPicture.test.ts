/** A graph's output: the picture of stillPicture.ts around a renderer as ipywidgets has it. */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Panel, Widget } from '@lumino/widgets';
import { beforeEach, expect, it } from 'vitest';
import { GRAPH_MIMETYPE, withPicture } from '../../src/panel/stillPicture';

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><title>a &amp; "b"</title></svg>';
const trans = nullTranslator.load('graph_ext');

/** Writes words first, and may have a widget afterwards. */
class Renderer extends Panel implements IRenderMime.IRenderer {
  asked = 0;

  renderModel(_model: IRenderMime.IMimeModel): Promise<void> {
    this.asked += 1;
    this.node.textContent = 'Loading widget...';
    return Promise.resolve();
  }

  failed(): void {
    this.node.textContent = 'Error displaying widget: model not found';
  }

  succeeded(): Widget {
    const widget = new Widget();
    this.node.textContent = '';
    this.addWidget(widget);
    return widget;
  }
}

function model(trusted: boolean, svg: unknown = SVG): IRenderMime.IMimeModel {
  const data = { [GRAPH_MIMETYPE]: { session_id: 's1', name: 'Plan' }, 'image/svg+xml': svg };
  return { trusted, data, metadata: {}, setData: () => undefined } as IRenderMime.IMimeModel;
}

/** Observers of changes in the page are called before this goes on. */
const observed = (): Promise<void> => new Promise(resolve => setTimeout(resolve));

let renderer: Renderer;
let names: Map<string, string>;
let opened: string[];
const list = {};
const changed = new Signal<object, void>(list);

beforeEach(() => {
  renderer = new Renderer();
  names = new Map();
  opened = [];
  withPicture(
    renderer,
    { changed, nameOf: id => names.get(id), open: id => void opened.push(id) },
    trans
  );
});

const image = (): HTMLImageElement | null => renderer.node.querySelector('img');

it('shows the picture instead of what ipywidgets says without a widget', async () => {
  await renderer.renderModel(model(true));
  await observed();
  expect(decodeURIComponent(image()?.src ?? '')).toContain(SVG);
  renderer.failed();
  await observed();
  expect(image()?.alt).toBe('Picture of the graph "Plan"');
  expect(renderer.node.textContent).not.toContain('widget');
  expect(renderer.asked).toBe(1);
});

it('shows the widget alone once there is one', async () => {
  await renderer.renderModel(model(true));
  await observed();
  const widget = renderer.succeeded();
  await observed();
  expect([...renderer.node.childNodes]).toEqual([widget.node]);
});

it('asks for no widget in a notebook that is not trusted, until it is', async () => {
  await renderer.renderModel(model(false));
  await observed();
  expect(renderer.asked).toBe(0);
  expect(image()).not.toBeNull();
  await renderer.renderModel(model(true));
  expect(renderer.asked).toBe(1);
});

it('takes the picture as files have it, line by line', async () => {
  await renderer.renderModel(model(true, SVG.split(/(?=<title)/)));
  await observed();
  expect(decodeURIComponent(image()?.src ?? '')).toContain(SVG);
});

it('leaves an output without a picture to ipywidgets', async () => {
  await renderer.renderModel(model(true, null));
  await observed();
  expect(renderer.node.textContent).toBe('Loading widget...');
});

it('leads to the graph by the name that the server gives it, while there is such a graph', async () => {
  await renderer.renderModel(model(true));
  await observed();
  expect(renderer.node.querySelector('button')).toBeNull();
  names.set('s1', 'Plan of today');
  changed.emit();
  const button = renderer.node.querySelector('button');
  expect(button?.textContent).toBe('Open "Plan of today"');
  button?.click();
  expect(opened).toEqual(['s1']);
  names.clear();
  changed.emit();
  expect(renderer.node.querySelector('button')).toBeNull();
});
