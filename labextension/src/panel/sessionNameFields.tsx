/** Rows in which one types a name: a new graph's, or another for one that is there. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { SessionInfo } from '../protocol';
import { graphIcon } from './icons';
import { freshName, nameProblem, nameRefusal } from './names';
import type { SessionsPanelModel } from './sessionsPanel';

export function NewRow(props: { model: SessionsPanelModel }): React.JSX.Element {
  const { model } = props;
  const { list, actions, trans } = model;
  const names = list.sessions.map(session => session.name);
  return (
    <div className="jp-graphext-Session jp-mod-new">
      <graphIcon.react tag="span" className="jp-graphext-Session-icon" />
      <NameField
        initial={freshName(names)}
        label={trans.__('Name of the new graph')}
        testId="graphext-new-inline"
        trans={trans}
        check={name => nameProblem(name, names, trans)}
        save={async name => {
          const session = await list.create(name);
          model.edit(null);
          actions.open(session.session_id);
        }}
        cancel={() => model.edit(null)}
      />
    </div>
  );
}

export function RenameField(props: {
  model: SessionsPanelModel;
  session: SessionInfo;
  done: () => void;
}): React.JSX.Element {
  const { model, session } = props;
  const { list, trans } = model;
  const others = list.sessions.filter(other => other !== session).map(other => other.name);
  const end = (): void => {
    model.edit(null);
    props.done();
  };
  return (
    <NameField
      initial={session.name}
      label={trans.__('New name of %1', session.name)}
      testId="graphext-rename-inline"
      trans={trans}
      check={name => nameProblem(name, others, trans)}
      save={async name => {
        if (name !== session.name) {
          await list.rename(session.session_id, name);
        }
        end();
      }}
      cancel={end}
    />
  );
}

function NameField(props: {
  initial: string;
  label: string;
  testId: string;
  trans: TranslationBundle;
  check: (name: string) => string;
  save: (name: string) => Promise<void>;
  cancel: () => void;
}): React.JSX.Element {
  const [name, setName] = React.useState(props.initial);
  const [refusal, setRefusal] = React.useState('');
  const [isPending, setPending] = React.useState(false);
  const input = React.useRef<HTMLInputElement>(null);
  const key = React.useId();
  React.useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  const problem = refusal !== '' ? refusal : props.check(name);
  const submit = (): void => {
    if (problem !== '' || isPending) {
      return;
    }
    setPending(true);
    props.save(name.trim()).catch((error: unknown) => {
      setPending(false);
      setRefusal(nameRefusal(error, name.trim(), props.trans));
    });
  };
  return (
    <div className="jp-graphext-Session-edit" data-lm-suppress-shortcuts="true">
      <input
        ref={input}
        className={`jp-mod-styled${problem === '' ? '' : ' jp-mod-error'}`}
        value={name}
        aria-label={props.label}
        aria-invalid={problem !== ''}
        aria-describedby={`${key}error`}
        data-testid={props.testId}
        spellCheck={false}
        onClick={event => event.stopPropagation()}
        onChange={event => {
          setName(event.currentTarget.value);
          setRefusal('');
        }}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            submit();
          } else if (event.key === 'Escape') {
            props.cancel();
          } else {
            return;
          }
          event.stopPropagation();
        }}
        onBlur={() => {
          // leaving a name that is fine keeps it, as the file browser does
          if (problem !== '') {
            props.cancel();
          } else {
            submit();
          }
        }}
      />
      <div className="jp-graphext-Field-error" id={`${key}error`} role="alert">
        {problem}
      </div>
    </div>
  );
}
