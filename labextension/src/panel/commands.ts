/** The commands of a graph tab: by id, in the palette, on keys, behind the toolbar's buttons. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { deleteIcon, redoIcon, searchIcon, undoIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { LayoutName } from '../canvas/canvas';
import { addNode } from './adding';
import { addLinkIcon, addNodeIcon, fitIcon, layoutIcon, sidePanelIcon } from './icons';
import type { GraphTab } from './tab';
import type { Direction } from './undoing';

export const CommandIDs = {
  create: 'graph-ext:new',
  open: 'graph-ext:open',
  show: 'graph-ext:show-sessions',
  openSelected: 'graph-ext:open-selected',
  renameSelected: 'graph-ext:rename-selected',
  deleteSelected: 'graph-ext:delete-selected',
  refresh: 'graph-ext:refresh',
  undo: 'graph-ext:undo',
  redo: 'graph-ext:redo',
  addNode: 'graph-ext:add-node',
  addLink: 'graph-ext:add-link',
  delete: 'graph-ext:delete',
  rename: 'graph-ext:rename',
  fit: 'graph-ext:fit',
  search: 'graph-ext:search',
  layout: 'graph-ext:layout',
  share: 'graph-ext:share',
  toggleSide: 'graph-ext:toggle-side-panel'
} as const;

export const LAYOUTS: readonly LayoutName[] = ['force', 'tree', 'circle', 'grid'];

/** The commands that the palette lists for a graph tab. */
export const TAB_COMMANDS: readonly string[] = [
  CommandIDs.undo,
  CommandIDs.redo,
  CommandIDs.addNode,
  CommandIDs.addLink,
  CommandIDs.delete,
  CommandIDs.rename,
  CommandIDs.fit,
  CommandIDs.search,
  CommandIDs.share,
  CommandIDs.toggleSide
];

export function layoutLabel(name: LayoutName, trans: TranslationBundle): string {
  switch (name) {
    case 'force':
      return trans.__('Force');
    case 'tree':
      return trans.__('Tree');
    case 'circle':
      return trans.__('Circle');
    case 'grid':
      return trans.__('Grid');
  }
}

/**
 * Register the commands of graph tabs.
 *
 * @param find - The tab that a command is about: of the session in its arguments, or the current.
 */
