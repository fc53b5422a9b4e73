/** The list of graphs: found by name, opened, renamed and deleted by mouse and by keyboard. */
import { Clipboard } from '@jupyterlab/apputils';
import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  closeIcon,
  copyIcon,
  editIcon,
  FilterBox,
  lockIcon
} from '@jupyterlab/ui-components';
import * as React from 'react';
import type { SessionInfo } from '../protocol';
import { useSignals } from './hooks';
import { graphIcon } from './icons';
import { freshName, nameProblem } from './names';
import { nameRefusal } from './sessionDialogs';
import type { SessionsPanelModel } from './sessionsPanel';

/** The code that makes a first graph from a notebook. */
export const HINT_CODE = 'import graph_ext as gx\ng = gx.open("my graph")\ng';
/** What enables the server side where it is missing. */
const ENABLE_COMMAND = 'jupyter server extension enable graph_ext';

export function SessionRows(props: { model: SessionsPanelModel }): React.JSX.Element {
  const { model } = props;
  const { list, trans, editing } = model;
  useSignals(list.changed, model.changed);
  const [query, setQuery] = React.useState('');
  const { status, sessions } = list;
  const wanted = query.trim().toLowerCase();
  const found = sessions.filter(session => session.name.toLowerCase().includes(wanted));
  const isFailed = status === 'missing' || status === 'offline' || status === 'failed';
  return (
    <>
      {isFailed && <Trouble model={model} />}
      {status === 'loading' && sessions.length === 0 && (
        <p className="jp-graphext-Muted jp-graphext-Sessions-note">{trans.__('Loading…')}</p>
      )}
      {sessions.length > 0 && (
        <div className="jp-graphext-Sessions-filter" data-testid="graphext-filter">
          <FilterBox
            placeholder={trans.__('Filter by name')}
            showIcon
            useFuzzyFilter={false}
            updateFilter={(_, text) => setQuery(text ?? '')}
          />
        </div>
      )}
      {editing?.what === 'new' && <NewRow model={model} />}
      {sessions.length > 0 && <Rows model={model} sessions={found} />}
      {sessions.length > 0 && found.length === 0 && (
        <p className="jp-graphext-Muted jp-graphext-Sessions-note">
          {trans.__('No graph has "%1" in its name.', query.trim())}
        </p>
      )}
      {status === 'ready' && sessions.length === 0 && editing === null && <Empty model={model} />}
    </>
  );
}

