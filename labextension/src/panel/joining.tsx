/** Following an invitation: what the link leads to, and whether one wants that. */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { SessionInfo } from '../protocol';
import { GraphError } from '../session/errors';
import { roleName } from './peopleBar';
import type { SharingApi } from './sharingApi';

/** Ask whether to join, and join; null: never mind, or it led nowhere and that was said. */
export async function joinByLink(
  api: SharingApi,
  token: string,
  trans: TranslationBundle
): Promise<SessionInfo | null> {
  try {
    const shown = await api.look(token);
    const result = await showDialog({
      title: trans.__('Join "%1"?', shown.name),
      body: (
        <div className="jp-graphext-Dialog" data-testid="graphext-join-dialog">
          <p>
            {shown.role === 'viewer'
              ? trans.__('You are invited to this graph as a viewer: you will see what others do.')
              : trans.__(
                  'You are invited to this graph as %1: what you change, everybody in it sees at once.',
                  roleName(shown.role, trans)
                )}
          </p>
        </div>
      ),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Not now') }),
        Dialog.okButton({ label: trans.__('Join') })
      ]
    });
    return result.button.accept ? await api.accept(token) : null;
  } catch (error) {
    if (!(error instanceof GraphError)) {
      throw error;
    }
    await showDialog({
      title: trans.__('This invitation does not work'),
      body: (
        <div className="jp-graphext-Dialog" data-testid="graphext-join-refused">
          <p>{error.text}</p>
        </div>
      ),
      buttons: [Dialog.okButton({ label: trans.__('Close') })]
    });
    return null;
  }
}
