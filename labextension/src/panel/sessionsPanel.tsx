/** The Graphs panel in the left bar: which graphs there are, and what one does with whole graphs. */
import { CommandToolbarButton, ReactWidget } from '@jupyterlab/apputils';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { Panel } from '@lumino/widgets';
import * as React from 'react';
import { CommandIDs } from './commands';
import { graphIcon } from './icons';
import type { SessionList } from './sessionList';
import { SessionRows } from './sessionRows';

/** How often counts and times are read again while the panel is seen, ms. */
const REFRESH_MS = 10_000;

/** Which row is being typed in: a new one, a session's, or none. */
export type Editing = { what: 'new' } | { what: 'rename'; sessionId: string } | null;

/** What the rows ask of the panel. */
export interface ISessionActions {
  open: (sessionId: string) => void;
  delete: (sessionId: string) => void;
}

/** The state of the panel that is no session's. */
export class SessionsPanelModel implements IDisposable {
  constructor(
    readonly list: SessionList,
    readonly actions: ISessionActions,
    readonly trans: TranslationBundle
  ) {}

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get editing(): Editing {
    return this._editing;
  }

  edit(editing: Editing): void {
    this._editing = editing;
    this._changed.emit();
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  private _isDisposed = false;
  private _editing: Editing = null;
  private readonly _changed = new Signal<this, void>(this);
}

export class SessionsPanel extends SidePanel {
  constructor(
    readonly model: SessionsPanelModel,
    commands: CommandRegistry,
    translator: ITranslator
  ) {
    super({ content: new Panel(), translator });
    const { trans } = model;
    this.id = 'graph-ext-sessions';
    this.addClass('jp-graphext-Sessions');
    this.title.icon = graphIcon;
    this.title.caption = trans.__('Graphs');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Graphs'));
    for (const [name, id, args] of [
      ['new', CommandIDs.create, { inline: true }],
      ['refresh', CommandIDs.refresh, {}]
    ] as const) {
      const button = new CommandToolbarButton({ commands, id, args, label: '' });
      button.node.dataset['testid'] = `graphext-${name}`;
      this.toolbar.addItem(name, button);
    }
    this.toolbar.node.setAttribute('aria-label', trans.__('Graphs'));
    const rows = ReactWidget.create(<SessionRows model={model} />);
    rows.addClass('jp-graphext-Sessions-body');
    this.addWidget(rows);
    this._poll = new Poll({
      name: 'graph-ext:sessions',
      auto: false,
      factory: () => model.list.refresh(),
      frequency: { interval: REFRESH_MS, backoff: false },
      standby: () => (this.isVisible ? 'when-hidden' : true)
    });
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._poll.dispose();
      super.dispose();
      this.model.dispose();
    }
  }

  protected override onAfterShow(): void {
    void this._poll.start().then(() => this._poll.refresh());
  }

  protected override onActivateRequest(): void {
    const node = this.node.querySelector<HTMLElement>(
      '.jp-graphext-Session[tabindex="0"], .jp-graphext-Sessions-body input, button'
    );
    node?.focus();
  }

  private readonly _poll: Poll;
}
