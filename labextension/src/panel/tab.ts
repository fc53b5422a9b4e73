/** A graph's tab in the main area: toolbar, canvas, outline and inspector of one session. */
import { MainAreaWidget, ReactWidget } from '@jupyterlab/apputils';
import type { ITranslator } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import { AccordionPanel, SplitPanel } from '@lumino/widgets';
import * as React from 'react';
import type { LayoutName } from '../canvas/canvas';

import { GraphError } from '../session/errors';
import { childTypes } from './blueprintSchema';
import { CanvasPane } from './canvasPane';
import { createdNodes, deletion, placement } from './edits';
import type { IElement } from './elementDialog';
import { askElement } from './elementDialog';
import { graphIcon } from './icons';
import { Inspector } from './inspector';
import { linkTypes, nodeTypesInUse, start } from './linking';
import { GraphModel } from './model';
import { notify } from './notices';
import { Outline } from './outline';
import { missingProperties } from './blueprintSchema';
import { confirmDeletion } from './deletionDialog';

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
      addNode: () => void this.addNode(),
      link: (source, target) => void this.link(source, target),
      close: () => this.close(),
      retry: options.retry
    });
    this._side = this._makeSide(translator);
    this.content.addClass('jp-graphext-Content');
    this.content.addWidget(this._pane);
    this.content.addWidget(this._side);
    SplitPanel.setStretch(this._pane, 1);
    this.content.setRelativeSizes([0.74, 0.26]);

    model.client.renamed.connect((_, renamed) => this._setName(renamed));
    this.content.node.addEventListener('keydown', this._onKeyDown);
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
        await this.model.submit(placement(positions));
        canvas.fit();
      }
    } catch (error) {
      notify(error, this.model.trans);
    } finally {
      this.model.setBusy(false);
    }
  }

  /** Ask for a node and make it, below the selected one if one likes. */
  async addNode(): Promise<void> {
    const { store, selection, client, trans } = this.model;
    const [parent, second] = selection.nodes;
    const below = second === undefined && parent !== undefined ? parent : null;
    const parentType = below === null ? null : (store.nodes.get(below)?.blueprint_type_id ?? '');
    const allowed = (isBelow: boolean): string[] | null =>
      childTypes(store.blueprint, isBelow ? parentType : null);
    const canBeBelow = below !== null && allowed(true)?.length !== 0;
    let initial: IElement = {
      name: '',
      type: allowed(canBeBelow)?.[0] ?? '',
      isBelow: canBeBelow,
      properties: {}
    };
    let error: string | undefined;
    for (;;) {
      const element = await askElement({
        title: trans.__('Add node'),
        hasName: true,
        ...(canBeBelow && { below: store.label(below) }),
        types: isBelow => {
          const types = allowed(isBelow);
          return { types: types ?? nodeTypesInUse(store), open: types === null };
        },
        typeOf: id => store.blueprint.node_types?.[id],
        initial,
        ...(error !== undefined && { error }),
        store,
        trans
      });
      if (!element) {
        return;
      }
      try {
        const commit = await client.submit({
          type: 'create-node',
          name: element.name.trim(),
          blueprint_type_id: element.type,
          parent_id: element.isBelow ? below : null,
          properties: element.properties
        });
        const [made] = createdNodes(commit);
        if (made !== undefined) {
          this.model.reveal(made);
        }
        return;
      } catch (refusal) {
        if (!(refusal instanceof GraphError)) {
          throw refusal;
        }
        error = refusal.text;
        initial = element;
      }
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
      void this.link(begun.link.source, begun.link.target);
    } else {
      this.model.setLinking(begun.step);
      this.focusCanvas();
    }
  }

  /** Make a link, asking for what only people know. */
  async link(source: string, target: string): Promise<void> {
    const { store, client, trans } = this.model;
    const { types, open } = linkTypes(store, source, target);
    const ends: [string, string] = [store.label(source), store.label(target)];
    const [only, second] = types;
    if (!open && only === undefined) {
      notify(
        new GraphError('SCHEMA', trans.__('No type of link may go from "%1" to "%2".', ...ends)),
        trans
      );
      return;
    }
    const isClear =
      !open && second === undefined && missingProperties(store.blueprint.link_types?.[only ?? '']).length === 0;
    let element: IElement | null = {
      name: '',
      type: types.includes(this._linkType) ? this._linkType : open ? '' : (only ?? ''),
      isBelow: false,
      properties: {}
    };
    let error: string | undefined;
    for (let asks = !isClear; ; asks = true) {
      element = !asks
        ? element
        : await askElement({
            title: trans.__('Add link'),
            subject: trans.__('From "%1" to "%2"', ...ends),
            hasName: false,
            types: () => ({ types, open }),
            typeOf: id => store.blueprint.link_types?.[id],
            initial: element,
            ...(error !== undefined && { error }),
            store,
            trans
          });
      if (!element) {
        return;
      }
      try {
        const commit = await client.submit({
          type: 'link-nodes',
          source_id: source,
          target_id: target,
          link_type_id: element.type,
          properties: element.properties
        });
        this._linkType = element.type;
        const made = commit.events.find(event => event.type === 'node-linked');
        if (made) {
          this.model.select({ links: [made.link_id] });
        }
        return;
      } catch (refusal) {
        if (!(refusal instanceof GraphError)) {
          throw refusal;
        }
        error = refusal.text;
      }
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
      this.content.node.removeEventListener('keydown', this._onKeyDown);
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
  /** The type of the last link made here: the next is often of the same. */
  private _linkType = '';
}

