/** The list of graphs: found by name, opened, renamed and deleted by mouse and by keyboard. */
import { Time } from '@jupyterlab/coreutils';
import { deleteIcon, editIcon, FilterBox, lockIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { SessionInfo } from '../protocol';
import { useSignals } from './hooks';
import { graphIcon } from './icons';
import { NewRow, RenameField } from './sessionNameFields';
import { Empty, Trouble } from './sessionNotes';
import type { SessionsPanelModel } from './sessionsPanel';
import { compact, sizeText } from './status';

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
          <span>{sizeText(session, trans, compact)}</span>
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
          icon={deleteIcon}
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
