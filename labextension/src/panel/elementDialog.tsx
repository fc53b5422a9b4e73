/** The dialog for a new node or link: a name, a type, and what its type cannot do without. */
import { Dialog, ReactWidget, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { JSONValue, LinkType, NodeType } from '../protocol';
import type { GraphStore } from '../store/graph';
import { missingProperties } from './blueprintSchema';
import type { ILinkTypes } from './linking';
import { PropertyForm } from './propertyForm';

/** What people entered. */
export interface IElement {
  name: string;
  type: string;
  /** Only nodes: put it below the node that `below` names. */
  isBelow: boolean;
  properties: { [name: string]: JSONValue };
}

export interface IElementDialogOptions {
  title: string;
  /** Said above the fields: what is linked to what. */
  subject?: string;
  hasName: boolean;
  /** The label of the selected node, where the new one may go below it. */
  below?: string;
  types: (isBelow: boolean) => ILinkTypes;
  typeOf: (id: string) => NodeType | LinkType | undefined;
  initial: IElement;
  /** What was wrong with the first try. */
  error?: string;
  store: GraphStore;
  trans: TranslationBundle;
}

/** Ask for an element; null: never mind. */
export async function askElement(options: IElementDialogOptions): Promise<IElement | null> {
  const { trans } = options;
  const body = new ElementBody(options);
  const result = await showDialog({
    title: options.title,
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Add') })
    ],
    focusNodeSelector: 'input, select'
  });
  return result.button.accept ? result.value : null;
}

class ElementBody extends ReactWidget implements Dialog.IBodyWidget<IElement> {
  constructor(private readonly _options: IElementDialogOptions) {
    super();
    this.addClass('jp-graphext-Dialog');
    this._element = _options.initial;
  }

  getValue(): IElement {
    // Enter reaches the dialog first: let the field that has the focus hand in its text
    if (document.activeElement instanceof HTMLElement) {
      document.activeElement.blur();
    }
    return this._element;
  }

  protected override render(): React.JSX.Element {
    return (
      <ElementFields
        {...this._options}
        onChange={element => {
          this._element = element;
        }}
      />
    );
  }

  private _element: IElement;
}

function ElementFields(
  props: IElementDialogOptions & { onChange: (element: IElement) => void }
): React.JSX.Element {
  const { trans, store, onChange } = props;
  const [element, setElement] = React.useState(props.initial);
  const latest = React.useRef(element);
  const put = (change: Partial<IElement>): void => {
    latest.current = { ...latest.current, ...change };
    onChange(latest.current);
    setElement(latest.current);
  };
  const { types, open } = props.types(element.isBelow);
  React.useEffect(() => {
    const [first] = types;
    if (!open && first !== undefined && !types.includes(element.type)) {
      put({ type: first });
    }
  }, [types.join('\n')]);
  const type = props.typeOf(element.type);
  const missing = missingProperties(type);
  const key = React.useId();
  return (
    <div className="jp-graphext-Dialog-fields" data-testid="graphext-element-dialog">
      {props.subject !== undefined && <p className="jp-graphext-Dialog-subject">{props.subject}</p>}
      {props.error !== undefined && (
        <p className="jp-graphext-Field-error" role="alert" data-testid="graphext-dialog-error">
          {props.error}
        </p>
      )}
      {props.hasName && (
        <label>
          <span>{trans.__('Name')}</span>
          <input
            className="jp-mod-styled"
            value={element.name}
            placeholder={trans.__('Optional')}
            data-testid="graphext-dialog-name"
            onChange={event => put({ name: event.currentTarget.value })}
          />
        </label>
      )}
      <label>
        <span>{trans.__('Type')}</span>
        {open ? (
          <>
            <input
              className="jp-mod-styled jp-graphext-Dialog-type"
              value={element.type}
              placeholder={trans.__('Optional')}
              list={`${key}types`}
              data-testid="graphext-dialog-type"
              onChange={event => put({ type: event.currentTarget.value })}
            />
            <datalist id={`${key}types`}>
              {types.map(id => (
                <option key={id} value={id} />
              ))}
            </datalist>
          </>
        ) : (
          <HTMLSelect
            className="jp-graphext-Dialog-type"
            value={element.type}
            data-testid="graphext-dialog-type"
            onChange={event => put({ type: event.currentTarget.value })}
          >
            {types.map(id => (
              <option key={id} value={id}>
                {(props.typeOf(id)?.label ?? '') || id}
              </option>
            ))}
          </HTMLSelect>
        )}
      </label>
      {props.below !== undefined && (
        <label className="jp-graphext-Dialog-check">
          <input
            type="checkbox"
            checked={element.isBelow}
            data-testid="graphext-dialog-below"
            onChange={event => put({ isBelow: event.currentTarget.checked })}
          />
          <span>{trans.__('Below "%1"', props.below)}</span>
        </label>
      )}
      {type !== undefined && missing.length > 0 && (
        <PropertyForm
          key={element.type}
          type={{ properties: Object.fromEntries(missing) }}
          properties={element.properties}
          save={(name, value) => {
            const { [name]: _, ...others } = latest.current.properties;
            put({ properties: value === undefined ? others : { ...others, [name]: value } });
            return Promise.resolve();
          }}
          store={store}
          readOnly={false}
          trans={trans}
        />
      )}
    </div>
  );
}
