/** The toolbar of a graph tab. */
import {
  addToolbarButtonClass,
  CommandToolbarButton,
  ReactWidget,
  Toolbar,
  ToolbarButtonComponent
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import { Menu } from '@lumino/widgets';
import * as React from 'react';
import { CommandIDs, LAYOUTS } from './commands';
import { useSignals } from './hooks';
import { layoutIcon } from './icons';
import type { GraphModel } from './model';
import { PeopleBar } from './peopleBar';
import { SearchBox } from './searchBox';
import { Counts, StatusChip } from './statusChip';
import type { GraphTab } from './tab';

/** Fill a tab's toolbar. Its buttons are about this tab, whichever is current. */
export function fillToolbar(tab: GraphTab, commands: CommandRegistry, retry: () => void): void {
  const { toolbar, model } = tab;
  const { trans } = model;
  const args = { session_id: tab.sessionId };
  const button = (name: string, id: string): void => {
    const item = new CommandToolbarButton({ commands, id, args, label: '' });
    item.node.dataset['testid'] = `graphext-${name}`;
    toolbar.addItem(name, item);
  };
  toolbar.node.setAttribute('aria-label', trans.__('Graph'));
  button('undo', CommandIDs.undo);
  button('redo', CommandIDs.redo);
  button('add-node', CommandIDs.addNode);
  button('add-link', CommandIDs.addLink);
  button('delete', CommandIDs.delete);
  button('fit', CommandIDs.fit);

  const menu = new Menu({ commands });
  menu.title.label = trans.__('Layout');
  for (const layout of LAYOUTS) {
    menu.addItem({ command: CommandIDs.layout, args: { ...args, layout } });
  }
  tab.disposed.connect(() => menu.dispose());
  const layoutButton = addToolbarButtonClass(
    ReactWidget.create(<LayoutButton model={model} menu={menu} />)
  );
  layoutButton.node.dataset['testid'] = 'graphext-layout';
  toolbar.addItem('layout', layoutButton);

  const search = ReactWidget.create(<SearchBox model={model} leave={() => tab.focusCanvas()} />);
  toolbar.addItem('search', search);
  toolbar.addItem('spacer', Toolbar.createSpacerItem());
  toolbar.addItem('people', ReactWidget.create(<PeopleBar model={model} />));
  button('share', CommandIDs.share);
  toolbar.addItem('status', ReactWidget.create(<StatusChip model={model} retry={retry} />));
  toolbar.addItem('counts', ReactWidget.create(<Counts model={model} />));
  button('side-panel', CommandIDs.toggleSide);

  // Lumino asks for a command's state only when told to
  const notify = (): void => commands.notifyCommandChanged();
  let isAsked = false;
  const soon = (): void => {
    if (!isAsked) {
      isAsked = true;
      requestAnimationFrame(() => {
        isAsked = false;
        notify();
      });
    }
  };
  model.stateChanged.connect(soon);
  model.selectionChanged.connect(soon);
  model.undoing.changed.connect(soon);
  let wasEmpty = model.store.nodes.size === 0;
  model.store.changed.connect(store => {
    if (wasEmpty !== (store.nodes.size === 0)) {
      wasEmpty = !wasEmpty;
      soon();
    }
  });
}

function LayoutButton(props: { model: GraphModel; menu: Menu }): React.JSX.Element {
  const { model, menu } = props;
  const { trans } = model;
  useSignals(model.stateChanged, model.store.changed);
  const isEnabled = model.isLive && !model.isBusy && model.store.nodes.size > 0;
  return (
    <ToolbarButtonComponent
      icon={layoutIcon}
      tooltip={model.isBusy ? trans.__('Working out the layout…') : trans.__('Arrange the nodes')}
      aria-haspopup="menu"
      enabled={isEnabled}
      pressed={model.isBusy}
      onClick={event => {
        const target = event?.currentTarget;
        if (target instanceof HTMLElement) {
          const { left, bottom } = target.getBoundingClientRect();
          menu.open(left, bottom);
        }
      }}
    />
  );
}
