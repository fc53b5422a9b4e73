/** Placeholder of the anywidget entry. */
import type { AnyWidget } from '@anywidget/types';

const widget: AnyWidget = {
  render({ el }) {
    el.textContent = 'graph_ext';
  }
};

export default widget;
