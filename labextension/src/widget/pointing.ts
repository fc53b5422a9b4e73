/** What the pointer is at, said in words, and told to Python where somebody listens. */
import type { GraphCanvas } from '../canvas/canvas';
import type { IElement } from '../canvas/pointing';
import type { GraphStore } from '../store/graph';
import { Tooltip } from './tooltip';
import type { IModel } from './view';

/** How long the pointer must rest. */
export const REST_MS = 250;
const NOTHING: IElement = { nodeId: null, linkId: null };

export class PointerTeller {
  constructor(
    private readonly _model: IModel,
    stage: HTMLElement
  ) {
    this._tooltip = new Tooltip(stage);
  }

  /** Speak of a canvas from now on. */
  follow({ pointing }: GraphCanvas, store: GraphStore): void {
    pointing.clicked.connect((_, element) => {
      if (element.nodeId !== null || element.linkId !== null) {
        this._tell('click', element);
      }
    });
    pointing.pointed.connect((_, element) => {
      this._tooltip.show(NOTHING, store);
      clearTimeout(this._timer);
      this._timer = setTimeout(() => {
        this._tooltip.show(element, store);
        this._tell('hover', element);
      }, REST_MS);
    });
  }

  dispose(): void {
    clearTimeout(this._timer);
    this._tooltip.dispose();
  }

  private _tell(kind: 'click' | 'hover', { nodeId, linkId }: IElement): void {
    if (!this._model.get('listens').includes(kind)) {
      return;
    }
    const element = nodeId !== null ? { node: nodeId } : linkId !== null ? { link: linkId } : {};
    try {
      this._model.send({ kind, ...element });
    } catch (error) {
      // the kernel is gone
      console.warn('graph_ext: the kernel does not hear of this', error);
    }
  }

  private readonly _tooltip: Tooltip;
  /** Until the pointer rests. */
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
