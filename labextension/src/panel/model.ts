/** What a graph tab is about: a session, a selection, a search, and the link being drawn. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { ISelection } from '../canvas/canvas';
import type { Command, Commit } from '../protocol';
import type { SessionClient } from '../session/client';
import type { IPerson } from '../session/people';
import { peopleOf } from '../session/people';
import { PRESENTED } from '../session/presenting';
import type { Roster } from '../session/roster';
import type { GraphStore, IGraphChange } from '../store/graph';
import { confirmForcedUndo } from './deletionDialog';
import type { ILinkEnds, LinkStep } from './linking';
import { pick } from './linking';
import { inform, notify } from './notices';
import { GraphSearch } from './search';
import type { ReadHistory } from './undoing';
import { Undoing } from './undoing';

export const NOTHING: ISelection = { nodes: [], links: [] };

export class GraphModel implements IDisposable {
  constructor(
    readonly client: SessionClient,
    readonly trans: TranslationBundle,
    readHistory: ReadHistory
  ) {
    const talk = {
      inform,
      refuse: (error: unknown) => notify(error, trans),
      confirmForce: (why: string) => confirmForcedUndo(why, trans)
    };
    this.undoing = new Undoing(client, readHistory, talk, trans);
    this.search = new GraphSearch(client.store);
    client.store.changed.connect(this._onGraph, this);
    client.statusChanged.connect(this._onStatus, this);
    client.roster.changed.connect(this._onRoster, this);
    this._people = peopleOf(client.roster);
  }

  readonly search: GraphSearch;
  readonly undoing: Undoing;

  /** The type of the last link made here: the next is often of the same. */
  linkType = '';

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get store(): GraphStore {
    return this.client.store;
  }

  /** Who else is here. */
  get people(): readonly IPerson[] {
    return this._people;
  }

  get peopleChanged(): ISignal<this, void> {
    return this._peopleChanged;
  }

  get selection(): ISelection {
    return this._selection;
  }

  get selectionChanged(): ISignal<this, void> {
    return this._selectionChanged;
  }

  /** `editable`, `isLive`, `linking` or `isBusy` has changed. */
  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  /** A node is to be brought into view: in the outline and in the canvas. */
  get revealed(): ISignal<this, string> {
    return this._revealed;
  }

  /** Somebody wants to type a node's name, in the outline. */
  get renameRequested(): ISignal<this, string> {
    return this._renameRequested;
  }

  /** Somebody wants to edit a node, in the inspector. */
  get editRequested(): ISignal<this, string> {
    return this._editRequested;
  }

  /** Both ends of a link have been picked. */
  get linked(): ISignal<this, ILinkEnds> {
    return this._linked;
  }

  /** Whether one may change this graph at all; what is changed while offline is sent later. */
  get editable(): boolean {
    const { role, readOnly, status } = this.client;
    return readOnly === '' && role !== 'viewer' && (status === 'live' || status === 'offline');
  }

  /** Whether a change is carried out at once. */
  get isLive(): boolean {
    return this.editable && this.client.status === 'live';
  }

  /** A layout is being worked out. */
  get isBusy(): boolean {
    return this._isBusy;
  }

  get linking(): LinkStep {
    return this._linking;
  }

  select(selection: Partial<ISelection>): void {
    const next = { ...NOTHING, ...selection };
    if (!same(next.nodes, this._selection.nodes) || !same(next.links, this._selection.links)) {
      this._selection = next;
      this.client.present({ selection: [...next.nodes, ...next.links].slice(0, PRESENTED) });
      this._selectionChanged.emit();
    }
  }

  /** Let others see which element's fields are open here; null: none's. */
  setEditing(id: string | null): void {
    this.client.present({ editing: id });
  }

  /** Select by hand: while a link is drawn, a node that is chosen is its next end. */
  choose(selection: Partial<ISelection>): void {
    this.select(selection);
    const [node, second] = selection.nodes ?? [];
    if (this._linking.at !== 'off' && node !== undefined && second === undefined) {
      const step = pick(this._linking, node);
      this.setLinking('step' in step ? step.step : { at: 'off' });
      if ('link' in step) {
        this._linked.emit(step.link);
      }
    }
  }

  /** Select a node and bring it into view. */
  reveal(nodeId: string): void {
    this.select({ nodes: [nodeId] });
    this._revealed.emit(nodeId);
  }

  /** Let people type a node's name. */
  requestRename(nodeId: string): void {
    this._renameRequested.emit(nodeId);
  }

  /** Let people edit a node's name and properties. */
  requestEdit(nodeId: string): void {
    this.select({ nodes: [nodeId] });
    this._editRequested.emit(nodeId);
  }

  setLinking(step: LinkStep): void {
    this._linking = step;
    this._stateChanged.emit();
  }

  setBusy(isBusy: boolean): void {
    this._isBusy = isBusy;
    this._stateChanged.emit();
  }

  /** Ask for a change where there is no field to show a refusal at: it becomes a notice. */
  async submit(command: Command): Promise<Commit | null> {
    try {
      return await this.client.submit(command);
    } catch (error) {
      notify(error, this.trans);
      return null;
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.search.dispose();
      this.undoing.dispose();
      this.client.roster.changed.disconnect(this._onRoster, this);
      this.client.dispose();
      Signal.clearData(this);
    }
  }

  private readonly _onGraph = (store: GraphStore, change: IGraphChange): void => {
    if (change.reset || change.structure) {
      this.select({
        nodes: this._selection.nodes.filter(id => store.nodes.has(id)),
        links: this._selection.links.filter(id => store.links.has(id))
      });
      if (this._linking.at === 'target' && !store.nodes.has(this._linking.source)) {
        this.setLinking({ at: 'off' });
      }
    }
  };

  private readonly _onStatus = (): void => {
    if (!this.isLive && this._linking.at !== 'off') {
      this._linking = { at: 'off' };
    }
    this._stateChanged.emit();
  };

  private readonly _onRoster = (roster: Roster): void => {
    this._people = peopleOf(roster);
    this._peopleChanged.emit();
  };

  private _isDisposed = false;
  private _isBusy = false;
  private _selection: ISelection = NOTHING;
  private _linking: LinkStep = { at: 'off' };
  private _people: readonly IPerson[] = [];
  private readonly _peopleChanged = new Signal<this, void>(this);
  private readonly _selectionChanged = new Signal<this, void>(this);
  private readonly _stateChanged = new Signal<this, void>(this);
  private readonly _revealed = new Signal<this, string>(this);
  private readonly _renameRequested = new Signal<this, string>(this);
  private readonly _linked = new Signal<this, ILinkEnds>(this);
  private readonly _editRequested = new Signal<this, string>(this);
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
