/** The canvas's elements in the page: the stage that sigma draws on, and what is said around it. */
import type { Point } from './geometry';
import { KEYBOARD_HELP } from './keyboard';

let count = 0;

export class Shell {
  constructor(host: HTMLElement, translate: (text: string) => string) {
    this.root = element('div', 'gx-canvas');
    this.root.tabIndex = 0;
    this.root.setAttribute('role', 'application');
    this.root.setAttribute('aria-roledescription', translate('graph'));
    this.stage = element('div', 'gx-stage');
    this._message = element('div', 'gx-message');
    this._text = element('p', 'gx-message-text');
    this._button = element('button', 'gx-button');
    this._button.type = 'button';
    this._message.append(this._text, this._button);
    this._box = element('div', 'gx-box');
    this._box.hidden = true;
    this._live = element('div', 'gx-unseen');
    this._live.setAttribute('aria-live', 'polite');
    const help = element('div', 'gx-unseen');
    count += 1;
    help.id = `gx-canvas-help-${count}`;
    help.textContent = translate(KEYBOARD_HELP);
    this.root.setAttribute('aria-describedby', help.id);
    this.root.append(this.stage, this._message, this._box, this._live, help);
    this.message(null);
    host.append(this.root);
  }

  readonly root: HTMLElement;
  readonly stage: HTMLElement;

  /** What those hear who can't see the canvas. */
  label(text: string): void {
    this.root.setAttribute('aria-label', text);
  }

  /** Tell what has just happened. */
  say(text: string): void {
    this._live.textContent = text;
  }

  /** Show a message instead of a graph, perhaps with something to do about it; null: none. */
  message(text: string | null, action?: { label: string; run: () => void }): void {
    this._message.hidden = text === null;
    this._text.textContent = text;
    this._button.hidden = action === undefined;
    this._button.textContent = action?.label ?? '';
    this._button.onclick = () => action?.run();
  }

  get hasMessage(): boolean {
    return !this._message.hidden;
  }

  showBox(a: Point, b: Point): void {
    this._box.hidden = false;
    this._box.style.left = `${Math.min(a[0], b[0])}px`;
    this._box.style.top = `${Math.min(a[1], b[1])}px`;
    this._box.style.width = `${Math.abs(a[0] - b[0])}px`;
    this._box.style.height = `${Math.abs(a[1] - b[1])}px`;
  }

  hideBox(): void {
    this._box.hidden = true;
  }

  private readonly _message: HTMLElement;
  private readonly _text: HTMLElement;
  private readonly _button: HTMLButtonElement;
  private readonly _box: HTMLElement;
  private readonly _live: HTMLElement;
}

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}
