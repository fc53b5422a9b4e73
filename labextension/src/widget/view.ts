/** One view of the widget: a session's canvas in a notebook's output, and the model it shares. */
import type { IDisposable } from '@lumino/disposable';
import type { IMovedNode, ISelection, LayoutName } from '../canvas/canvas';
import { GraphCanvas } from '../canvas/canvas';
import type { IChannels } from '../canvas/looks';
import type { Command, Commit } from '../protocol';
import { othersOf } from '../canvas/others';
import { deletion, placement } from '../session/edits';
import { GraphError } from '../session/errors';
import { peopleOf } from '../session/people';
import { PRESENTED } from '../session/presenting';
import type { SessionClient } from '../session/client';
import type { IBarHost } from './bar';
import { Bar, counted } from './bar';
import type { IComm } from './comm';
import { Legend } from './legend';
import { SessionLink } from './link';
import { pageServer } from './page';
import { PointerTeller } from './pointing';
import { withValues } from './values';

/** The traits of graph_ext/widget/widget.py. */
export interface ITraits {
  session_id: string;
  name: string;
  /** The path of the kernel's server. */
  base_url: string;
  transport: 'auto' | 'relay';
  /** A CSS length. */
  height: string;
  graph_layout: '' | LayoutName;
  /** As they were when Python last set them all; single values come by messages. */
  looks: IChannels;
  /** What Python wants to hear of the pointer: click, hover. */
  listens: string[];
  selection: { nodes?: string[]; links?: string[] };
  status: string;
  error: string;
}

/** As much of a widget's model as a view needs. */
export interface IModel extends IComm {
  get<K extends keyof ITraits>(trait: K): ITraits[K];
  set<K extends keyof ITraits>(trait: K, value: ITraits[K]): void;
  save_changes(): void;
  on(event: string, callback: (content: unknown) => void): void;
  off(event: string, callback: (content: unknown) => void): void;
}

/** How long a notice stays. */
const NOTICE_MS = 8_000;

export class WidgetView implements IDisposable, IBarHost {
  constructor(
    private readonly _model: IModel,
    el: HTMLElement
  ) {
    this._root = document.createElement('div');
    this._root.className = 'gx-widget';
    // JupyterLab's shortcuts would take the canvas's keys
    this._root.dataset['lmSuppressShortcuts'] = 'true';
    this._bar = new Bar(this);
    this._stage = document.createElement('div');
    this._stage.className = 'gx-widget-stage';
    this._notice = document.createElement('div');
    this._notice.className = 'gx-notice';
    this._notice.setAttribute('role', 'alert');
    this._stage.append(this._legend.root);
    this._pointer = new PointerTeller(_model, this._stage);
    this._root.append(this._bar.root, this._stage, this._notice);
    el.append(this._root);
    this._looks = _model.get('looks');

    this._link = new SessionLink({
      sessionId: _model.get('session_id'),
      server: _model.get('transport') === 'relay' ? null : pageServer(_model.get('base_url')),
      comm: _model,
      label: 'notebook widget'
    });
    this._link.changed.connect(() => {
      this._canvas.dispose();
      this._canvas = this._show();
    });
    this._canvas = this._show();
    this._onHeight();
    _model.on('change:height', this._onHeight);
    _model.on('change:selection', this._onSelection);
    _model.on('change:graph_layout', this._onLayout);
    _model.on('change:looks', this._onLooks);
    _model.on('msg:custom', this._onMessage);
    this._root.addEventListener('keydown', this._onKey);
  }

  get isDisposed(): boolean {
    return this._link.isDisposed;
  }

  dispose(): void {
    this._model.off('change:height', this._onHeight);
    this._model.off('change:selection', this._onSelection);
    this._model.off('change:graph_layout', this._onLayout);
    this._model.off('change:looks', this._onLooks);
    this._model.off('msg:custom', this._onMessage);
    clearTimeout(this._noticeTimer);
    this._pointer.dispose();
    this._canvas.dispose();
    this._link.dispose();
    this._root.remove();
  }

  fit(): void {
    this._canvas.fit();
  }

  arrange(name: LayoutName): void {
    void this._canvas.layout(name).then(positions => {
      if (this._isEditable && positions.size > 0) {
        void this._submit(placement(positions, `Layout: ${name}`));
      }
    });
  }

  undo(): void {
    void this._submit({ type: 'undo' });
  }

  redo(): void {
    void this._submit({ type: 'redo' });
  }

  reconnect(): void {
    this._link.retryNow();
  }

  /** Show the link's client: the first, or the one after it. */
  private _show(): GraphCanvas {
    const { client } = this._link;
    const layout = this._model.get('graph_layout');
    const canvas = new GraphCanvas({
      host: this._stage,
      store: client.store,
      wheel: 'focused',
      channels: this._looks,
      ...(layout === '' ? {} : { layout })
    });
    canvas.selectionChanged.connect(() => this._share(canvas.selection));
    canvas.nodesMoved.connect((_, moved) => this._move(moved));
    canvas.deleteRequested.connect(() => this._delete());
    canvas.drawn.connect(() => this._legend.show(canvas.legend));
    this._pointer.follow(canvas, client.store);
    client.statusChanged.connect(() => this._onStatus(client));
    client.renamed.connect((_, name) => this._bar.name(name));
    client.store.changed.connect(store => this._bar.counts(store.nodes.size, store.links.size));
    const showOthers = (): void => canvas.showOthers(othersOf(peopleOf(client.roster)));
    client.roster.changed.connect(showOthers);
    showOthers();
    this._bar.name(client.name === '' ? this._model.get('name') : client.name);
    this._onStatus(client);
    return canvas;
  }

