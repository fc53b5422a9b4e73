/** The notebook widget's entry, as anywidget calls it: see graph_ext/widget/widget.py. */
import type { AnyWidget } from '@anywidget/types';
import type { ITraits } from './widget/view';
import { WidgetView } from './widget/view';

const widget: AnyWidget<ITraits> = {
  render({ model, el }) {
    const view = new WidgetView(model, el);
    return () => view.dispose();
  }
};

export default widget;
