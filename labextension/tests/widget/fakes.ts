/** A widget's model without a kernel: traits, and what the page sent to the other side. */
import type { IModel, ITraits } from '../../src/widget/view';

export interface ISent {
  kind: string;
  view: string;
  data?: string;
}

export class FakeModel implements IModel {
  constructor(traits: Partial<ITraits> = {}) {
    Object.assign(this.traits, traits);
  }

  readonly traits: ITraits = {
    session_id: 'f'.repeat(32),
    name: 'plan',
    base_url: '/',
    transport: 'relay',
    height: '480px',
    graph_layout: '',
    looks: {},
    listens: [],
    selection: { nodes: [], links: [] },
    status: '',
    error: ''
  };
  readonly sent: ISent[] = [];
  /** How often the page wrote to the kernel. */
  saves = 0;

  get<K extends keyof ITraits>(trait: K): ITraits[K] {
    return this.traits[trait];
  }

  set<K extends keyof ITraits>(trait: K, value: ITraits[K]): void {
    this.traits[trait] = value;
    this.fire(`change:${trait}`);
  }

  save_changes(): void {
    this.saves += 1;
  }

  send(content: unknown): void {
    this.sent.push(content as ISent);
  }

  on(event: string, callback: (content: unknown) => void): void {
    this._callbacks(event).add(callback);
  }

  off(event: string, callback: (content: unknown) => void): void {
    this._callbacks(event).delete(callback);
  }

  /** Something happens to the model: a trait changed, or the kernel sent a message. */
  fire(event: string, content?: unknown): void {
    [...this._callbacks(event)].forEach(callback => callback(content));
  }

  /** The kernel's relay says something to the view that opened last. */
  relay(kind: string, data = ''): void {
    const view = this.sent.filter(message => message.kind === 'open').at(-1)?.view;
    this.fire('msg:custom', { kind, view, data });
  }

  /** How many listeners are left. */
  get listeners(): number {
    return [...this._listening.values()].reduce((sum, callbacks) => sum + callbacks.size, 0);
  }

  private _callbacks(event: string): Set<(content: unknown) => void> {
    const callbacks = this._listening.get(event) ?? new Set();
    this._listening.set(event, callbacks);
    return callbacks;
  }

  private readonly _listening = new Map<string, Set<(content: unknown) => void>>();
}
