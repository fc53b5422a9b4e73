/** Placeholder of the JupyterLab plugin entry. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'graph-ext:plugin',
  autoStart: true,
  activate: () => undefined
};

export default plugin;
