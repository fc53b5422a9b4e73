/** The notebook widget's entry, as anywidget calls it: see graph_ext/widget/widget.py. */
import type { AnyWidget } from '@anywidget/types';
import type { IChannels } from './canvas/looks';
import { withValues } from './widget/values';
import type { ITraits } from './widget/view';
import { WidgetView } from './widget/view';

const widget: AnyWidget<ITraits> = {
  initialize({ model }) {
    // for views that come later: the trait itself is only set whole, by Python
    model.on('msg:custom', (message: unknown) => {
      const looks = model.get('looks');
      Object.assign(looks, withValues(looks, message) satisfies IChannels | null);
    });
  },

  render({ model, el }) {
    const view = new WidgetView(model, el);
    return () => view.dispose();
  }
};

export default widget;
