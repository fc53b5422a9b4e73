/**
 * The plugins: the connection and the list, the tabs and their commands, the left panel, and the
 * outputs of notebooks (outputs.ts).
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette, IThemeManager, WidgetTracker } from '@jupyterlab/apputils';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { ILauncher } from '@jupyterlab/launcher';
import { IMainMenu } from '@jupyterlab/mainmenu';
import { ServerConnection } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { addIcon, refreshIcon, usersIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';
import { Connection } from '../session/connection';
import { socketUrl, WebSocketTransport } from '../session/transport';
import { SessionsApi } from './api';
import { tabClientId } from './clientId';
import { addTabCommands, CommandIDs, LAYOUTS, TAB_COMMANDS } from './commands';
import { linkTo, tokenIn } from './invitation';
import { joinByLink } from './joining';
import { HistoryApi } from './historyApi';
import { graphIcon, graphLauncherIcon } from './icons';
import { GraphModel } from './model';
import { outputs } from './outputs';
import { chooseSession, deleteSession, newSession } from './sessionDialogs';
import { Rest } from './rest';
import { SessionList } from './sessionList';
import { SessionsPanel, SessionsPanelModel } from './sessionsPanel';
import { share } from './shareDialog';
import { SharingModel } from './sharing';
import { SharingApi } from './sharingApi';
import { GraphTab } from './tab';
import { fillToolbar } from './toolbar';
import { IGraphHub } from './tokens';

const DOMAIN = 'graph_ext';

/** Where this JupyterLab is, without the workspace and the file that it shows. */
function appUrl(): string {
  return URLExt.join(PageConfig.getBaseUrl(), PageConfig.getOption('appUrl') || 'lab');
}

/** One connection and one list for the whole page, whoever shows them. */
const hub: JupyterFrontEndPlugin<IGraphHub> = {
  id: 'graph-ext:hub',
  description: 'The connection to the graph server and the list of its sessions.',
  autoStart: true,
  provides: IGraphHub,
  activate: async (app: JupyterFrontEnd): Promise<IGraphHub> => {
    const settings = ServerConnection.makeSettings(app.serviceManager.serverSettings);
    const { user } = app.serviceManager;
    const clientId = await tabClientId();
    const connection = new Connection({
      transport: () => {
        // a page that was given its token by a cookie sends no token
        const token = settings.appendToken || settings.token !== '' ? settings.token : '';
        return new WebSocketTransport({
          url: socketUrl(settings.wsUrl, token),
          WebSocket: settings.WebSocket
        });
      },
      clientId,
      kind: 'ui',
      label: user.identity?.display_name ?? ''
    });
    const rest = new Rest(settings);
    const sessions = new SessionList(new SessionsApi(rest), connection);
    void sessions.refresh();
    return {
      connection,
      sessions,
      sharing: new SharingApi(rest),
      history: new HistoryApi(rest)
    };
  }
};