function Rows(props: {
  model: SessionsPanelModel;
  sessions: readonly SessionInfo[];
}): React.JSX.Element {
  const { model, sessions } = props;
  const { trans, actions, editing } = model;
  const [current, setCurrent] = React.useState<string | null>(null);
  const box = React.useRef<HTMLUListElement>(null);
  const at = Math.max(
    0,
    sessions.findIndex(session => session.session_id === current)
  );
  const focusRow = (index: number): void => {
    const session = sessions[Math.max(0, Math.min(sessions.length - 1, index))];
    if (session) {
      setCurrent(session.session_id);
      const { children } = box.current ?? { children: [] };
      const row = children[sessions.indexOf(session)];
      if (row instanceof HTMLElement) {
        row.focus();
      }
    }
  };
  const onKeyDown = (event: React.KeyboardEvent, session: SessionInfo): void => {
    if (event.target !== event.currentTarget) {
      return;
    }
    switch (event.key) {
      case 'ArrowDown':
        focusRow(at + 1);
        break;
      case 'ArrowUp':
        focusRow(at - 1);
        break;
      case 'Home':
        focusRow(0);
        break;
      case 'End':
        focusRow(sessions.length - 1);
        break;
      case 'Enter':
      case ' ':
        actions.open(session.session_id);
        break;
      case 'F2':
        model.edit({ what: 'rename', sessionId: session.session_id });
        break;
      case 'Delete':
        actions.delete(session.session_id);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <ul
      ref={box}
      className="jp-graphext-Sessions-list"
      role="list"
      aria-label={trans.__('Graphs')}
      data-testid="graphext-sessions"
    >
      {sessions.map((session, i) => (
        <li
          key={session.session_id}
          className="jp-graphext-Session"
          data-session-id={session.session_id}
          data-session-name={session.name}
          tabIndex={i === at ? 0 : -1}
          aria-label={trans.__('%1, %2', session.name, sizeText(session, trans))}
          onFocus={() => setCurrent(session.session_id)}
          onKeyDown={event => onKeyDown(event, session)}
          onClick={() => actions.open(session.session_id)}
        >
          <graphIcon.react tag="span" className="jp-graphext-Session-icon" />
          {editing?.what === 'rename' && editing.sessionId === session.session_id ? (
            <RenameField model={model} session={session} done={() => focusRow(i)} />
          ) : (
            <Session model={model} session={session} />
          )}
        </li>
      ))}
    </ul>
  );
}

function Session(props: { model: SessionsPanelModel; session: SessionInfo }): React.JSX.Element {
  const { model, session } = props;
  const { trans, actions } = model;
  const clients = session.clients ?? 0;
  const changed = new Date(session.updated_at * 1000);
  return (
    <>
      <div
        className="jp-graphext-Session-text"
        title={[
          session.name,
          sizeText(session, trans),
          trans.__('Last changed %1', Time.format(changed)),
          trans._n('%1 client has it open', '%1 clients have it open', clients),
          session.read_only ?? ''
        ]
          .filter(Boolean)
          .join('\n')}
      >
        <div className="jp-graphext-Session-name">
          <span>{session.name}</span>
          {(session.read_only ?? '') !== '' && <lockIcon.react tag="span" />}
          {clients > 0 && (
            <span
              className="jp-graphext-Session-clients"
              aria-label={trans._n('%1 client has it open', '%1 clients have it open', clients)}
              data-testid="graphext-session-clients"
            >
              {clients}
            </span>
          )}
        </div>
        <div className="jp-graphext-Session-detail">
          <span>{sizeText(session, trans)}</span>
          <span>{Time.formatHuman(changed, 'short')}</span>
        </div>
      </div>
      <div className="jp-graphext-Session-actions">
        <RowButton
          label={trans.__('Rename %1 (F2)', session.name)}
          testId="graphext-session-rename"
          icon={editIcon}
          run={() => model.edit({ what: 'rename', sessionId: session.session_id })}
        />
        <RowButton
          label={trans.__('Delete %1', session.name)}
          testId="graphext-session-delete"
          icon={closeIcon}
          run={() => actions.delete(session.session_id)}
        />
      </div>
    </>
  );
}

function RowButton(props: {
  label: string;
  testId: string;
  icon: typeof editIcon;
  run: () => void;
}): React.JSX.Element {
  return (
    <button
      type="button"
      className="jp-graphext-IconButton"
      tabIndex={-1}
      title={props.label}
      aria-label={props.label}
      data-testid={props.testId}
      onClick={event => {
        event.stopPropagation();
        props.run();
      }}
    >
      <props.icon.react tag={null} />
    </button>
  );
}

function NewRow(props: { model: SessionsPanelModel }): React.JSX.Element {
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

function RenameField(props: {
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

/** Nothing there yet: what to do. */
function Empty(props: { model: SessionsPanelModel }): React.JSX.Element {
  const { model } = props;
  const { trans } = model;
  return (
    <div className="jp-graphext-Empty" data-testid="graphext-empty">
      <graphIcon.react tag="div" className="jp-graphext-Empty-icon" />
      <h2>{trans.__('No graphs yet')}</h2>
      <p>{trans.__('A graph is shared by everybody on this server: notebooks, this panel, agents.')}</p>
      <button
        type="button"
        className="jp-Button jp-mod-styled jp-mod-accept"
        data-testid="graphext-empty-new"
        onClick={() => model.edit({ what: 'new' })}
      >
        {trans.__('New graph')}
      </button>
      <p>{trans.__('or from a notebook:')}</p>
      <Code code={HINT_CODE} trans={trans} />
    </div>
  );
}

/** The list can't be read: why, and what to do. */
function Trouble(props: { model: SessionsPanelModel }): React.JSX.Element {
  const { list, trans } = props.model;
  const isMissing = list.status === 'missing';
  const title = isMissing
    ? trans.__('The server extension is missing')
    : list.status === 'offline'
      ? trans.__('The Jupyter server does not answer')
      : trans.__('The graphs cannot be listed');
  return (
    <div
      className="jp-graphext-Trouble"
      role="alert"
      data-testid="graphext-trouble"
      data-status={list.status}
    >
      <h2>{title}</h2>
      {isMissing ? (
        <>
          <p>{trans.__('Enable it on the machine of the Jupyter server, then restart the server:')}</p>
          <Code code={ENABLE_COMMAND} trans={trans} />
        </>
      ) : (
        <p>
          {list.status === 'offline'
            ? trans.__('Graphs are safe on the server. They show again when it is back.')
            : list.message}
        </p>
      )}
      <button
        type="button"
        className="jp-Button jp-mod-styled"
        data-testid="graphext-list-retry"
        onClick={() => void list.refresh()}
      >
        {trans.__('Retry')}
      </button>
    </div>
  );
}

function Code(props: { code: string; trans: TranslationBundle }): React.JSX.Element {
  const [isCopied, setCopied] = React.useState(false);
  const label = isCopied ? props.trans.__('Copied') : props.trans.__('Copy');
  return (
    <div className="jp-graphext-Code">
      <pre>{props.code}</pre>
      <button
        type="button"
        className="jp-graphext-IconButton"
        title={label}
        aria-label={label}
        onClick={() => {
          Clipboard.copyToSystem(props.code);
          setCopied(true);
        }}
      >
        <copyIcon.react tag={null} />
      </button>
    </div>
  );
}

function sizeText(session: SessionInfo, trans: TranslationBundle): string {
  return `${trans._n('%1 node', '%1 nodes', session.nodes)} · ${trans._n(
    '%1 link',
    '%1 links',
    session.links
  )}`;
}
