/** How a graph stands: live, loading, offline, ended, read only; and how large it is. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { lockIcon, refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { SessionClient } from '../session/client';
import { useSignals } from './hooks';
import type { GraphModel } from './model';

/** What the chip says. */
export interface IStatusText {
  readonly kind: 'live' | 'busy' | 'offline' | 'ended' | 'locked';
  readonly text: string;
  readonly title: string;
  /** How much is loaded, 0 to 1. */
  readonly progress: number | null;
}

type State = Pick<SessionClient, 'status' | 'progress' | 'role' | 'readOnly' | 'error'>;

export function statusText(state: State, trans: TranslationBundle): IStatusText {
  switch (state.status) {
    case 'connecting':
      return {
        kind: 'busy',
        text: trans.__('Connecting…'),
        title: trans.__('Connecting to the Jupyter server'),
        progress: null
      };
    case 'loading': {
      const { loaded, total } = state.progress ?? { loaded: 0, total: 0 };
      return {
        kind: 'busy',
        text: total > 0 ? trans.__('Loading %1 of %2', grouped(loaded), grouped(total)) : trans.__('Loading…'),
        title: trans.__('The graph is being loaded'),
        progress: total > 0 ? Math.min(1, loaded / total) : null
      };
    }
    case 'offline':
      return {
        kind: 'offline',
        text: trans.__('Offline'),
        title:
          state.error?.text ??
          trans.__('The Jupyter server does not answer. What you change is sent when it is back.'),
        progress: null
      };
    case 'ended':
      return {
        kind: 'ended',
        text: trans.__('Ended'),
        title: state.error?.text ?? '',
        progress: null
      };
    case 'live':
      if (state.readOnly !== '') {
        return { kind: 'locked', text: trans.__('Read only'), title: state.readOnly, progress: null };
      }
      if (state.role === 'viewer') {
        return {
          kind: 'locked',
          text: trans.__('View only'),
          title: trans.__('You may look at this graph, but not change it.'),
          progress: null
        };
      }
      return {
        kind: 'live',
        text: trans.__('Live'),
        title: trans.__('Changes of everybody show at once.'),
        progress: null
      };
  }
}

function grouped(count: number): string {
  return count.toLocaleString();
}

export function StatusChip(props: { model: GraphModel; retry: () => void }): React.JSX.Element {
  const { client, trans } = props.model;
  useSignals(client.statusChanged);
  const { kind, text, title, progress } = statusText(client, trans);
  return (
    <div
      className={`jp-graphext-Status jp-mod-${kind}`}
      title={title}
      role="status"
      data-testid="graphext-status"
      data-status={client.status}
    >
      {kind === 'locked' ? (
        <lockIcon.react tag="span" className="jp-graphext-Status-lock" />
      ) : (
        <span className="jp-graphext-Status-dot" aria-hidden="true" />
      )}
      <span>{text}</span>
      {progress !== null && <progress value={progress} max={1} aria-label={text} />}
      {kind === 'offline' && (
        <button
          type="button"
          className="jp-graphext-IconButton"
          title={trans.__('Reconnect now')}
          aria-label={trans.__('Reconnect now')}
          data-testid="graphext-retry"
          onClick={props.retry}
        >
          <refreshIcon.react tag={null} />
        </button>
      )}
    </div>
  );
}

export function Counts(props: { model: GraphModel }): React.JSX.Element {
  const { store, trans } = props.model;
  useSignals(store.changed);
  const nodes = store.nodes.size;
  const links = store.links.size;
  return (
    <div
      className="jp-graphext-Counts"
      data-testid="graphext-counts"
      data-nodes={nodes}
      data-links={links}
    >
      {trans._n('%1 node', '%1 nodes', nodes).replace(String(nodes), grouped(nodes))}
      {' · '}
      {trans._n('%1 link', '%1 links', links).replace(String(links), grouped(links))}
    </div>
  );
}
