/** The outline: the forest of nodes as a tree that draws only the rows in sight. */
import * as React from 'react';
import type { Command } from '../protocol';
import type { INode } from '../store/graph';
import { useSignals, useSlot } from './hooks';
import type { GraphModel } from './model';
import { DRAG_TYPE, OutlineRow } from './outlineRow';
import { ancestors, flatten, move } from './rows';

/** A row's height, px; style/panel.css has the same. */
const ROW_PX = 24;
/** Rows drawn beyond each edge of what is in sight. */
const MARGIN_ROWS = 8;
/** Up to this many nodes, a graph starts unfolded. */
const UNFOLD_UP_TO = 200;

export function Outline(props: { model: GraphModel }): React.JSX.Element {
  const { model } = props;
  const { store, trans, search } = model;
  useSignals(store.changed, model.selectionChanged, model.stateChanged, search.changed);
  const [expanded, setExpanded] = React.useState<ReadonlySet<string> | null>(null);
  const [cursor, setCursor] = React.useState<string | null>(null);
  const [renaming, setRenaming] = React.useState<string | null>(null);
  const [dropOn, setDropOn] = React.useState<string | null>(null);
  const [view, setView] = React.useState({ top: 0, height: 400 });
  const box = React.useRef<HTMLDivElement>(null);
  const key = React.useId();

  const unfolded = expanded ?? startUnfolded(store.nodes);
  // flattening a big graph takes a while: only where nodes came, went or moved
  const structure = React.useRef(0);
  useSlot(store.changed, change => {
    structure.current += change.reset || change.structure ? 1 : 0;
  });
  React.useEffect(() => {
    structure.current += 1; // nobody listened until now
  }, [store]);
  // a graph that is still coming would be sorted anew with each of its pages
  const isLoading = model.client.status === 'loading';
  const rows = React.useMemo(
    () => (isLoading ? [] : flatten(store, unfolded)),
    [store, unfolded, structure.current, isLoading]
  );
  const at = rows.findIndex(row => row.node_id === cursor);
  const selected = new Set(model.selection.nodes);

  const fold = (id: string, open: boolean): void => {
    const next = new Set(unfolded);
    if (open) {
      next.add(id);
    } else {
      next.delete(id);
    }
    setExpanded(next);
  };
  const scrollTo = (index: number): void => {
    const node = box.current;
    if (!node || index < 0) {
      return;
    }
    const y = index * ROW_PX;
    if (y < node.scrollTop) {
      node.scrollTop = y;
    } else if (y + ROW_PX > node.scrollTop + node.clientHeight) {
      node.scrollTop = y + ROW_PX - node.clientHeight;
    }
  };
  const go = (index: number, extend = false): void => {
    const row = rows[index];
    if (row) {
      setCursor(row.node_id);
      model.select({ nodes: extend ? [...selected, row.node_id] : [row.node_id] });
      scrollTo(index);
    }
  };
  const show = (id: string): void => {
    const above = ancestors(store, id);
    const open = above.every(parent => unfolded.has(parent))
      ? unfolded
      : new Set([...unfolded, ...above]);
    setExpanded(open);
    setCursor(id);
    scrollTo(flatten(store, open).findIndex(row => row.node_id === id));
  };

  // follow the selection of the canvas, without scrolling for one's own click
  const [only, second] = model.selection.nodes;
  React.useEffect(() => {
    if (only !== undefined && second === undefined && only !== cursor && store.nodes.has(only)) {
      show(only);
    }
  }, [only, second]);
  useSlot(model.revealed, show);
  useSlot(model.renameRequested, id => {
    show(id);
    setRenaming(id);
  });

  React.useEffect(() => {
    const node = box.current;
    if (!node) {
      return undefined;
    }
    const observer = new ResizeObserver(() =>
      setView({ top: node.scrollTop, height: node.clientHeight })
    );
    observer.observe(node);
    return () => observer.disconnect();
  }, []);

  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const step = move(rows, at, event.key, Math.max(1, Math.floor(view.height / ROW_PX) - 1));
    if (step) {
      if ('go' in step) {
        go(step.go, event.shiftKey);
      } else if ('expand' in step) {
        fold(step.expand, true);
      } else {
        fold(step.collapse, false);
      }
    } else if (event.key === 'Enter' && cursor !== null) {
      model.choose({ nodes: [cursor] });
      model.reveal(cursor);
    } else if (event.key === 'F2' && cursor !== null && model.editable) {
      setRenaming(cursor);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const drop = (event: React.DragEvent, parent: string | null): void => {
    const id = event.dataTransfer.getData(DRAG_TYPE);
    setDropOn(null);
    event.preventDefault();
    event.stopPropagation();
    if (id !== '' && id !== parent && store.nodes.get(id)?.parent_id !== parent) {
      const command: Command = { type: 'update-node', node_id: id, parent_id: parent };
      void model.submit(command);
    }
  };
  const dragOver = (event: React.DragEvent, target: string | null): void => {
    if (event.dataTransfer.types.includes(DRAG_TYPE)) {
      event.preventDefault();
      event.stopPropagation();
      setDropOn(target);
    }
  };
  const endRename = (): void => {
    setRenaming(null);
    // by a key: the keyboard stays here; by a click elsewhere: it is there already
    if (box.current?.contains(document.activeElement)) {
      box.current.focus();
    }
  };

  const first = Math.max(0, Math.floor(view.top / ROW_PX) - MARGIN_ROWS);
  const last = Math.ceil((view.top + view.height) / ROW_PX) + MARGIN_ROWS;
  return (
    <div
      ref={box}
      className="jp-graphext-Outline jp-graphext-mod-keys"
      data-testid="graphext-outline"
      role="tree"
      aria-label={trans.__('Nodes')}
      aria-multiselectable="true"
      aria-activedescendant={at < 0 ? undefined : `${key}${cursor}`}
      tabIndex={0}
      onScroll={event =>
        setView({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })
      }
      onKeyDown={onKeyDown}
      onFocus={event => {
        if (event.target === event.currentTarget && at < 0 && rows[0]) {
          setCursor(rows[0].node_id);
        }
      }}
      onDragOver={event => dragOver(event, null)}
      onDrop={event => drop(event, null)}
    >
      {rows.length === 0 && (
        <div className="jp-graphext-Muted jp-graphext-Outline-empty">
          {model.client.status === 'live' ? trans.__('No nodes yet') : ''}
        </div>
      )}
      <div className="jp-graphext-Outline-all" style={{ height: rows.length * ROW_PX }} role="none">
        {rows.slice(first, last).map((row, i) => (
          <OutlineRow
            key={row.node_id}
            id={`${key}${row.node_id}`}
            model={model}
            row={row}
            top={(first + i) * ROW_PX}
            isCursor={row.node_id === cursor}
            isSelected={selected.has(row.node_id)}
            isFound={search.results?.has(row.node_id) ?? false}
            isDropTarget={dropOn === row.node_id}
            isRenaming={renaming === row.node_id}
            endRename={endRename}
            fold={fold}
            choose={event => {
              setCursor(row.node_id);
              const toggle = event.ctrlKey || event.metaKey || event.shiftKey;
              if (!toggle) {
                model.choose({ nodes: [row.node_id] });
              } else if (selected.has(row.node_id)) {
                model.select({ nodes: [...selected].filter(id => id !== row.node_id) });
              } else {
                model.select({ nodes: [...selected, row.node_id] });
              }
            }}
            rename={() => model.editable && setRenaming(row.node_id)}
            dragOver={event => dragOver(event, row.node_id)}
            drop={event => drop(event, row.node_id)}
          />
        ))}
      </div>
    </div>
  );
}

function startUnfolded(nodes: ReadonlyMap<string, INode>): ReadonlySet<string> {
  return nodes.size <= UNFOLD_UP_TO ? new Set(nodes.keys()) : NONE;
}

const NONE: ReadonlySet<string> = new Set();
