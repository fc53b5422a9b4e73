/** Asks before more goes than one sees selected, or than one has made. */
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

/** @param why what others have built on it. */
export async function confirmForcedUndo(why: string, trans: TranslationBundle): Promise<boolean> {
  const result = await showDialog({
    title: trans.__('Undo, and delete that too?'),
    body: why.charAt(0).toLocaleUpperCase() + why.slice(1),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: trans.__('Undo and delete') })
    ]
  });
  return result.button.accept;
}
