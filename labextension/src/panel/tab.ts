/** A graph's tab in the main area: toolbar, canvas, outline and inspector of one session. */
import { MainAreaWidget, ReactWidget } from '@jupyterlab/apputils';
import type { ITranslator } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import { AccordionPanel, SplitPanel } from '@lumino/widgets';
import * as React from 'react';
import type { LayoutName } from '../canvas/canvas';
import { deletion, placement } from '../session/edits';
import { addLink, addNode } from './adding';
import { CanvasPane } from './canvasPane';
import { confirmDeletion } from './deletionDialog';
import { graphIcon } from './icons';
import { Inspector } from './inspector';
import { start } from './linking';
import { GraphModel } from './model';
import { notify } from './notices';
import { Outline } from './outline';

export interface IGraphTabOptions {
  model: GraphModel;
  translator: ITranslator;
  /** Shown until the server has said it. */
  name: string;
  /** Reconnect now. */
  retry: () => void;
}

export class GraphTab extends MainAreaWidget<SplitPanel> {
  constructor(options: IGraphTabOptions) {
    super({ content: new SplitPanel({ orientation: 'horizontal', spacing: 1 }) });
    const { model, translator, name } = options;
    this.model = model;
    this.id = `graph-ext-${model.client.sessionId}`;
    this.addClass('jp-graphext-Tab');
    this.node.dataset['sessionId'] = model.client.sessionId;
    this.title.icon = graphIcon;
    this.title.closable = true;
    this._setName(model.client.name || name);

    this._pane = new CanvasPane(model, {
      deleteSelection: () => void this.deleteSelection(),
      addNode: () => void addNode(model),
      close: () => this.close(),
      retry: options.retry
    });
    this._side = this._makeSide(translator);
    this.content.addClass('jp-graphext-Content');
    this.content.addWidget(this._pane);
    this.content.addWidget(this._side);
    SplitPanel.setStretch(this._pane, 3);
    SplitPanel.setStretch(this._side, 1);
    this.content.setRelativeSizes([0.74, 0.26]);

    model.linked.connect((_, { source, target }) => void addLink(model, source, target));
    model.client.renamed.connect((_, renamed) => this._setName(renamed));
    // before the canvas takes Escape for its own
    this.content.node.addEventListener('keydown', this._onKeyDown, true);
  }

  readonly model: GraphModel;

  get sessionId(): string {
    return this.model.client.sessionId;
  }

  get isSideVisible(): boolean {
    return !this._side.isHidden;
  }

  toggleSide(): void {
    this._side.setHidden(!this._side.isHidden);
  }

  fitGraph(): void {
    this._pane.canvas?.fit();
  }

  refreshTheme(): void {
    this._pane.canvas?.refreshTheme();
  }

  focusSearch(): void {
    const input = this.node.querySelector<HTMLInputElement>('.jp-graphext-Search input');
    input?.focus();
    input?.select();
  }

  focusCanvas(): void {
    this._pane.canvas?.focus();
  }

  /** Work out a layout and write it to the session, as one commit. */
  async arrange(name: LayoutName): Promise<void> {
    const { canvas } = this._pane;
    if (!canvas || this.model.isBusy) {
      return;
    }
    this.model.setBusy(true);
    try {
      const positions = await canvas.layout(name);
      if (positions.size > 0) {
        await this.model.submit(placement(positions, 'Layout'));
        canvas.fit();
      }
    } catch (error) {
      notify(error, this.model.trans);
    } finally {
      this.model.setBusy(false);
    }
  }

  /** Link two selected nodes, or let people pick them. */
  addLink(): void {
    if (this.model.linking.at !== 'off') {
      this.model.setLinking({ at: 'off' });
      return;
    }
    const begun = start(this.model.selection.nodes);
    if ('link' in begun) {
      void addLink(this.model, begun.link.source, begun.link.target);
    } else {
      this.model.setLinking(begun.step);
      this.focusCanvas();
    }
  }

  /** Delete what is selected; asks where nodes would go that are not selected. */
  async deleteSelection(): Promise<void> {
    const { store, selection, trans } = this.model;
    const plan = deletion(store, selection, 'Delete');
    if (!plan.command || !this.model.isLive) {
      return;
    }
    if (plan.below > 0 && !(await confirmDeletion(plan, trans))) {
      return;
    }
    await this.model.submit(plan.command);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.content.node.removeEventListener('keydown', this._onKeyDown, true);
      super.dispose();
      this.model.dispose();
    }
  }

  protected override onActivateRequest(): void {
    this._pane.canvas?.focus();
    if (!this.node.contains(document.activeElement)) {
      this.content.node.tabIndex = -1;
      this.content.node.focus();
    }
  }

  private _makeSide(translator: ITranslator): SidePanel {
    const { model } = this;
    const { trans } = model;
    const outline = ReactWidget.create(React.createElement(Outline, { model }));
    outline.addClass('jp-graphext-OutlinePane');
    outline.title.label = trans.__('Outline');
    const inspector = ReactWidget.create(
      React.createElement(Inspector, {
        model,
        deleteSelection: () => void this.deleteSelection(),
        addLink: () => this.addLink()
      })
    );
    inspector.addClass('jp-graphext-InspectorPane');
    inspector.title.label = trans.__('Inspector');
    const side = new SidePanel({ translator });
    side.addClass('jp-graphext-Side');
    side.addWidget(outline);
    side.addWidget(inspector);
    if (side.content instanceof AccordionPanel) {
      side.content.setRelativeSizes([0.4, 0.6]);
    }
    return side;
  }

  private _setName(name: string): void {
    this.title.label = name || this.model.trans.__('Graph');
    this.title.caption = this.model.trans.__('Graph: %1', this.title.label);
  }

  private readonly _onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && this.model.linking.at !== 'off') {
      this.model.setLinking({ at: 'off' });
      event.preventDefault();
      event.stopPropagation();
    }
  };

  private readonly _pane: CanvasPane;
  private readonly _side: SidePanel;
}
