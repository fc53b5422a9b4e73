/** The inspector: what is selected, in full, and edited field by field. */
import * as React from 'react';
import type { Command, JSONValue, LinkType, NodeType } from '../protocol';
import { withDescendants } from '../session/edits';
import type { ILink, INode } from '../store/graph';
import { ownerOf, setProperty } from './edits';
import { TextField } from './fields';
import { useSignals, useSlot } from './hooks';
import type { GraphModel } from './model';
import { Fixed, Heading, Row, typeLabel } from './inspectorParts';
import { EditingNote } from './peopleBar';
import { NodePicker } from './nodePicker';
import { attempt } from './notices';
import { PropertyForm } from './propertyForm';
import { PropertyTable } from './propertyTable';
import { colourOf } from './typeColours';
import { undoKey } from './undoKey';
import { parseValue } from './values';

export interface IInspectorProps {
  model: GraphModel;
  /** Delete what is selected, asking where more would go than one sees. */
  deleteSelection: () => void;
  /** Link the two selected nodes. */
  addLink: () => void;
}

export function Inspector(props: IInspectorProps): React.JSX.Element {
  const { model } = props;
  const { store, trans, selection } = model;
  useSignals(store.changed, model.selectionChanged, model.stateChanged);
  const box = React.useRef<HTMLDivElement>(null);
  const [wanted, setWanted] = React.useState<string | null>(null);
  useSlot(model.editRequested, setWanted);
  React.useEffect(() => {
    // once the inspector shows the node that is to be edited
    if (wanted !== null && selection.nodes[0] === wanted) {
      box.current?.querySelector('input')?.focus();
      setWanted(null);
    }
  });
  const count = selection.nodes.length + selection.links.length;
  const node = store.nodes.get(selection.nodes[0] ?? '');
  const link = store.links.get(selection.links[0] ?? '');
  const element = count === 1 ? (node?.node_id ?? link?.link_id) : undefined;
  React.useEffect(() => () => model.setEditing(null), [model, element]);
  let body: React.JSX.Element;
  if (count > 1) {
    body = <SeveralInspector {...props} />;
  } else if (node) {
    body = <NodeInspector key={`node ${node.node_id}`} model={model} node={node} />;
  } else if (link) {
    body = <LinkInspector key={`link ${link.link_id}`} model={model} link={link} />;
  } else {
    body = (
      <div className="jp-graphext-Muted jp-graphext-Inspector-none">
        {trans.__('Select a node or a link to see and edit it here.')}
      </div>
    );
  }
  return (
    <div
      ref={box}
      className="jp-graphext-Inspector"
      data-testid="graphext-inspector"
      data-lm-suppress-shortcuts="true"
      role="region"
      aria-label={trans.__('Inspector')}
      onKeyDown={event => {
        const which = undoKey(event);
        if (which !== null) {
          event.preventDefault();
          if (model.isLive && model.undoing.can(which)) {
            void model.undoing.run(which);
          }
        }
      }}
      onFocus={event => {
        if (element !== undefined && isField(event.target)) {
          model.setEditing(element);
        }
      }}
      onBlur={event => {
        if (!isField(event.relatedTarget) || !event.currentTarget.contains(event.relatedTarget)) {
          model.setEditing(null);
        }
      }}
    >
      {element !== undefined && <EditingNote model={model} id={element} />}
      {body}
    </div>
  );
}

/** Whether it is something that is typed or chosen in. */
function isField(target: EventTarget | null): target is HTMLElement {
  return (
    target instanceof HTMLElement &&
    target.matches('input:not([readonly]), textarea:not([readonly]), select, [contenteditable]')
  );
}

function NodeInspector(props: { model: GraphModel; node: INode }): React.JSX.Element {
  const { model, node } = props;
  const { store, trans, client, editable } = model;
  const update = (change: object): Promise<unknown> =>
    client.submit({ type: 'update-node', node_id: node.node_id, ...change });
  const type = store.blueprint.node_types?.[node.blueprint_type_id];
  const links = store.linksOf(node.node_id).length;
  const coordinate = (axis: 0 | 1): React.JSX.Element => (
    <TextField
      type="number"
      value={node.position === null ? '' : String(Math.round(node.position[axis] * 100) / 100)}
      save={text => {
        if (text.trim() === '') {
          return update({ position: null });
        }
        const [x, y] = node.position ?? [0, 0];
        const value = Number(parseValue(text, 'number'));
        return update({ position: axis === 0 ? [value, y] : [x, value] });
      }}
      label={axis === 0 ? trans.__('Position, x') : trans.__('Position, y')}
      placeholder={axis === 0 ? 'x' : 'y'}
      readOnly={!editable}
      trans={trans}
      testId={axis === 0 ? 'graphext-node-x' : 'graphext-node-y'}
    />
  );
  const hereOrBelow = React.useMemo(() => new Set(withDescendants(store, [node.node_id])), [node]);
  return (
    <>
      <Heading
        kind={typeLabel(store.blueprint, 'node', node.blueprint_type_id, trans)}
        title={store.label(node.node_id)}
        colour={colourOf(store, node.blueprint_type_id)}
      />
      <Row label={trans.__('Name')}>
        <TextField
          value={node.name}
          save={name => update({ name })}
          label={trans.__('Name')}
          placeholder={node.node_id}
          readOnly={!editable}
          trans={trans}
          testId="graphext-node-name"
        />
      </Row>
      <Row label={trans.__('Id')}>
        <Fixed text={node.node_id} testId="graphext-node-id" />
      </Row>
      <Row label={trans.__('Parent')}>
        <NodePicker
          value={node.parent_id ?? ''}
          save={id => update({ parent_id: id === '' ? null : id })}
          label={trans.__('Parent')}
          none={trans.__('None (top level)')}
          except={id => hereOrBelow.has(id)}
          store={store}
          readOnly={!editable}
          trans={trans}
          testId="graphext-node-parent"
        />
      </Row>
      <Row label={trans.__('Position')}>
        <div className="jp-graphext-Pair">
          {coordinate(0)}
          {coordinate(1)}
        </div>
      </Row>
      <Row label={trans.__('Links')}>
        <Fixed text={String(links)} testId="graphext-node-links" />
      </Row>
      <Properties model={model} element={node} type={type} />
    </>
  );
}

