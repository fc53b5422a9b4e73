/** Dialogs about whole graphs: make one, open one, delete one. */
import { Dialog, InputDialog, ReactWidget, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { SessionInfo } from '../protocol';
import { GraphError } from '../session/errors';
import { freshName, nameProblem, nameRefusal } from './names';
import { notify } from './notices';
import type { SessionList } from './sessionList';

/** Ask for a name and make a graph of it; null: never mind. */
export async function newSession(
  list: SessionList,
  trans: TranslationBundle
): Promise<SessionInfo | null> {
  const check = (name: string): string =>
    nameProblem(
      name,
      list.sessions.map(session => session.name),
      trans
    );
  let name = freshName(list.sessions.map(session => session.name));
  let problem = '';
  for (;;) {
    const body = new NameBody(name, problem, check);
    const result = await showDialog({
      title: trans.__('New graph'),
      body,
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.okButton({ label: trans.__('Create') })
      ],
      focusNodeSelector: 'input'
    });
    if (!result.button.accept || result.value === null) {
      return null;
    }
    name = result.value.trim();
    problem = check(name);
    if (problem !== '') {
      continue;
    }
    try {
      return await list.create(name);
    } catch (error) {
      problem = nameRefusal(error, name, trans);
    }
  }
}

/** A name, checked as it is typed. */
class NameBody extends ReactWidget implements Dialog.IBodyWidget {
  constructor(
    private _name: string,
    private readonly _problem: string,
    private readonly _check: (name: string) => string
  ) {
    super();
    this.addClass('jp-graphext-Dialog');
  }

  getValue(): string {
    return this._name;
  }

  protected override onAfterAttach(msg: Parameters<ReactWidget['onAfterAttach']>[0]): void {
    super.onAfterAttach(msg);
    void this.renderPromise?.then(() => this.node.querySelector('input')?.select());
  }

  protected override render(): React.JSX.Element {
    return (
      <NameField
        name={this._name}
        problem={this._problem}
        check={this._check}
        onChange={name => {
          this._name = name;
        }}
      />
    );
  }
}

function NameField(props: {
  name: string;
  problem: string;
  check: (name: string) => string;
  onChange: (name: string) => void;
}): React.JSX.Element {
  const [name, setName] = React.useState(props.name);
  const problem = name === props.name && props.problem !== '' ? props.problem : props.check(name);
  return (
    <>
      <input
        className={`jp-mod-styled${problem === '' ? '' : ' jp-graphext-mod-error'}`}
        value={name}
        aria-label="Name"
        aria-invalid={problem !== ''}
        data-testid="graphext-new-name"
        spellCheck={false}
        onChange={event => {
          setName(event.currentTarget.value);
          props.onChange(event.currentTarget.value);
        }}
      />
      <p className="jp-graphext-Field-error" role="alert" data-testid="graphext-dialog-error">
        {problem}
      </p>
    </>
  );
}

/** Ask which graph to open; null: none. */
export async function chooseSession(
  list: SessionList,
  trans: TranslationBundle
): Promise<SessionInfo | null> {
  await list.refresh();
  if (list.status !== 'ready') {
    notify(new GraphError('UNAVAILABLE', list.message), trans);
    return null;
  }
  const names = list.sessions.map(session => session.name);
  if (names.length === 0) {
    return newSession(list, trans);
  }
  const result = await InputDialog.getItem({
    title: trans.__('Open graph'),
    label: trans.__('Graph'),
    items: names,
    okLabel: trans.__('Open')
  });
  return result.button.accept && result.value !== null ? (list.byName(result.value) ?? null) : null;
}

/** Ask before deleting a graph, saying what is lost; delete it. */
export async function deleteSession(
  list: SessionList,
  session: SessionInfo,
  trans: TranslationBundle
): Promise<void> {
  const lost = trans.__(
    '"%1" has %2 and %3, with their whole history. They will be gone for everybody, and this cannot be undone.',
    session.name,
    trans._n('%1 node', '%1 nodes', session.nodes),
    trans._n('%1 link', '%1 links', session.links)
  );
  const others = session.clients ?? 0;
  const result = await showDialog({
    title: trans.__('Delete graph?'),
    body: (
      <div className="jp-graphext-Dialog" data-testid="graphext-delete-dialog">
        <p>{lost}</p>
        {others > 0 && (
          <p>{trans._n('%1 client has it open now.', '%1 clients have it open now.', others)}</p>
        )}
      </div>
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: trans.__('Delete') })
    ],
    defaultButton: 0
  });
  if (result.button.accept) {
    try {
      await list.delete(session.session_id);
    } catch (error) {
      notify(error, trans);
    }
  }
}
