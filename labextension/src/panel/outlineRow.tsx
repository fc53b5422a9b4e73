/** One row of the outline: a node's name, type and colour; folded, dragged, renamed in place. */
import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { INode } from '../store/graph';
import { TextField } from './fields';
import type { GraphModel } from './model';
import type { IRow } from './rows';
import { colourOf } from './typeColours';

/** What a dragged node is known by, within this page. */
export const DRAG_TYPE = 'application/x-graphext-node';

interface IOutlineRowProps {
  id: string;
  model: GraphModel;
  row: IRow;
  top: number;
  isCursor: boolean;
  isSelected: boolean;
  isFound: boolean;
  isDropTarget: boolean;
  isRenaming: boolean;
  endRename: () => void;
  fold: (id: string, open: boolean) => void;
  choose: (event: React.MouseEvent) => void;
  rename: () => void;
  dragOver: (event: React.DragEvent) => void;
  drop: (event: React.DragEvent) => void;
}

export function OutlineRow(props: IOutlineRowProps): React.JSX.Element {
  const { row, model } = props;
  const { store, trans } = model;
  const node = store.nodes.get(row.node_id);
  const label = store.label(row.node_id);
  const Caret = row.expanded ? caretDownIcon : caretRightIcon;
  const flags = [
    props.isSelected && 'jp-mod-selected',
    props.isCursor && 'jp-mod-active',
    props.isFound && 'jp-mod-found',
    props.isDropTarget && 'jp-mod-drop'
  ];
  return (
    <div
      id={props.id}
      className={['jp-graphext-Outline-row', ...flags.filter(Boolean)].join(' ')}
      style={{ top: props.top, paddingLeft: 4 + row.depth * 14 }}
      role="treeitem"
      aria-level={row.depth + 1}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-selected={props.isSelected}
      aria-expanded={row.hasChildren ? row.expanded : undefined}
      data-node-id={row.node_id}
      title={node ? rowTitle(node, label) : label}
      draggable={model.editable && !props.isRenaming}
      onClick={props.choose}
      onDoubleClick={props.rename}
      onDragStart={event => {
        event.dataTransfer.setData(DRAG_TYPE, row.node_id);
        event.dataTransfer.effectAllowed = 'move';
      }}
      onDragOver={props.dragOver}
      onDrop={props.drop}
    >
      <span
        className="jp-graphext-Outline-caret"
        aria-hidden="true"
        onClick={event => {
          if (row.hasChildren) {
            event.stopPropagation();
            props.fold(row.node_id, !row.expanded);
          }
        }}
      >
        {row.hasChildren && <Caret.react tag={null} />}
      </span>
      <span
        className="jp-graphext-Dot"
        style={{ background: colourOf(store, node?.blueprint_type_id ?? '') }}
      />
      {props.isRenaming ? (
        <div className="jp-graphext-Outline-rename" data-lm-suppress-shortcuts="true">
          <TextField
            value={node?.name ?? ''}
            save={async name => {
              await model.client.submit({ type: 'update-node', node_id: row.node_id, name });
              props.endRename();
            }}
            label={trans.__('New name of %1', label)}
            placeholder={row.node_id}
            trans={trans}
            testId="graphext-outline-rename"
            autoFocus
            onDone={props.endRename}
          />
        </div>
      ) : (
        <>
          <span className="jp-graphext-Outline-label">{label}</span>
          <span className="jp-graphext-Outline-type">{node?.blueprint_type_id}</span>
        </>
      )}
    </div>
  );
}

function rowTitle(node: INode, label: string): string {
  return [label, node.node_id === label ? '' : node.node_id, node.blueprint_type_id]
    .filter(Boolean)
    .join('\n');
}