/** Tabs, and what one does in them. The settings of this id hold the keyboard shortcuts. */
const tabs: JupyterFrontEndPlugin<void> = {
  id: 'graph-ext:plugin',
  description: 'Opens graphs in the main area.',
  autoStart: true,
  requires: [IGraphHub],
  optional: [ITranslator, ICommandPalette, ILauncher, ILayoutRestorer, IThemeManager, IMainMenu],
  activate: (
    app: JupyterFrontEnd,
    { connection, sessions, sharing, history: log }: IGraphHub,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    restorer: ILayoutRestorer | null,
    themes: IThemeManager | null,
    menu: IMainMenu | null
  ): void => {
    const { commands, shell } = app;
    const language = translator ?? nullTranslator;
    const trans = language.load(DOMAIN);
    const tracker = new WidgetTracker<GraphTab>({ namespace: 'graph-ext' });
    const retry = (): void => connection.retryNow();

    const openTab = async (sessionId: string, name: string): Promise<GraphTab> => {
      const there = tracker.find(tab => tab.sessionId === sessionId);
      if (there && there.model.client.status !== 'ended') {
        shell.activateById(there.id);
        return there;
      }
      // one that was shut out may have been let in again
      there?.dispose();
      const model = new GraphModel(connection.join(sessionId), trans, (...asked) =>
        log.ofActor(...asked)
      );
      const tab = new GraphTab({ model, translator: language, name, retry });
      fillToolbar(tab, commands, retry);
      await tracker.add(tab);
      model.client.renamed.connect(() => void tracker.save(tab));
      shell.add(tab, 'main');
      shell.activateById(tab.id);
      return tab;
    };

    const find = (args: ReadonlyPartialJSONObject): GraphTab | null => {
      const sessionId = args['session_id'];
      return typeof sessionId === 'string'
        ? (tracker.find(tab => tab.sessionId === sessionId) ?? null)
        : tracker.currentWidget;
    };
    addTabCommands(commands, find, trans);
    commands.addCommand(CommandIDs.share, {
      label: trans.__('Share Graph…'),
      caption: trans.__('Share: who has access to this graph, and links that let others in'),
      icon: usersIcon,
      describedBy: { args: { type: 'object', properties: { session_id: { type: 'string' } } } },
      isEnabled: args => find(args)?.model.client.status === 'live',
      execute: async args => {
        const tab = find(args);
        if (tab) {
          const toLink = (token: string): string => linkTo(token, location.href, appUrl());
          await share(new SharingModel(tab.model.client, sharing, toLink), trans);
        }
      }
    });
    const followLink = async (): Promise<void> => {
      const token = tokenIn(location.hash);
      if (token !== null) {
        // it stays neither in the address nor in the history
        history.replaceState(history.state, '', location.pathname + location.search);
        const session = await joinByLink(sharing, token, trans);
        if (session) {
          await openTab(session.session_id, session.name);
        }
      }
    };
    window.addEventListener('hashchange', () => void followLink());
    void app.restored.then(followLink);
    commands.addCommand(CommandIDs.open, {
      label: trans.__('Open Graph…'),
      caption: trans.__('Open a graph of this server in a tab'),
      icon: graphIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: { session_id: { type: 'string' }, name: { type: 'string' } }
        }
      },
      execute: async args => {
        const given = args['session_id'];
        const name = args['name'];
        if (typeof given === 'string') {
          const known = sessions.find(given)?.name;
          return openTab(given, known ?? (typeof name === 'string' ? name : ''));
        }
        const session = await chooseSession(sessions, trans);
        return session ? openTab(session.session_id, session.name) : null;
      }
    });
    commands.addCommand(CommandIDs.create, {
      label: args => {
        if (args['isLauncher']) {
          return trans.__('Graph');
        }
        return args['isPalette'] ? trans.__('New Graph') : trans.__('New Graph…');
      },
      caption: trans.__('Make a new graph on this server'),
      icon: args => (args['isLauncher'] ? graphLauncherIcon : addIcon),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async args => {
        if (args['inline'] && commands.hasCommand(CommandIDs.show)) {
          await commands.execute(CommandIDs.show, { editing: 'new' });
          return null;
        }
        const session = await newSession(sessions, trans);
        return session ? openTab(session.session_id, session.name) : null;
      }
    });

    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.open,
        args: tab => ({ session_id: tab.sessionId, name: tab.title.label }),
        name: tab => tab.sessionId
      });
    }
    tracker.currentChanged.connect(() => commands.notifyCommandChanged());
    themes?.themeChanged.connect(() => tracker.forEach(tab => tab.refreshTheme()));
    launcher?.add({
      command: CommandIDs.create,
      args: { isLauncher: true },
      category: trans.__('Other'),
      rank: 3
    });
    if (menu) {
      const isEnabled = (widget: Widget): boolean => tracker.has(widget);
      menu.editMenu.undoers.undo.add({ id: CommandIDs.undo, isEnabled });
      menu.editMenu.undoers.redo.add({ id: CommandIDs.redo, isEnabled });
    }
    if (palette) {
      const category = trans.__('Graph');
      palette.addItem({ command: CommandIDs.create, category, args: { isPalette: true } });
      palette.addItem({ command: CommandIDs.open, category });
      for (const command of TAB_COMMANDS) {
        palette.addItem({ command, category });
      }
      for (const layout of LAYOUTS) {
        palette.addItem({ command: CommandIDs.layout, category, args: { layout } });
      }
    }
  }
};

/** The left panel. */
const sidebar: JupyterFrontEndPlugin<void> = {
  id: 'graph-ext:sidebar',
  description: 'Lists the graphs of the server in the left bar.',
  autoStart: true,
  requires: [IGraphHub],
  optional: [ITranslator, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    { sessions }: IGraphHub,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): void => {
    const { commands, shell } = app;
    const language = translator ?? nullTranslator;
    const trans = language.load(DOMAIN);
    const confirmDelete = async (sessionId: string): Promise<void> => {
      await sessions.refresh(); // say what is lost as it is now
      const session = sessions.find(sessionId);
      if (session) {
        await deleteSession(sessions, session, trans);
      }
    };
    const model = new SessionsPanelModel(
      sessions,
      {
        open: sessionId => void commands.execute(CommandIDs.open, { session_id: sessionId }),
        delete: sessionId => void confirmDelete(sessionId)
      },
      trans
    );

    commands.addCommand(CommandIDs.show, {
      label: trans.__('Show Graphs'),
      caption: trans.__('Show the graphs of this server'),
      icon: graphIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: args => {
        shell.activateById(panel.id);
        if (args['editing'] === 'new') {
          model.edit({ what: 'new' });
        }
      }
    });
    commands.addCommand(CommandIDs.refresh, {
      label: trans.__('Refresh Graphs'),
      caption: trans.__('Read the list of graphs again'),
      icon: refreshIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => sessions.refresh()
    });
    // what the context menu of a row is about
    const clicked = (): string | undefined =>
      app.contextMenuHitTest(node => node.dataset['sessionId'] !== undefined)?.dataset['sessionId'];
    const addRowCommand = (id: string, label: string, run: (sessionId: string) => void): void => {
      commands.addCommand(id, {
        label,
        describedBy: { args: { type: 'object', properties: {} } },
        execute: () => {
          const sessionId = clicked();
          if (sessionId !== undefined) {
            run(sessionId);
          }
        }
      });
    };
    addRowCommand(CommandIDs.openSelected, trans.__('Open'), model.actions.open);
    addRowCommand(CommandIDs.renameSelected, trans.__('Rename'), sessionId =>
      model.edit({ what: 'rename', sessionId })
    );
    addRowCommand(CommandIDs.deleteSelected, trans.__('Delete…'), model.actions.delete);

    const panel = new SessionsPanel(model, commands, language);
    shell.add(panel, 'left', { rank: 300, type: 'Graphs' });
    restorer?.add(panel, panel.id);
    const category = trans.__('Graph');
    palette?.addItem({ command: CommandIDs.show, category });
    palette?.addItem({ command: CommandIDs.refresh, category });
  }
};

export const plugins: JupyterFrontEndPlugin<unknown>[] = [hub, tabs, sidebar, outputs];
