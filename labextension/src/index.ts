/** The JupyterLab extension: what the builder takes as its entry. */
import { plugins } from './panel/plugins';

export default plugins;
