/** Properties without a blueprint: names and values, each of the kind that it is. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, deleteIcon, HTMLSelect } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { Command, JSONValue } from '../protocol';
import type { Owner } from './edits';
import { renameProperty, setProperty } from './edits';
import { CheckField, TextField } from './fields';
import type { ValueKind } from './values';
import { convertValue, formatValue, kindOf, parseValue, VALUE_KINDS, ValueError } from './values';

export interface IPropertyTableProps {
  owner: Owner;
  properties: { readonly [name: string]: JSONValue };
  /** Sends a command; its failure is shown at the field. */
  submit: (command: Command) => Promise<unknown>;
  /** Reports a failure that has no field. */
  attempt: (work: Promise<unknown>) => Promise<boolean>;
  readOnly: boolean;
  trans: TranslationBundle;
}

export function PropertyTable(props: IPropertyTableProps): React.JSX.Element {
  const { owner, properties, submit, readOnly, trans } = props;
  const names = Object.keys(properties).sort((a, b) => a.localeCompare(b));
  const add = (name: string): Promise<unknown> => {
    const wanted = name.trim();
    if (wanted === '') {
      return Promise.resolve();
    }
    if (Object.hasOwn(properties, wanted)) {
      return Promise.reject(new Error(trans.__('There is a property "%1" already.', wanted)));
    }
    return submit(setProperty(owner, wanted, ''));
  };
  return (
    <div className="jp-graphext-Properties" data-testid="graphext-properties">
      {names.map(name => (
        <PropertyRow {...props} key={name} name={name} value={properties[name] ?? null} />
      ))}
      {names.length === 0 && readOnly && (
        <div className="jp-graphext-Muted">{trans.__('No properties')}</div>
      )}
      {!readOnly && <AddProperty add={add} trans={trans} />}
    </div>
  );
}

/** The line for one more property: its name first; its value is then edited in its row. */
function AddProperty(props: {
  add: (name: string) => Promise<unknown>;
  trans: TranslationBundle;
}): React.JSX.Element {
  return (
    <div className="jp-graphext-Properties-add">
      <addIcon.react tag="span" className="jp-graphext-Properties-addIcon" />
      <TextField
        value=""
        save={props.add}
        label={props.trans.__('Name of a new property')}
        placeholder={props.trans.__('Add property')}
        trans={props.trans}
        testId="graphext-property-add"
      />
    </div>
  );
}

function PropertyRow(
  props: IPropertyTableProps & { name: string; value: JSONValue }
): React.JSX.Element {
  const { owner, name, value, submit, readOnly, trans } = props;
  const kind = kindOf(value);
  const rename = (text: string): Promise<unknown> => {
    const wanted = text.trim();
    if (wanted === '') {
      return Promise.reject(new Error(trans.__('A property needs a name.')));
    }
    if (Object.hasOwn(props.properties, wanted)) {
      return Promise.reject(new Error(trans.__('There is a property "%1" already.', wanted)));
    }
    return submit(renameProperty(owner, name, wanted, value));
  };
  const save = async (text: string): Promise<unknown> =>
    submit(
      setProperty(
        owner,
        name,
        sayWhy(() => parseValue(text, kind), trans)
      )
    );
  const field = {
    value: formatValue(value, kind),
    save,
    label: trans.__('Value of %1', name),
    readOnly,
    trans,
    testId: `graphext-property-value-${name}`
  };
  return (
    <div className="jp-graphext-Properties-row" data-property={name}>
      <TextField
        value={name}
        save={rename}
        label={trans.__('Name of property %1', name)}
        className="jp-graphext-Properties-name"
        readOnly={readOnly}
        trans={trans}
      />
      {kind === 'boolean' ? (
        <CheckField {...field} />
      ) : (
        <TextField
          key={kind}
          {...field}
          type={kind === 'number' ? 'number' : 'text'}
          multiline={kind === 'json' || field.value.includes('\n') || field.value.length > 60}
          className={kind === 'json' ? 'jp-graphext-mod-code' : ''}
        />
      )}
      {!readOnly && (
        <div className="jp-graphext-Properties-actions">
          <HTMLSelect
            className="jp-graphext-Kind"
            value={kind}
            title={kindLabel(kind, trans)}
            aria-label={trans.__('Kind of %1', name)}
            data-testid={`graphext-property-kind-${name}`}
            onChange={event => {
              const wanted = event.currentTarget.value as ValueKind;
              void props.attempt(submit(setProperty(owner, name, convertValue(value, wanted))));
            }}
          >
            {VALUE_KINDS.map(other => (
              <option key={other} value={other}>
                {kindLabel(other, trans)}
              </option>
            ))}
          </HTMLSelect>
          <button
            type="button"
            className="jp-graphext-IconButton"
            title={trans.__('Delete property')}
            aria-label={trans.__('Delete property %1', name)}
            data-testid={`graphext-property-delete-${name}`}
            onClick={() => void props.attempt(submit(setProperty(owner, name, undefined)))}
          >
            <deleteIcon.react tag={null} />
          </button>
        </div>
      )}
    </div>
  );
}

function kindLabel(kind: ValueKind, trans: TranslationBundle): string {
  switch (kind) {
    case 'text':
      return trans.__('Text');
    case 'number':
      return trans.__('Number');
    case 'boolean':
      return trans.__('Yes/no');
    case 'json':
      return trans.__('JSON');
  }
}

/** Read a value; where it is none, throw an error in words. */
export function sayWhy<T>(read: () => T, trans: TranslationBundle): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof ValueError ? new Error(say(error, trans), { cause: error }) : error;
  }
}

function say(error: ValueError, trans: TranslationBundle): string {
  switch (error.reason) {
    case 'number':
      return trans.__('This must be a number.');
    case 'range':
      return trans.__('This number is too large to be kept exactly.');
    case 'json':
      return trans.__('This is not valid JSON.');
  }
}
