/** Asks before more goes than one sees selected. */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDeletion } from '../session/edits';

export async function confirmDeletion(plan: IDeletion, trans: TranslationBundle): Promise<boolean> {
  const result = await showDialog({
    title: trans.__('Delete with all below?'),
    body: trans.__(
      'This deletes %1 and %2, among them %3 below the selected ones. Undo brings them back.',
      trans._n('%1 node', '%1 nodes', plan.nodes),
      trans._n('%1 link', '%1 links', plan.links),
      trans._n('%1 node', '%1 nodes', plan.below)
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: trans.__('Delete') })
    ]
  });
  return result.button.accept;
}
