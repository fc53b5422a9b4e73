/**
 * Properties with a blueprint: JupyterLab's form, drawn from the JSON Schema of the element's type.
 *
 * Each field keeps what is being typed and sends its property by itself (through the form's context),
 * so the form's own data is always the graph's, and the server is the one that decides.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { FormComponent } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { FieldProps, RJSFSchema, UiSchema } from '@rjsf/utils';
import { customizeValidator } from '@rjsf/validator-ajv8';
import * as React from 'react';
import type { JSONValue, LinkType, NodeType, PropertyType } from '../protocol';
import type { GraphStore } from '../store/graph';
import { elementSchema } from './blueprintSchema';
import { CheckField, SelectField, TextField } from './fields';
import { NodePicker } from './nodePicker';
import { sayWhy } from './propertyTable';
import { formatValue, readProperty } from './values';

export interface IPropertyFormProps {
  type: NodeType | LinkType;
  properties: { readonly [name: string]: JSONValue };
  /** Sends one property; `undefined` deletes it. Its failure is shown at the field. */
  save: (name: string, value: JSONValue | undefined) => Promise<unknown>;
  store: GraphStore;
  readOnly: boolean;
  trans: TranslationBundle;
}

/** What the fields get of it, through the form's context. */
type Context = Omit<IPropertyFormProps, 'type'> & { types: { [name: string]: PropertyType } };

export function PropertyForm(props: IPropertyFormProps): React.JSX.Element {
  const [schema, uiSchema] = React.useMemo(
    () => [elementSchema(props.type) as RJSFSchema, formLayout(props.type)],
    [props.type]
  );
  const context: Context = { ...props, types: props.type.properties ?? {} };
  return (
    <div className="jp-graphext-Form" data-testid="graphext-form">
      <FormComponent
        schema={schema}
        uiSchema={uiSchema}
        validator={validator}
        formData={props.properties}
        formContext={context}
        fields={FIELDS}
        tagName="div"
        compact
        showModifiedFromDefault={false}
        onChange={() => undefined}
      />
    </div>
  );
}

/** Never asked while one types; the form wants one all the same. */
const validator = customizeValidator<ReadonlyJSONObject>();
const FIELD = 'graphext-property';
const FIELDS = { [FIELD]: LabelledField };

function formLayout(type: NodeType | LinkType): UiSchema<ReadonlyJSONObject> {
  return Object.fromEntries(
    Object.keys(type.properties ?? {}).map(name => [name, { 'ui:field': FIELD }])
  );
}

function LabelledField(props: FieldProps<ReadonlyJSONObject>): React.JSX.Element {
  const context = props.formContext as Context;
  const { schema, name } = props;
  const id = props.idSchema.$id;
  const label = schema.title ?? name;
  return (
    <div className="jp-graphext-Row" data-property={name}>
      <label htmlFor={id} title={name}>
        {label}
        {props.required && (
          <span className="jp-graphext-Required" title={context.trans.__('Required')}>
            *
          </span>
        )}
      </label>
      <div>
        <PropertyField {...context} id={id} name={name} label={label} />
        {schema.description !== undefined && (
          <div className="jp-graphext-Row-description">{schema.description}</div>
        )}
      </div>
    </div>
  );
}

function PropertyField(
  props: Context & { id: string; name: string; label: string }
): React.JSX.Element {
  const { name, trans, readOnly, store } = props;
  const type: PropertyType = props.types[name] ?? {};
  const value = props.properties[name];
  const text = value === undefined ? '' : formatValue(value);
  const save = async (typed: string): Promise<unknown> =>
    props.save(
      name,
      sayWhy(() => readProperty(type, typed), trans)
    );
  const field = {
    value: text,
    save,
    id: props.id,
    label: props.label,
    placeholder: type.required ? trans.__('Required') : '',
    readOnly,
    trans,
    testId: `graphext-property-value-${name}`
  };
  switch (type.type ?? 'text') {
    case 'boolean':
      return <CheckField {...field} />;
    case 'number':
    case 'integer':
      return <TextField {...field} type="number" />;
    case 'currency':
      return (
        <div className="jp-graphext-Unit">
          <TextField {...field} type="number" />
          <span>{type.currency}</span>
        </div>
      );
    case 'date':
      return <TextField {...field} type="date" />;
    case 'datetime':
      return <TextField {...field} placeholder="2026-11-30T09:00:00Z" />;
    case 'duration':
      return <TextField {...field} placeholder="P3DT4H" />;
    case 'url':
      return <TextField {...field} type="url" placeholder="https://" />;
    case 'select':
      return <SelectField {...field} options={choices(type)} />;
    case 'multi-select':
      return <ManyField {...field} options={type.options ?? []} chosen={value} />;
    case 'reference':
      return (
        <NodePicker {...field} store={store} none={type.required ? undefined : trans.__('None')} />
      );
    case 'json':
      return (
        <TextField
          {...field}
          value={value === undefined ? '' : formatValue(value, 'json')}
          multiline
          className="jp-graphext-mod-code"
        />
      );
    case 'text':
      return <TextField {...field} multiline={text.length > 60 || text.includes('\n')} />;
  }
}

/** Several of the options, as boxes to tick; sent as soon as one is. */
function ManyField(props: {
  id: string;
  label: string;
  testId: string;
  readOnly: boolean;
  options: readonly string[];
  chosen: JSONValue | undefined;
  value: string;
  save: (text: string) => Promise<unknown>;
  trans: TranslationBundle;
}): React.JSX.Element {
  const chosen: JSONValue[] = Array.isArray(props.chosen) ? props.chosen : [];
  return (
    <div role="group" aria-label={props.label} id={props.id} className="jp-graphext-Many">
      {props.options.map(option => (
        <label key={option}>
          <CheckField
            value={String(chosen.includes(option))}
            label={option}
            readOnly={props.readOnly}
            trans={props.trans}
            testId={`${props.testId}-${option}`}
            save={ticked =>
              props.save(
                JSON.stringify(
                  props.options.filter(other =>
                    other === option ? ticked === 'true' : chosen.includes(other)
                  )
                )
              )
            }
          />
          <span>{option}</span>
        </label>
      ))}
    </div>
  );
}

function choices(type: PropertyType): { value: string; label: string }[] {
  const options = (type.options ?? []).map(option => ({ value: option, label: option }));
  return type.required ? options : [{ value: '', label: '' }, ...options];
}
