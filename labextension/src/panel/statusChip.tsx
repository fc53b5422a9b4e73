/** The toolbar's right: how large the graph is, and how it stands. */
import { lockIcon, refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { useSignals } from './hooks';
import type { GraphModel } from './model';
import { sizeText, statusText } from './status';

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
      {sizeText({ nodes, links }, trans)}
    </div>
  );
}
