/** Adding nodes and links: asks for what only people know, until the server takes it. */
import { GraphError } from '../session/errors';
import { childTypes, missingProperties } from './blueprintSchema';
import { createdNodes } from './edits';
import type { IElement } from './elementDialog';
import { askElement } from './elementDialog';
import { linkTypes, nodeTypesInUse } from './linking';
import type { GraphModel } from './model';
import { notify } from './notices';

/** Ask for a node and make it, below the selected one if one likes. */
export async function addNode(model: GraphModel): Promise<void> {
  const { store, selection, client, trans } = model;
  const [parent, second] = selection.nodes;
  const below = second === undefined && parent !== undefined ? parent : null;
  const parentType = below === null ? null : (store.nodes.get(below)?.blueprint_type_id ?? '');
  const allowed = (isBelow: boolean): string[] | null =>
    childTypes(store.blueprint, isBelow ? parentType : null);
  const canBeBelow = below !== null && allowed(true)?.length !== 0;
  // a blueprint that says what stands below what means it; elsewhere one adds one node after another
  const allowedBelow = store.blueprint.node_types?.[parentType ?? '']?.allowed_children ?? null;
  const isBelow = canBeBelow && allowedBelow !== null;
  let initial: IElement = {
    name: '',
    type: allowed(isBelow)?.[0] ?? '',
    isBelow,
    properties: {}
  };
  let error: string | undefined;
  for (;;) {
    const element = await askElement({
      title: trans.__('Add node'),
      hasName: true,
      ...(canBeBelow && { below: store.label(below) }),
      types: below => {
        const types = allowed(below);
        return { types: types ?? nodeTypesInUse(store), open: types === null };
      },
      typeOf: id => store.blueprint.node_types?.[id],
      initial,
      ...(error !== undefined && { error }),
      store,
      trans
    });
    if (!element) {
      return;
    }
    try {
      const commit = await client.submit({
        type: 'create-node',
        name: element.name.trim(),
        blueprint_type_id: element.type,
        parent_id: element.isBelow ? below : null,
        properties: element.properties
      });
      const [made] = createdNodes(commit);
      if (made !== undefined) {
        model.reveal(made);
      }
      return;
    } catch (refusal) {
      if (!(refusal instanceof GraphError)) {
        throw refusal;
      }
      error = refusal.text;
      initial = element;
    }
  }
}

/** Make a link, asking for what only people know. */
export async function addLink(model: GraphModel, source: string, target: string): Promise<void> {
  const { store, client, trans } = model;
  const { types, open } = linkTypes(store, source, target);
  const ends: [string, string] = [store.label(source), store.label(target)];
  const [only, second] = types;
  if (!open && only === undefined) {
    notify(
      new GraphError('SCHEMA', trans.__('No type of link may go from "%1" to "%2".', ...ends)),
      trans
    );
    return;
  }
  const isClear =
    !open &&
    second === undefined &&
    missingProperties(store.blueprint.link_types?.[only ?? '']).length === 0;
  let element: IElement | null = {
    name: '',
    type: types.includes(model.linkType) ? model.linkType : open ? '' : (only ?? ''),
    isBelow: false,
    properties: {}
  };
  let error: string | undefined;
  for (let asks = !isClear; ; asks = true) {
    element = !asks
      ? element
      : await askElement({
          title: trans.__('Add link'),
          subject: trans.__('From "%1" to "%2"', ...ends),
          hasName: false,
          types: () => ({ types, open }),
          typeOf: id => store.blueprint.link_types?.[id],
          initial: element,
          ...(error !== undefined && { error }),
          store,
          trans
        });
    if (!element) {
      return;
    }
    try {
      const commit = await client.submit({
        type: 'link-nodes',
        source_id: source,
        target_id: target,
        link_type_id: element.type,
        properties: element.properties
      });
      model.linkType = element.type;
      const made = commit.events.find(event => event.type === 'node-linked');
      if (made) {
        model.select({ links: [made.link_id] });
      }
      return;
    } catch (refusal) {
      if (!(refusal instanceof GraphError)) {
        throw refusal;
      }
      error = refusal.text;
    }
  }
}
