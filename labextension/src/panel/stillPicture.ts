/**
 * A graph's output in a notebook: the live widget where there is one, else its still picture.
 *
 * ipywidgets' renderer comes first in JupyterLab, and says "model not found" where there is no kernel
 * any more. Ours stands before it, for a mimetype of our own that goes with each widget
 * (graph_ext/widget/widget.py): it lets theirs do its work, and puts the picture of the same output
 * wherever theirs has only words to show. Used by panel/outputs.ts.
 */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { Panel } from '@lumino/widgets';

/** Says that this output is a graph. `x-`, because VS Code takes anything `vnd.` for the best there is. */
export const GRAPH_MIMETYPE = 'application/x-graph-ext+json';
export const WIDGET_MIMETYPE = 'application/vnd.jupyter.widget-view+json';
const SVG_MIMETYPE = 'image/svg+xml';

/** Where a picture leads. */
export interface IStillActions {
  /** What the server calls a session; undefined: there is none of that id for this person. */
  readonly nameOf: (sessionId: string) => string | undefined;
  /** `nameOf` may say something else now. */
  readonly changed: ISignal<unknown, void>;
  readonly open: (sessionId: string) => void;
}

/**
 * Have a renderer show an output's picture while it has no widget to show.
 *
 * @param renderer one of ipywidgets' own, or an empty panel where ipywidgets is not installed. It
 *   is changed and not wrapped: ipywidgets gives its models only to renderers of its own class that
 *   stand right in the output.
 * @returns the same renderer.
 */
export function withPicture(
  renderer: Panel & IRenderMime.IRenderer,
  actions: IStillActions,
  trans: TranslationBundle
): IRenderMime.IRenderer {
  const { node } = renderer;
  const render = renderer.renderModel.bind(renderer);
  let still: StillPicture | null = null;
  const settle = (): void => {
    if (still === null) {
      return;
    }
    if (renderer.widgets.length > 0) {
      still.root.remove();
    } else if (node.childNodes.length !== 1 || still.root.parentNode !== node) {
      // words, or nothing
      node.replaceChildren(still.root);
    }
  };
  const observer = new MutationObserver(settle);
  observer.observe(node, { childList: true });
  renderer.disposed.connect(() => {
    observer.disconnect();
    still?.dispose();
  });
  renderer.renderModel = async model => {
    still?.dispose();
    const svg = textOf(model.data[SVG_MIMETYPE]);
    still = svg === '' ? null : new StillPicture(svg, model.data[GRAPH_MIMETYPE], actions, trans);
    settle();
    // who does not trust a notebook runs none of its code: the picture is an image and can't
    if (model.trusted) {
      await render(model);
    }
  };
  return renderer;
}

/** The picture as an image, with what it is below. */
class StillPicture implements IDisposable {
  constructor(
    svg: string,
    about: unknown,
    private readonly _actions: IStillActions,
    private readonly _trans: TranslationBundle
  ) {
    const { sessionId, name } = describe(about);
    this._sessionId = sessionId;
    this.root.className = 'jp-graphext-Still';
    this.root.dataset['testid'] = 'graphext-still';
    const image = document.createElement('img');
    // as an image it has no scripts, links or access to the page
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    image.alt = _trans.__('Picture of the graph "%1"', name);
    this.root.append(image, this._caption);
    _actions.changed.connect(this._tell, this);
    this._tell();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._actions.changed.disconnect(this._tell, this);
    this.root.remove();
  }

  private readonly _tell = (): void => {
    const { _actions: actions, _trans: trans, _sessionId: sessionId } = this;
    this._caption.textContent = trans.__('A still picture, from when the cell was run.');
    // the server's name: what a notebook says may be about anything
    const name = actions.nameOf(sessionId);
    if (name !== undefined) {
      const open = document.createElement('button');
      open.type = 'button';
      open.textContent = trans.__('Open "%1"', name);
      open.dataset['testid'] = 'graphext-still-open';
      open.addEventListener('click', () => actions.open(sessionId));
      this._caption.append(' ', open);
    }
  };

  readonly root = document.createElement('figure');
  private readonly _caption = document.createElement('figcaption');
  private readonly _sessionId: string;
  private _isDisposed = false;
}

/** Text as a file has it, too: a list of lines. */
function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join('') : typeof value === 'string' ? value : '';
}

function describe(about: unknown): { sessionId: string; name: string } {
  const said = (typeof about === 'object' ? about : null) as Record<string, unknown> | null;
  return { sessionId: textOf(said?.['session_id']), name: textOf(said?.['name']) };
}