function LinkInspector(props: { model: GraphModel; link: ILink }): React.JSX.Element {
  const { model, link } = props;
  const { store, trans } = model;
  const end = (id: string, testId: string): React.JSX.Element => (
    <button
      type="button"
      className="jp-graphext-LinkButton"
      data-testid={testId}
      title={id}
      onClick={() => model.reveal(id)}
    >
      {store.label(id)}
    </button>
  );
  return (
    <>
      <Heading
        kind={trans.__('Link')}
        title={typeLabel(store.blueprint, 'link', link.link_type_id, trans)}
      />
      <Row label={trans.__('From')}>{end(link.source_id, 'graphext-link-source')}</Row>
      <Row label={trans.__('To')}>{end(link.target_id, 'graphext-link-target')}</Row>
      <Row label={trans.__('Id')}>
        <Fixed text={link.link_id} testId="graphext-link-id" />
      </Row>
      <Properties
        model={model}
        element={link}
        type={store.blueprint.link_types?.[link.link_type_id]}
      />
    </>
  );
}

function SeveralInspector(props: IInspectorProps): React.JSX.Element {
  const { model } = props;
  const { store, trans, selection, editable } = model;
  const { nodes, links } = selection;
  const types = new Map<string, number>();
  for (const id of nodes) {
    const type = store.nodes.get(id)?.blueprint_type_id ?? '';
    types.set(type, (types.get(type) ?? 0) + 1);
  }
  return (
    <>
      <Heading
        kind={trans.__('Selection')}
        title={[
          nodes.length > 0 && trans._n('%1 node', '%1 nodes', nodes.length),
          links.length > 0 && trans._n('%1 link', '%1 links', links.length)
        ]
          .filter(Boolean)
          .join(', ')}
      />
      <ul className="jp-graphext-Types">
        {[...types].map(([type, n]) => (
          <li key={type}>
            <span className="jp-graphext-Dot" style={{ background: colourOf(store, type) }} />
            <span>{typeLabel(store.blueprint, 'node', type, trans)}</span>
            <span className="jp-graphext-Muted">{n}</span>
          </li>
        ))}
      </ul>
      <div className="jp-graphext-Actions">
        {nodes.length === 2 && (
          <button
            type="button"
            className="jp-Button jp-mod-styled jp-mod-accept"
            disabled={!editable}
            onClick={props.addLink}
          >
            {trans.__('Link them')}
          </button>
        )}
        <button
          type="button"
          className="jp-Button jp-mod-styled jp-mod-reject"
          onClick={() => model.select({})}
        >
          {trans.__('Clear')}
        </button>
        <button
          type="button"
          className="jp-Button jp-mod-styled jp-mod-warn"
          disabled={!editable}
          onClick={props.deleteSelection}
        >
          {trans.__('Delete')}
        </button>
      </div>
    </>
  );
}

/** The properties: by the form of the type, and those that it does not know in a table. */
function Properties(props: {
  model: GraphModel;
  element: INode | ILink;
  type: NodeType | LinkType | undefined;
}): React.JSX.Element {
  const { model, element, type } = props;
  const { trans, client, store } = model;
  const owner = ownerOf(element);
  const submit = (command: Command): Promise<unknown> => client.submit(command);
  const known = type?.properties ?? {};
  const others = Object.fromEntries(
    Object.entries(element.properties).filter(([name]) => !Object.hasOwn(known, name))
  );
  // a type that declares none takes any
  const isForm = type !== undefined && Object.keys(known).length > 0;
  return (
    <>
      <h3 className="jp-graphext-Inspector-section">{trans.__('Properties')}</h3>
      {isForm && (
        <PropertyForm
          type={type}
          properties={element.properties}
          save={(name: string, value: JSONValue | undefined) =>
            submit(setProperty(owner, name, value))
          }
          store={store}
          readOnly={!model.editable}
          trans={trans}
        />
      )}
      {(!isForm || Object.keys(others).length > 0) && (
        <PropertyTable
          owner={owner}
          properties={others}
          submit={submit}
          attempt={work => attempt(work, trans)}
          readOnly={!model.editable}
          trans={trans}
        />
      )}
    </>
  );
}
