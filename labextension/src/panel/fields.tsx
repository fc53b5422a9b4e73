/** Fields that send what was typed on Enter or when they are left, and show refusals below. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { IDraft } from './draft';
import { useDraft } from './draft';
import { undoKey } from './undoKey';

export interface IFieldProps {
  /** The graph's value, as text. */
  value: string;
  save: (text: string) => Promise<unknown>;
  /** The accessible name. */
  label: string;
  trans: TranslationBundle;
  id?: string;
  className?: string;
  testId?: string;
  placeholder?: string;
  readOnly?: boolean;
}

export interface ITextFieldProps extends IFieldProps {
  type?: 'text' | 'number' | 'date' | 'datetime-local' | 'url';
  multiline?: boolean;
  /** Ids or texts to suggest. */
  suggestions?: readonly string[];
  autoFocus?: boolean;
  /** One has left the field, or taken back or kept what was there. */
  onDone?: () => void;
}

/** One line of text, a number, or several lines. */
export function TextField(props: ITextFieldProps): React.JSX.Element {
  const { multiline = false, type = 'text', suggestions, readOnly = false } = props;
  const draft = useDraft(props.value, props.save);
  const key = React.useId();
  const finish = (): void => {
    draft.commit();
    if (draft.text === props.value) {
      props.onDone?.();
    }
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) {
      return;
    }
    if (event.key === 'Enter' && (!multiline || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      finish();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      draft.reset();
      props.onDone?.();
    } else if (undoKey(event) !== null && draft.text !== props.value && !draft.isPending) {
      event.stopPropagation(); // it takes back what is being typed, and not the graph's last change
    }
  };
  const common = {
    id: props.id,
    className: inputClass(draft, props.className),
    value: draft.text,
    placeholder: props.placeholder,
    readOnly,
    spellCheck: false,
    'aria-label': props.label,
    'aria-invalid': draft.error !== '',
    'aria-describedby': draft.error === '' ? undefined : `${key}error`,
    'data-testid': props.testId,
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      draft.set(event.currentTarget.value),
    onBlur: finish,
    onKeyDown
  };
  return (
    <FieldFrame draft={draft} id={`${key}error`} trans={props.trans}>
      {multiline ? (
        <textarea {...common} rows={lines(draft.text)} />
      ) : (
        <input
          {...common}
          type={type}
          step={type === 'number' ? 'any' : undefined}
          list={suggestions ? `${key}list` : undefined}
          autoFocus={props.autoFocus}
          onFocus={props.autoFocus ? event => event.currentTarget.select() : undefined}
        />
      )}
      {suggestions && (
        <datalist id={`${key}list`}>
          {suggestions.map(text => (
            <option key={text} value={text} />
          ))}
        </datalist>
      )}
    </FieldFrame>
  );
}

export interface ISelectFieldProps extends IFieldProps {
  options: readonly { value: string; label: string }[];
}

/** One of several; sent as soon as it is chosen. */
export function SelectField(props: ISelectFieldProps): React.JSX.Element {
  const draft = useDraft(props.value, props.save);
  const key = React.useId();
  const known = props.options.some(option => option.value === draft.text);
  return (
    <FieldFrame draft={draft} id={`${key}error`} trans={props.trans}>
      <HTMLSelect
        id={props.id}
        className={inputClass(draft, 'jp-graphext-Select')}
        value={draft.text}
        disabled={props.readOnly}
        aria-label={props.label}
        aria-invalid={draft.error !== ''}
        aria-describedby={draft.error === '' ? undefined : `${key}error`}
        data-testid={props.testId}
        onChange={event => draft.commitText(event.currentTarget.value)}
      >
        {!known && <option value={draft.text}>{draft.text}</option>}
        {props.options.map(option => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </HTMLSelect>
    </FieldFrame>
  );
}

/** Yes or no; sent as soon as it is switched. */
export function CheckField(props: IFieldProps): React.JSX.Element {
  const draft = useDraft(props.value, props.save);
  const key = React.useId();
  return (
    <FieldFrame draft={draft} id={`${key}error`} trans={props.trans}>
      <input
        id={props.id}
        type="checkbox"
        className="jp-graphext-Check"
        checked={draft.text === 'true'}
        disabled={props.readOnly}
        aria-label={props.label}
        aria-invalid={draft.error !== ''}
        aria-describedby={draft.error === '' ? undefined : `${key}error`}
        data-testid={props.testId}
        onChange={event => draft.commitText(String(event.currentTarget.checked))}
      />
    </FieldFrame>
  );
}

/** A field with what is to be said about it. */
export function FieldFrame(props: {
  draft: IDraft;
  id: string;
  trans: TranslationBundle;
  children: React.ReactNode;
}): React.JSX.Element {
  const { draft, trans } = props;
  return (
    <div className={`jp-graphext-Field${draft.isPending ? ' jp-mod-pending' : ''}`}>
      {props.children}
      {draft.error !== '' && (
        <div className="jp-graphext-Field-error" id={props.id} role="alert">
          {draft.error}
        </div>
      )}
      {draft.isOvertaken && (
        <div className="jp-graphext-Field-hint" role="status">
          {trans.__('Somebody else has changed this meanwhile. Esc shows their value.')}
        </div>
      )}
    </div>
  );
}

export function inputClass(draft: IDraft, extra = ''): string {
  return `jp-graphext-Input ${extra} ${draft.error === '' ? '' : 'jp-mod-error'}`.trim();
}

/** As many lines as the text has, within reason. */
function lines(text: string): number {
  return Math.min(12, Math.max(2, text.split('\n').length));
}