export function addTabCommands(
  commands: CommandRegistry,
  find: (args: ReadonlyPartialJSONObject) => GraphTab | null,
  trans: TranslationBundle
): void {
  const add = (
    id: string,
    options: {
      label: string;
      caption: string | ((tab: GraphTab | null) => string);
      icon?: CommandRegistry.ICommandOptions['icon'];
      enabled?: (tab: GraphTab) => boolean;
      toggled?: (tab: GraphTab) => boolean;
      run: (tab: GraphTab) => unknown;
    }
  ): void => {
    const { label, caption, icon, enabled, toggled, run } = options;
    commands.addCommand(id, {
      label,
      caption: args => (typeof caption === 'string' ? caption : caption(find(args))),
      ...(icon !== undefined && { icon }),
      describedBy: { args: { type: 'object', properties: { session_id: { type: 'string' } } } },
      isEnabled: args => {
        const tab = find(args);
        return tab !== null && (enabled?.(tab) ?? true);
      },
      ...(toggled && {
        isToggled: (args: ReadonlyPartialJSONObject) => {
          const tab = find(args);
          return tab !== null && toggled(tab);
        }
      }),
      execute: async args => {
        const tab = find(args);
        if (tab) {
          await run(tab);
        }
      }
    });
  };
  const isLive = (tab: GraphTab): boolean => tab.model.isLive;

  const canStep = (tab: GraphTab, which: Direction): boolean =>
    isLive(tab) && tab.model.undoing.can(which);
  const stepCaption = (tab: GraphTab | null, which: Direction): string => {
    const label = tab?.model.undoing.next(which)?.label ?? '';
    if (tab !== null && isLive(tab) && !canStep(tab, which)) {
      return which === 'undo' ? trans.__('Nothing to undo') : trans.__('Nothing to redo');
    }
    if (which === 'undo') {
      return label === ''
        ? trans.__('Undo my last change of this graph')
        : trans.__('Undo: %1', label);
    }
    return label === '' ? trans.__('Redo what I undid last') : trans.__('Redo: %1', label);
  };

  add(CommandIDs.undo, {
    label: trans.__('Undo'),
    caption: tab => stepCaption(tab, 'undo'),
    icon: undoIcon,
    enabled: tab => canStep(tab, 'undo'),
    run: tab => tab.model.undoing.run('undo')
  });
  add(CommandIDs.redo, {
    label: trans.__('Redo'),
    caption: tab => stepCaption(tab, 'redo'),
    icon: redoIcon,
    enabled: tab => canStep(tab, 'redo'),
    run: tab => tab.model.undoing.run('redo')
  });
  add(CommandIDs.addNode, {
    label: trans.__('Add Node…'),
    caption: trans.__('Add a node'),
    icon: addNodeIcon,
    enabled: isLive,
    run: tab => addNode(tab.model)
  });
  add(CommandIDs.addLink, {
    label: trans.__('Add Link'),
    caption: trans.__('Link two nodes: pick the first, then the second'),
    icon: addLinkIcon,
    enabled: tab => isLive(tab) && tab.model.store.nodes.size > 0,
    toggled: tab => tab.model.linking.at !== 'off',
    run: tab => tab.addLink()
  });
  add(CommandIDs.delete, {
    label: trans.__('Delete Selected Nodes and Links'),
    caption: trans.__('Delete what is selected'),
    icon: deleteIcon,
    enabled: tab =>
      isLive(tab) && tab.model.selection.nodes.length + tab.model.selection.links.length > 0,
    run: tab => tab.deleteSelection()
  });
  add(CommandIDs.rename, {
    label: trans.__('Rename Node'),
    caption: trans.__('Type a new name for the selected node'),
    enabled: tab => isLive(tab) && tab.model.selection.nodes.length === 1,
    run: tab => {
      const [id] = tab.model.selection.nodes;
      if (id !== undefined) {
        tab.model.requestRename(id);
      }
    }
  });
  add(CommandIDs.fit, {
    label: trans.__('Fit Graph to View'),
    caption: trans.__('Show the whole graph'),
    icon: fitIcon,
    run: tab => tab.fitGraph()
  });
  add(CommandIDs.search, {
    label: trans.__('Find Nodes'),
    caption: trans.__('Find nodes by id, name, type or property'),
    icon: searchIcon,
    run: tab => tab.focusSearch()
  });
  add(CommandIDs.toggleSide, {
    label: trans.__('Show Outline and Inspector'),
    caption: trans.__('Show or hide the outline and the inspector'),
    icon: sidePanelIcon,
    toggled: tab => tab.isSideVisible,
    run: tab => {
      tab.toggleSide();
      commands.notifyCommandChanged(CommandIDs.toggleSide);
    }
  });
  commands.addCommand(CommandIDs.layout, {
    label: args =>
      isLayout(args['layout'])
        ? trans.__('%1 Layout', layoutLabel(args['layout'], trans))
        : trans.__('Layout'),
    caption: trans.__('Arrange the nodes, for everybody'),
    icon: args => (isLayout(args['layout']) ? undefined : layoutIcon),
    describedBy: {
      args: {
        type: 'object',
        properties: { session_id: { type: 'string' }, layout: { enum: [...LAYOUTS] } }
      }
    },
    isEnabled: args => {
      const model = find(args)?.model;
      return model !== undefined && model.isLive && !model.isBusy && model.store.nodes.size > 0;
    },
    execute: async args => {
      await find(args)?.arrange(isLayout(args['layout']) ? args['layout'] : 'force');
    }
  });
}

function isLayout(value: unknown): value is LayoutName {
  return LAYOUTS.some(name => name === value);
}
