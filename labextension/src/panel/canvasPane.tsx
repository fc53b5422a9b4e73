/** The middle of a graph tab: the canvas, and what is said over it. */
import { ReactWidget } from '@jupyterlab/apputils';
import { Panel, Widget } from '@lumino/widgets';
import * as React from 'react';
import { GraphCanvas } from '../canvas/canvas';
import { othersOf } from '../canvas/others';
import { placement } from '../session/edits';
import { useSignals } from './hooks';
import type { GraphModel } from './model';

/** What the pane can't do by itself. */
export interface ICanvasActions {
  deleteSelection: () => void;
  addNode: () => void;
  /** The graph is gone: close its tab. */
  close: () => void;
  retry: () => void;
}

/** Holds the canvas; makes it as soon as there is room to draw in. */
export class CanvasPane extends Panel {
  constructor(
    readonly model: GraphModel,
    private readonly _actions: ICanvasActions
  ) {
    super();
    this.addClass('jp-graphext-CanvasPane');
    this._host.addClass('jp-graphext-Canvas');
    this._host.addClass('jp-graphext-mod-keys');
    this._host.node.dataset['testid'] = 'graphext-canvas';
    this.addWidget(this._host);
    const overlay = ReactWidget.create(<Overlay model={model} actions={_actions} />);
    overlay.addClass('jp-graphext-Overlay');
    this.addWidget(overlay);
    model.selectionChanged.connect(this._onModelSelection, this);
    model.search.changed.connect(this._onSearch, this);
    model.revealed.connect(this._onRevealed, this);
    model.peopleChanged.connect(this._onPeople, this);
  }

  /** Null until the tab has been seen. */
  get canvas(): GraphCanvas | null {
    return this._canvas;
  }

  override dispose(): void {
    this._canvas?.dispose();
    this._canvas = null;
    super.dispose();
  }

  protected override onAfterShow(): void {
    this._onRoom();
  }

  protected override onAfterAttach(): void {
    this._onRoom();
  }

  protected override onResize(): void {
    this._onRoom();
  }

  private _onRoom(): void {
    const { clientWidth, clientHeight } = this._host.node;
    if (clientWidth === 0 || clientHeight === 0) {
      return;
    }
    if (this._canvas) {
      this._canvas.resize();
      return;
    }
    const { trans, store } = this.model;
    const canvas = new GraphCanvas({
      host: this._host.node,
      store,
      translate: text => trans.__(text)
    });
    canvas.selectionChanged.connect(this._onCanvasSelection, this);
    canvas.nodesMoved.connect((_, moved) => {
      // who may only look moves nodes for themselves
      if (this.model.editable) {
        const positions = moved.map(({ node_id, position }) => [node_id, position] as const);
        void this.model.submit(placement(positions, 'Move'));
      }
    });
    canvas.activated.connect((_, id) => this.model.requestEdit(id));
    canvas.deleteRequested.connect(() => this._actions.deleteSelection());
    canvas.select(this.model.selection);
    canvas.highlight(this.model.search.results);
    canvas.showOthers(othersOf(this.model.people));
    this._canvas = canvas;
  }

  private readonly _onCanvasSelection = (canvas: GraphCanvas): void => {
    if (!this._isFollowing) {
      this.model.choose(canvas.selection);
    }
  };

  /** Do something to the canvas; what it says of its selection meanwhile is not by hand. */
  private _follow(work: (canvas: GraphCanvas) => void): void {
    if (this._canvas) {
      this._isFollowing = true;
      work(this._canvas);
      this._isFollowing = false;
    }
  }

  private readonly _onModelSelection = (): void => {
    this._follow(canvas => canvas.select(this.model.selection));
  };

  private readonly _onSearch = (): void => {
    this._canvas?.highlight(this.model.search.results);
  };

  private readonly _onPeople = (): void => {
    this._canvas?.showOthers(othersOf(this.model.people));
  };

  private readonly _onRevealed = (_: GraphModel, id: string): void => {
    this._follow(canvas => canvas.focusNode(id));
  };

  private readonly _host = new Widget();
  private _canvas: GraphCanvas | null = null;
  private _isFollowing = false;
}

function Overlay(props: { model: GraphModel; actions: ICanvasActions }): React.JSX.Element {
  const { model, actions } = props;
  const { client, store, trans } = model;
  useSignals(client.statusChanged, model.stateChanged, store.changed);
  const { status, progress } = client;
  if (status === 'ended') {
    const { error } = client;
    const isShut = error?.code === 'FORBIDDEN' || error?.code === 'NOT_FOUND';
    const isLost = isShut && client.name !== '';
    return (
      <Card
        testId="graphext-ended"
        title={
          isLost
            ? trans.__('You have no access to "%1" any more', client.name)
            : trans.__('This graph is not available')
        }
      >
        {!isLost && <p>{error?.text}</p>}
        {isShut && (
          <p>
            {trans.__('An owner of the graph can invite you: with the link, it opens here again.')}
          </p>
        )}
        <button
          type="button"
          className="jp-Button jp-mod-styled jp-mod-accept"
          onClick={actions.close}
        >
          {trans.__('Close tab')}
        </button>
      </Card>
    );
  }
  if (status === 'offline' && client.rev === 0) {
    return (
      <Card testId="graphext-unreachable" title={trans.__('The Jupyter server does not answer')}>
        <p>{client.error?.text ?? trans.__('Trying again by itself.')}</p>
        <button
          type="button"
          className="jp-Button jp-mod-styled jp-mod-accept"
          onClick={actions.retry}
        >
          {trans.__('Try now')}
        </button>
      </Card>
    );
  }
  if (status === 'connecting' || status === 'loading') {
    const share = progress && progress.total > 0 ? progress.loaded / progress.total : null;
    return (
      <Card testId="graphext-loading" title={trans.__('Loading the graph…')}>
        {share === null ? <progress /> : <progress value={share} max={1} />}
      </Card>
    );
  }
  if (model.linking.at !== 'off') {
    return (
      <div className="jp-graphext-Hint" role="status" data-testid="graphext-hint">
        {model.linking.at === 'source'
          ? trans.__('Add link: pick the node it starts from')
          : trans.__(
              'Add link from "%1": pick the node it goes to',
              store.label(model.linking.source)
            )}
        <kbd>Esc</kbd>
      </div>
    );
  }
  if (store.nodes.size === 0) {
    return (
      <Card testId="graphext-empty-graph" title={trans.__('This graph is empty')}>
        <p>{trans.__('Add a node here, or from a notebook; everybody sees it at once.')}</p>
        {model.isLive && (
          <button
            type="button"
            className="jp-Button jp-mod-styled jp-mod-accept"
            onClick={actions.addNode}
          >
            {trans.__('Add node')}
          </button>
        )}
      </Card>
    );
  }
  return <></>;
}

function Card(props: {
  testId: string;
  title: string;
  children: React.ReactNode;
}): React.JSX.Element {
  return (
    <div className="jp-graphext-Card" role="status" data-testid={props.testId}>
      <h2>{props.title}</h2>
      {props.children}
    </div>
  );
}
