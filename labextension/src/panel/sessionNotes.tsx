/** What the panel says where there is no list to show: what to do first, or what is wrong. */
import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { copyIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { graphIcon } from './icons';
import type { SessionsPanelModel } from './sessionsPanel';

/** The code that makes a first graph from a notebook. */
const HINT_CODE = 'import graph_ext as gx\ng = gx.open("my graph")\ng';
/** What enables the server side where it is missing. */
const ENABLE_COMMAND = 'jupyter server extension enable graph_ext';

/** Nothing there yet: what to do. */
export function Empty(props: { model: SessionsPanelModel }): React.JSX.Element {
  const { model } = props;
  const { trans } = model;
  return (
    <div className="jp-graphext-Empty" data-testid="graphext-empty">
      <graphIcon.react tag="div" className="jp-graphext-Empty-icon" />
      <h2>{trans.__('No graphs yet')}</h2>
      <p>{trans.__('A graph lives on this server: notebooks, this panel and agents share it.')}</p>
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
export function Trouble(props: { model: SessionsPanelModel }): React.JSX.Element {
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
          <p>
            {trans.__('Enable it on the machine of the Jupyter server, then restart the server:')}
          </p>
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
        className="jp-Button jp-mod-styled jp-mod-accept"
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
