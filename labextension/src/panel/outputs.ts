/** The plugin that shows graphs in notebooks' outputs, with a kernel and without: see stillPicture.ts. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate } from '@lumino/disposable';
import { Panel, Widget } from '@lumino/widgets';
import { CommandIDs } from './commands';
import { GRAPH_MIMETYPE, WIDGET_MIMETYPE, withPicture } from './stillPicture';
import { IGraphHub } from './tokens';

/** Before ipywidgets' -10: the lower, the sooner. */
const RANK = -20;

export const outputs: JupyterFrontEndPlugin<void> = {
  id: 'graph-ext:outputs',
  description: 'Shows the picture of a graph where a notebook has no kernel for its widget.',
  autoStart: true,
  requires: [IGraphHub],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, { sessions }: IGraphHub, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('graph_ext');
    const actions = {
      nameOf: (sessionId: string) => sessions.find(sessionId)?.name,
      changed: sessions.changed,
      open: (sessionId: string) =>
        void app.commands.execute(CommandIDs.open, { session_id: sessionId })
    };
    app.docRegistry.addWidgetExtension('Notebook', {
      // the notebook's registry and no other: ipywidgets has a factory of its own in each
      createNew: (panel: Widget): IDisposable => {
        const { rendermime } = (panel as INotebook).content;
        rendermime.addFactory(
          {
            safe: true, // what is not trusted stays a picture
            mimeTypes: [GRAPH_MIMETYPE],
            createRenderer: options => {
              const factory = rendermime.getFactory(WIDGET_MIMETYPE);
              const renderer = factory?.createRenderer({ ...options, mimeType: WIDGET_MIMETYPE });
              return withPicture(
                renderer instanceof Panel ? renderer : new NoWidget(),
                actions,
                trans
              );
            }
          },
          RANK
        );
        return new DisposableDelegate(() => rendermime.removeMimeType(GRAPH_MIMETYPE));
      }
    });
  }
};

/** As much of JupyterLab's NotebookPanel as there is need for. */
type INotebook = Widget & { readonly content: { readonly rendermime: IRenderMimeRegistry } };

/** What renders widgets where nothing does. */
class NoWidget extends Panel implements IRenderMime.IRenderer {
  renderModel(): Promise<void> {
    return Promise.resolve();
  }
}
