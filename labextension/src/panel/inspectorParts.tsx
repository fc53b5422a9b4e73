/** The inspector's plain parts: its heading, its rows, text that only shows. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Blueprint } from '../protocol';

export function Heading(props: {
  kind: string;
  title: string;
  colour?: string;
}): React.JSX.Element {
  return (
    <header className="jp-graphext-Inspector-heading">
      <div className="jp-graphext-Inspector-kind">
        {props.colour !== undefined && (
          <span className="jp-graphext-Dot" style={{ background: props.colour }} />
        )}
        {props.kind}
      </div>
      <h2 title={props.title}>{props.title}</h2>
    </header>
  );
}

export function Row(props: { label: string; children: React.ReactNode }): React.JSX.Element {
  return (
    <div className="jp-graphext-Row">
      <span className="jp-graphext-Row-label">{props.label}</span>
      <div>{props.children}</div>
    </div>
  );
}

/** Text that can be selected and copied, but not changed. */
export function Fixed(props: { text: string; testId: string }): React.JSX.Element {
  return (
    <div className="jp-graphext-Fixed" title={props.text} data-testid={props.testId}>
      {props.text}
    </div>
  );
}

/** A type as people read it. */
export function typeLabel(
  blueprint: Blueprint,
  kind: 'node' | 'link',
  id: string,
  trans: TranslationBundle
): string {
  if (id === '') {
    return kind === 'node' ? trans.__('Node') : trans.__('Untyped link');
  }
  const types = kind === 'node' ? blueprint.node_types : blueprint.link_types;
  return (types?.[id]?.label ?? '') || id;
}
