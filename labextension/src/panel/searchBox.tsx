/** The toolbar's search box: as one types, matches light up; Enter goes from one to the next. */
import { closeIcon, searchIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import { useSignals } from './hooks';
import type { GraphModel } from './model';
import { SEARCH_DELAY_MS } from './search';

export function SearchBox(props: { model: GraphModel; leave: () => void }): React.JSX.Element {
  const { model } = props;
  const { search, trans } = model;
  useSignals(search.changed);
  const [text, setText] = React.useState(search.query);
  const timer = React.useRef<ReturnType<typeof setTimeout>>(undefined);
  const run = (query: string): void => {
    clearTimeout(timer.current);
    search.setQuery(query);
  };
  const type = (query: string): void => {
    setText(query);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => run(query), SEARCH_DELAY_MS);
  };
  const clear = (): void => {
    setText('');
    run('');
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key === 'Enter') {
      event.preventDefault();
      run(text);
      const id = search.step(event.shiftKey ? -1 : 1);
      if (id !== null) {
        model.reveal(id);
      }
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      clear();
      props.leave();
    }
  };
  const total = search.results?.size ?? 0;
  const count =
    search.at < 0
      ? total.toLocaleString()
      : trans.__('%1 of %2', (search.at + 1).toLocaleString(), total.toLocaleString());
  return (
    <div className="jp-graphext-Search" role="search" data-lm-suppress-shortcuts="true">
      <searchIcon.react tag="span" className="jp-graphext-Search-icon" />
      <input
        type="text"
        value={text}
        placeholder={trans.__('Find nodes')}
        aria-label={trans.__('Find nodes by id, name, type or property; Enter: next')}
        title={trans.__('Find nodes by id, name, type or property; Enter: next (/)')}
        data-testid="graphext-search"
        spellCheck={false}
        onChange={event => type(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {search.results && (
        <span
          className={`jp-graphext-Search-count${total === 0 ? ' jp-mod-none' : ''}`}
          role="status"
          data-testid="graphext-search-count"
        >
          {total === 0 ? trans.__('none') : count}
        </span>
      )}
      {text !== '' && (
        <button
          type="button"
          className="jp-graphext-IconButton"
          aria-label={trans.__('Clear the search')}
          title={trans.__('Clear the search (Esc)')}
          onClick={clear}
        >
          <closeIcon.react tag={null} />
        </button>
      )}
    </div>
  );
}
