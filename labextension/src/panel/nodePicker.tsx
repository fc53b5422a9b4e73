/** A field that holds a node: shows its name, finds others as one types (a WAI-ARIA combobox). */
import * as React from 'react';
import type { GraphStore } from '../store/graph';
import { useDraft } from './draft';
import type { IFieldProps } from './fields';
import { FieldFrame, inputClass } from './fields';
import { suggest } from './search';

export interface INodePickerProps extends IFieldProps {
  store: GraphStore;
  /** What stands for no node; without it there must be one. */
  none?: string;
  /** Nodes that may not be chosen. */
  except?: (nodeId: string) => boolean;
}

export function NodePicker(props: INodePickerProps): React.JSX.Element {
  const { store, none, except, readOnly = false } = props;
  const draft = useDraft(props.value, props.save);
  const [query, setQuery] = React.useState<string | null>(null);
  const [at, setAt] = React.useState(0);
  const key = React.useId();
  const found = query === null ? [] : suggest(store, query, except);
  const options = none !== undefined && query?.trim() === '' ? ['', ...found] : found;
  const text = (id: string): string => (id === '' ? (none ?? '') : store.label(id));
  const choose = (id: string): void => {
    setQuery(null);
    draft.commitText(id);
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      setQuery(null);
      draft.reset();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const option = options[at];
      if (option !== undefined) {
        choose(option);
      }
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const by = event.key === 'ArrowDown' ? 1 : -1;
      setAt(query === null ? 0 : (at + by + options.length) % Math.max(1, options.length));
      setQuery(query ?? '');
    }
  };
  return (
    <FieldFrame draft={draft} id={`${key}error`} trans={props.trans}>
      <div className="jp-graphext-Picker">
        <input
          id={props.id}
          className={inputClass(draft)}
          role="combobox"
          aria-label={props.label}
          aria-expanded={query !== null}
          aria-controls={`${key}list`}
          aria-autocomplete="list"
          aria-activedescendant={query === null ? undefined : `${key}${at}`}
          aria-invalid={draft.error !== ''}
          aria-describedby={draft.error === '' ? undefined : `${key}error`}
          data-testid={props.testId}
          spellCheck={false}
          autoComplete="off"
          readOnly={readOnly}
          placeholder={none}
          value={query ?? text(draft.text)}
          onFocus={event => event.currentTarget.select()}
          onChange={event => {
            setQuery(event.currentTarget.value);
            setAt(0);
          }}
          onBlur={() => {
            if (query?.trim() === '' && none !== undefined) {
              choose('');
            }
            setQuery(null);
          }}
          onKeyDown={readOnly ? undefined : onKeyDown}
        />
        {query !== null && (
          <ul className="jp-graphext-Picker-list" role="listbox" id={`${key}list`}>
            {options.map((id, i) => (
              <li
                key={id}
                id={`${key}${i}`}
                role="option"
                aria-selected={i === at}
                className={i === at ? 'jp-mod-active' : ''}
                onMouseDown={event => {
                  event.preventDefault(); // the input keeps the focus
                  choose(id);
                }}
              >
                <span>{text(id)}</span>
                {id !== '' && text(id) !== id && <small>{id}</small>}
              </li>
            ))}
            {options.length === 0 && (
              <li className="jp-graphext-Picker-none">{props.trans.__('No node found')}</li>
            )}
          </ul>
        )}
      </div>
    </FieldFrame>
  );
}