  private _onStatus(client: SessionClient): void {
    const { status, progress, error, readOnly } = client;
    const texts = {
      connecting: 'connecting…',
      loading: 'loading…',
      live: this._isEditable ? 'live' : 'live, read only',
      offline: 'offline, retrying',
      ended: 'ended'
    };
    const loaded = progress === null || progress.total === 0 ? null : progress;
    const percent = loaded === null ? 0 : Math.floor((100 * loaded.loaded) / loaded.total);
    this._bar.state(
      status,
      loaded === null ? texts[status] : `loading ${percent} %`,
      status === 'live' && this._isEditable
    );
    const problem = error?.text ?? readOnly;
    if (problem !== this._model.get('error') && problem !== '') {
      this._say(problem, status === 'ended');
    }
    this._set('status', status);
    this._set('error', problem);
    if (status === 'live') {
      this._onSelection();
    }
  }

  private get _isEditable(): boolean {
    const { role, readOnly } = this._link.client;
    return role !== 'viewer' && readOnly === '';
  }

  private _move(moved: readonly IMovedNode[]): void {
    if (this._isEditable) {
      const positions = moved.map(({ node_id, position }) => [node_id, position] as const);
      void this._submit(placement(positions, 'Move nodes'));
    }
  }

  private _delete(): void {
    if (!this._isEditable) {
      this._say('This graph can’t be changed from here: you may only read it.');
      return;
    }
    const { store } = this._link.client;
    const { command, nodes, links } = deletion(store, this._canvas.selection, 'Delete selection');
    if (command !== null) {
      void this._submit(command).then(commit => {
        if (commit !== null) {
          this._say(
            `Deleted ${counted(nodes, 'node')}, ${counted(links, 'link')}. Undo brings them back.`
          );
        }
      });
    }
  }

  private async _submit(command: Command): Promise<Commit | null> {
    try {
      return await this._link.client.submit(command);
    } catch (error) {
      if (!(error instanceof GraphError)) {
        throw error;
      }
      if (!this.isDisposed) {
        this._say(error.text);
      }
      return null;
    }
  }

  private _say(text: string, stays = false): void {
    clearTimeout(this._noticeTimer);
    this._notice.textContent = text;
    if (!stays) {
      this._noticeTimer = setTimeout(() => (this._notice.textContent = ''), NOTICE_MS);
    }
  }

  /** The canvas's selection becomes the model's. */
  private _share(selection: ISelection): void {
    const shown = [...selection.nodes, ...selection.links].slice(0, PRESENTED);
    this._link.client.present({ selection: shown });
    if (!this._isTaking) {
      this._model.set('selection', { nodes: [...selection.nodes], links: [...selection.links] });
      this._save();
    }
  }

  private _set(trait: 'status' | 'error', value: string): void {
    if (this._model.get(trait) !== value) {
      this._model.set(trait, value);
      this._save();
    }
  }

  private _save(): void {
    try {
      this._model.save_changes();
    } catch (error) {
      // the kernel is gone: the view goes on without it
      console.warn('graph_ext: the kernel does not hear of this', error);
    }
  }

  private readonly _onLooks = (): void => {
    this._looks = this._model.get('looks');
    this._canvas.channels = this._looks;
  };

  private readonly _onMessage = (message: unknown): void => {
    const looks = withValues(this._looks, message);
    if (looks !== null) {
      this._looks = looks;
      this._canvas.channels = looks;
    }
  };

  private readonly _onHeight = (): void => {
    this._root.style.height = this._model.get('height');
  };

  /** The model's selection becomes the canvas's; what has not been loaded yet waits in the model. */
  private readonly _onSelection = (): void => {
    this._isTaking = true;
    this._canvas.select(this._model.get('selection'));
    this._isTaking = false;
  };

  private readonly _onLayout = (): void => {
    const name = this._model.get('graph_layout');
    if (name !== '') {
      void this._canvas.layout(name);
    }
  };

  private readonly _onKey = (event: KeyboardEvent): void => {
    const isUndo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z';
    if (isUndo && this._isEditable) {
      event.preventDefault();
      event.stopPropagation();
      if (event.shiftKey) {
        this.redo();
      } else {
        this.undo();
      }
    }
  };

  private readonly _root: HTMLElement;
  private readonly _bar: Bar;
  private readonly _stage: HTMLElement;
  private readonly _notice: HTMLElement;
  private readonly _legend = new Legend();
  private readonly _pointer: PointerTeller;
  declare private _looks: IChannels;
  private readonly _link: SessionLink;
  declare private _canvas: GraphCanvas;
  /** The selection is coming from the model: it need not go back. */
  private _isTaking = false;
  private _noticeTimer: ReturnType<typeof setTimeout> | undefined;
}
