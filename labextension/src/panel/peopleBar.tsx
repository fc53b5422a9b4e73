/** Who else is here: their initials in the toolbar; a click shows what they look at. */
import * as React from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IPerson } from '../session/people';
import { useSignals } from './hooks';
import type { GraphModel } from './model';

/** So many have room; the others are counted. */
const MOST = 5;

export function PeopleBar(props: { model: GraphModel }): React.JSX.Element {
  const { model } = props;
  const { people, trans } = model;
  useSignals(model.peopleChanged);
  const more = people.slice(MOST);
  return (
    <ul
      className="jp-graphext-People"
      aria-label={trans.__('Who is here')}
      data-testid="graphext-people"
      data-count={people.length}
    >
      {people.slice(0, MOST).map(person => (
        <li key={person.actorId}>
          <button
            type="button"
            className={`jp-graphext-Avatar${person.editing.size > 0 ? ' jp-mod-editing' : ''}`}
            style={{ background: colourOfPerson(person) }}
            title={describe(person, trans)}
            aria-label={describe(person, trans)}
            data-testid="graphext-person"
            data-name={person.name}
            onClick={() => lookAt(model, person)}
          >
            <span aria-hidden="true">{person.initials}</span>
          </button>
        </li>
      ))}
      {more.length > 0 && (
        <li
          className="jp-graphext-Avatar jp-mod-more"
          title={more.map(person => describe(person, trans)).join('\n')}
        >
          {trans.__('+%1', more.length)}
        </li>
      )}
    </ul>
  );
}

/** What the inspector says while others work on the element that it shows. */
export function EditingNote(props: { model: GraphModel; id: string }): React.JSX.Element {
  const { model, id } = props;
  const { people, trans } = model;
  useSignals(model.peopleChanged);
  const editing = people.filter(person => person.editing.has(id));
  return (
    <div role="status" data-testid="graphext-editing">
      {editing.map(person => (
        <div key={person.actorId} className="jp-graphext-EditingNote">
          <span className="jp-graphext-Dot" style={{ background: colourOfPerson(person) }} />
          {trans.__('%1 is editing this', person.name)}
        </div>
      ))}
    </div>
  );
}

/** A CSS colour: JupyterLab's for collaborators, as on the canvas. */
function colourOfPerson(person: IPerson): string {
  return `var(--jp-collaborator-color${person.slot + 1})`;
}

function describe(person: IPerson, trans: TranslationBundle): string {
  const name = person.isMe ? trans.__('%1 (you)', person.name) : person.name;
  const places = person.clients.map(client => placeOf(client.kind ?? 'agent', client.label, trans));
  return [
    person.role === '' ? name : trans.__('%1, %2', name, roleName(person.role, trans)),
    ...new Set(places.filter(place => place !== person.name))
  ].join('\n');
}

function placeOf(kind: string, label: string | undefined, trans: TranslationBundle): string {
  switch (kind) {
    case 'ui':
      return trans.__('In a browser');
    case 'kernel':
      return trans.__('Notebook %1', label ?? '');
    default:
      return trans.__('Program %1', label ?? '');
  }
}

/** A role as people read it. */
export function roleName(role: string, trans: TranslationBundle): string {
  switch (role) {
    case 'owner':
      return trans.__('owner');
    case 'editor':
      return trans.__('editor');
    case 'viewer':
      return trans.__('viewer');
    default:
      return role;
  }
}

/** Select what somebody has selected, and bring it into view. */
function lookAt(model: GraphModel, person: IPerson): void {
  const { store } = model;
  const nodes = person.selection.filter(id => store.nodes.has(id));
  const links = person.selection.filter(id => store.links.has(id));
  const [only, second] = nodes;
  if (only !== undefined && second === undefined && links.length === 0) {
    model.reveal(only);
  } else if (nodes.length + links.length > 0) {
    model.select({ nodes, links });
  }
}
