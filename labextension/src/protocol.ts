/**
 * Every message of the protocol: generated from graph_ext/protocol by generate_protocol.py.
 *
 * Not to be edited. A field with `?` is left out where it has its default.
 */

export type JSONValue = string | number | boolean | null | JSONValue[] | { [key: string]: JSONValue };

export const SUBPROTOCOL = 'graph-ext.v1';

/** How large a page of a snapshot or a part of a long commit or batch becomes. */
export const PAGE_BYTES = 65536;

/** How many messages a frame may hold. */
export const MAX_MESSAGES = 10000;

/** The codes of refusals. */
export const CODES = [
  'SCHEMA',
  'NOT_FOUND',
  'GONE',
  'CONFLICT',
  'CYCLE',
  'FORBIDDEN',
  'READ_ONLY',
  'TOO_LARGE',
  'RATE_LIMITED',
  'DUPLICATE_ID',
  'UNDO_EMPTY',
  'UNDO_NOTHING_LEFT',
  'UNDO_CONFLICT',
  'UNAVAILABLE',
  'BAD_MESSAGE'
] as const;

export type Code = (typeof CODES)[number];

export type Role = 'owner' | 'editor' | 'viewer';

export type Action =
  | 'read'
  | 'edit'
  | 'undo-others'
  | 'change-blueprint'
  | 'rename'
  | 'share'
  | 'delete';

/**
 * Somebody with a role in a session.
 *
 * `added_by`: the actor_id of who gave it. `at`: when, Unix seconds, UTC.
 */
export interface Member {
  actor_id: string;
  name: string;
  role: Role;
  added_by: string;
  at: number;
}

export type ValueType =
  | 'text'
  | 'number'
  | 'integer'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'duration'
  | 'url'
  | 'currency'
  | 'select'
  | 'multi-select'
  | 'reference'
  | 'json';

export type Cardinality = 'many-to-many' | 'one-to-many' | 'many-to-one' | 'one-to-one';

/** What a property holds and how people see it. */
export interface PropertyType {
  type?: ValueType;
  label?: string;
  description?: string;
  required?: boolean;
  default?: JSONValue;
  minimum?: number | null;
  maximum?: number | null;
  pattern?: string | null;
  options?: string[];
  currency?: string;
  zone?: string;
}

/** A kind of node. `allowed_children` None: any; (): none. */
export interface NodeType {
  label?: string;
  description?: string;
  icon?: string;
  colour?: string;
  allowed_children?: string[] | null;
  properties?: { [key: string]: PropertyType };
}

/**
 * A kind of link. `source_types`, `target_types` None: any.
 *
 * `cardinality` reads source-to-target: in one-to-many each target has at most one source.
 */
export interface LinkType {
  label?: string;
  description?: string;
  colour?: string;
  source_types?: string[] | null;
  target_types?: string[] | null;
  cardinality?: Cardinality;
  acyclic?: boolean;
  properties?: { [key: string]: PropertyType };
}

/** A session's schema; no node types: any node type, no link types: any link type. */
export interface Blueprint {
  node_types?: { [key: string]: NodeType };
  link_types?: { [key: string]: LinkType };
  directed?: boolean;
  multigraph?: boolean;
  self_links?: boolean;
}

export type Position = [number, number];

export type NodeField = 'name' | 'parent_id' | 'order' | 'position';

/**
 * A node stands where none stood; also a node's stored and snapshot form.
 *
 * `order` sorts siblings, ties by node_id. `name` empty: people see the node_id.
 */
export interface NodeCreated {
  type: 'node-created';
  node_id: string;
  parent_id?: string | null;
  blueprint_type_id?: string;
  name?: string;
  order?: number;
  position?: Position | null;
  properties?: { [key: string]: JSONValue };
}

/** A node is gone, with the state it had; its links and children went before it. */
export interface NodeDeleted {
  type: 'node-deleted';
  node_id: string;
  parent_id?: string | null;
  blueprint_type_id?: string;
  name?: string;
  order?: number;
  position?: Position | null;
  properties?: { [key: string]: JSONValue };
}

/** One field of a node has a new value: name, parent_id, order or position. */
export interface NodeUpdated {
  type: 'node-updated';
  node_id: string;
  field: NodeField;
  old_value?: string | number | Position | null;
  new_value?: string | number | Position | null;
}

/** A link stands between two nodes; also a link's stored and snapshot form. */
export interface NodeLinked {
  type: 'node-linked';
  link_id: string;
  source_id: string;
  target_id: string;
  link_type_id?: string;
  properties?: { [key: string]: JSONValue };
}

/** A link is gone, with the state it had. */
export interface NodeUnlinked {
  type: 'node-unlinked';
  link_id: string;
  source_id: string;
  target_id: string;
  link_type_id?: string;
  properties?: { [key: string]: JSONValue };
}

/** A property of a node or a link has a value; `old_value` is absent where there was none. */
export interface PropertyChanged {
  type: 'property-changed';
  property_name: string;
  new_value?: JSONValue;
  old_value?: JSONValue;
  node_id?: string | null;
  link_id?: string | null;
}

/** A property of a node or a link is gone, with the value it had. */
export interface PropertyDeleted {
  type: 'property-deleted';
  property_name: string;
  old_value?: JSONValue;
  node_id?: string | null;
  link_id?: string | null;
}

/** The session has a new blueprint. */
export interface BlueprintUpdated {
  type: 'blueprint-updated';
  new_value: Blueprint;
  old_value: Blueprint;
}

export type Event =
  | NodeCreated
  | NodeDeleted
  | NodeUpdated
  | NodeLinked
  | NodeUnlinked
  | PropertyChanged
  | PropertyDeleted
  | BlueprintUpdated;

/** Link two nodes. `link_id` absent: the server makes one. */
export interface LinkNodes {
  type: 'link-nodes';
  source_id: string;
  target_id: string;
  link_type_id?: string;
  link_id?: string | null;
  properties?: { [key: string]: JSONValue };
}

/**
 * Create a node, last among its siblings or before one of them, with its links.
 *
 * `node_id` absent: the server makes one. In `links` an empty `source_id` or `target_id`
 * stands for the new node.
 */
export interface CreateNode {
  type: 'create-node';
  node_id?: string | null;
  parent_id?: string | null;
  blueprint_type_id?: string;
  name?: string;
  before?: string | null;
  position?: Position | null;
  properties?: { [key: string]: JSONValue };
  links?: LinkNodes[];
}

/** Delete a node with its subtree and all their links. */
export interface DeleteNode {
  type: 'delete-node';
  node_id: string;
}

/**
 * Rename, move (`parent_id` None: to the top; `before` None: to the end) or place a node.
 *
 * What is left out stays; below another parent and without `before` the node comes last.
 */
export interface UpdateNode {
  type: 'update-node';
  node_id: string;
  name?: string;
  parent_id?: string | null;
  before?: string | null;
  position?: Position | null;
}

/** Remove a link. */
export interface UnlinkNodes {
  type: 'unlink-nodes';
  link_id: string;
}

/** Set a property of a node or of a link (exactly one of the two ids). */
export interface SetProperty {
  type: 'set-property';
  property_name: string;
  value: JSONValue;
  node_id?: string | null;
  link_id?: string | null;
}

/** Delete a property of a node or of a link (exactly one of the two ids). */
export interface DeleteProperty {
  type: 'delete-property';
  property_name: string;
  node_id?: string | null;
  link_id?: string | null;
}

/** Replace the blueprint; refused where an element would no longer fit. */
export interface UpdateBlueprint {
  type: 'update-blueprint';
  blueprint: Blueprint;
}

export type Edit =
  | CreateNode
  | DeleteNode
  | UpdateNode
  | LinkNodes
  | UnlinkNodes
  | SetProperty
  | DeleteProperty
  | UpdateBlueprint;

/** Several edits in one commit, all or nothing. */
export interface Batch {
  type: 'batch';
  commands: Edit[];
  label?: string;
}

/** Undo the actor's last command, the session's last, or the commit `rev`. */
export interface Undo {
  type: 'undo';
  scope?: 'actor' | 'session';
  rev?: number | null;
  force?: boolean;
}

/** Redo what the actor's last undo really undid. */
export interface Redo {
  type: 'redo';
}

export type Command = Edit | Batch | Undo | Redo;

export type ExpectedField =
  | 'name'
  | 'parent_id'
  | 'position'
  | 'blueprint_type_id'
  | 'source_id'
  | 'target_id'
  | 'link_type_id';

/**
 * What has to hold of a node or of a link (exactly one of the two ids).
 *
 * With `property_name` or `field`: it has that `value` (left out: the property is not set).
 * With neither: the element stands, or with `exists` false it does not.
 */
export interface Expectation {
  node_id?: string | null;
  link_id?: string | null;
  property_name?: string | null;
  field?: ExpectedField | null;
  value?: JSONValue;
  exists?: boolean;
}

/** What an undo left as it is: it was changed or deleted since, in `rev`, by `by`. */
export interface Skipped {
  reason: 'overwritten' | 'deleted';
  rev: number;
  by: string;
  node_id?: string | null;
  link_id?: string | null;
  field?: string | null;
}

export type Kind = 'ui' | 'kernel' | 'agent';

export type View = 'commits' | 'events';

/** Who acts, as the server stamps it. `actor_id` is the stable key, `name` for people. */
export interface Actor {
  actor_id: string;
  name?: string;
}

/** A place in a session's history: all up to and including `rev` of `epoch`. */
export interface Cursor {
  epoch: string;
  rev: number;
}

/**
 * Follow a session, from `since` or with a snapshot; `pending` asks for outcomes.
 *
 * `view` events: no snapshot, and each event by itself, of the types in `events` (none: of
 * all). `credit`: how many snapshot pages may come before the client grants more (none: as
 * many as the socket takes).
 */
export interface JoinSession {
  type: 'join_session';
  session_id: string;
  client_id: string;
  kind?: Kind;
  label?: string;
  since?: Cursor | null;
  pending?: string[];
  view?: View;
  events?: string[];
  credit?: number | null;
}

/** Stop following a session. */
export interface LeaveSession {
  type: 'leave_session';
  session_id: string;
}

/**
 * Ask for a change.
 *
 * A long batch comes as several with one command_id, `more` on all but the last, which alone
 * carries the conditions. `base_rev`: refused unless that is the session's rev. `expect`:
 * refused unless all of it holds. `dry_run`: answered by `planned`; nothing changes.
 */
export interface SubmitCommand {
  type: 'command';
  session_id: string;
  command_id: string;
  command: Command;
  more?: boolean;
  base_rev?: number | null;
  expect?: Expectation[];
  dry_run?: boolean;
}

/**
 * What the client's person looks at; each one replaces the one before.
 *
 * `selection`: node_ids and link_ids. `cursor`: (x, y) in graph units. `viewport`: (x, y,
 * width, height) in graph units. `editing`: the id of the element whose fields are open.
 */
export interface Presence {
  type: 'presence';
  session_id: string;
  selection?: string[];
  cursor?: Position | null;
  viewport?: [number, number, number, number] | null;
  editing?: string | null;
}

/** Grant `pages` more pages of the session's snapshot. */
export interface Credit {
  type: 'credit';
  session_id: string;
  pages: number;
}

/** Answered by `pong`. */
export interface Ping {
  type: 'ping';
}

export type ClientMessage = JoinSession | LeaveSession | SubmitCommand | Presence | Credit | Ping;

/** What became of a command: its rev, or the code and message of its refusal. */
export interface Outcome {
  rev?: number | null;
  code?: string | null;
  message?: string | null;
}

/** What the server takes: bytes a message, elements a batch, commands and presence a second. */
export interface Limits {
  message_bytes: number;
  batch_commands: number;
  commands_per_s: number;
  presence_per_s: number;
}

/**
 * Somebody in a session, and what they look at.
 *
 * `at`: Unix seconds, UTC, of their last sign. `gone`: they are not there any more.
 */
export interface ClientInfo {
  client_id: string;
  actor: Actor;
  kind?: Kind;
  label?: string;
  role?: string;
  at?: number;
  selection?: string[];
  cursor?: Position | null;
  viewport?: [number, number, number, number] | null;
  editing?: string | null;
  gone?: boolean;
}

/** The answer to `join_session`; snapshot pages (mode snapshot) and commits follow it. */
export interface Joined {
  type: 'joined';
  session_id: string;
  client_id: string;
  name: string;
  actor: Actor;
  role: string;
  epoch: string;
  rev: number;
  floor: number;
  mode: 'resume' | 'snapshot';
  outcomes?: { [key: string]: Outcome };
  clients?: ClientInfo[];
  read_only?: string;
  limits: Limits;
}

/**
 * One page of the graph at `rev`: nodes before links, the last without `more`.
 *
 * The first page has the blueprint and `total`, how many elements are to come in all.
 */
export interface Snapshot {
  type: 'snapshot';
  session_id: string;
  epoch: string;
  rev: number;
  total?: number;
  blueprint?: Blueprint | null;
  nodes?: Node[];
  links?: Link[];
  more?: boolean;
}

/**
 * What an accepted command became.
 *
 * A long one comes in parts, `more` on all but the last; a replica applies it when it has the
 * last.
 */
export interface Commit {
  type: 'commit';
  session_id: string;
  epoch: string;
  rev: number;
  command_id: string;
  client_id: string;
  actor: Actor;
  at: number;
  label?: string;
  undoes?: number | null;
  redoes?: number | null;
  skipped?: Skipped[];
  events: Event[];
  more?: boolean;
}

/**
 * What a dry run found: the commit that the command would become at `rev`.
 *
 * `count` events, of which `events` has the first thousand.
 */
export interface Planned {
  type: 'planned';
  session_id: string;
  command_id: string;
  rev: number;
  count: number;
  events?: Event[];
  skipped?: Skipped[];
}

/** A command was refused; nothing changed. Only its sender gets this. */
export interface Rejected {
  type: 'rejected';
  session_id: string;
  command_id: string;
  code: string;
  message: string;
  path?: string | null;
  by?: string | null;
  fix?: string | null;
}

/** Somebody in the session has come, moved or gone; the newest alone counts. */
export interface PresenceChanged {
  type: 'presence';
  session_id: string;
  client: ClientInfo;
}

/** A session as lists show it. `at` fields: Unix seconds, UTC. */
export interface SessionInfo {
  session_id: string;
  name: string;
  rev: number;
  nodes: number;
  links: number;
  clients?: number;
  created_at: number;
  updated_at: number;
  role?: string;
  read_only?: string;
}

/**
 * A session has another name or other members, or has ended (it was deleted); in both views.
 *
 * `role`: the receiver's own is now this one.
 */
export interface SessionUpdated {
  type: 'session-updated';
  session_id: string;
  name?: string;
  ended?: boolean;
  members?: boolean;
  role?: Role;
}

/** The list of sessions has changed: whoever shows it reads it again. */
export interface SessionsChanged {
  type: 'sessions_changed';
}

/** The client follows this session no longer, and why. */
export interface Left {
  type: 'left';
  session_id: string;
  code?: string;
  message?: string;
}

/** The answer to `ping`. */
export interface Pong {
  type: 'pong';
}

/** A message that is no command could not be served. */
export interface MessageError {
  type: 'error';
  code: string;
  message: string;
  session_id?: string | null;
  fix?: string | null;
}

export type ServerMessage =
  | Joined
  | Snapshot
  | Commit
  | Planned
  | Rejected
  | PresenceChanged
  | SessionUpdated
  | SessionsChanged
  | Left
  | Pong
  | MessageError;

/** A node stands where none stood. */
export interface NodeCreatedEvent {
  type: 'node-created';
  session_id: string;
  rev?: number | null;
  actor?: Actor | null;
  at?: number | null;
  command_id?: string | null;
  node_id: string;
  parent_id: string | null;
  blueprint_type_id: string;
  name: string;
  order?: number;
  position?: Position | null;
  properties?: { [key: string]: JSONValue };
}

/** A node is gone, with the state it had. */
export interface NodeDeletedEvent {
  type: 'node-deleted';
  session_id: string;
  rev?: number | null;
  actor?: Actor | null;
  at?: number | null;
  command_id?: string | null;
  node_id: string;
  parent_id?: string | null;
  blueprint_type_id?: string;
  name?: string;
  order?: number;
  position?: Position | null;
  properties?: { [key: string]: JSONValue };
}

/** One field of a node has a new value. */
export interface NodeUpdatedEvent {
  type: 'node-updated';
  session_id: string;
  rev?: number | null;
  actor?: Actor | null;
  at?: number | null;
  command_id?: string | null;
  node_id: string;
  field: NodeField;
  old_value: string | number | Position | null;
  new_value: string | number | Position | null;
}

/** A link stands between two nodes. */
export interface NodeLinkedEvent {
  type: 'node-linked';
  session_id: string;
  rev?: number | null;
  actor?: Actor | null;
  at?: number | null;
  command_id?: string | null;
  link_id: string;
  source_id: string;
  target_id: string;
  link_type_id: string;
  properties?: { [key: string]: JSONValue };
}

/** A link is gone, with the state it had. */
export interface NodeUnlinkedEvent {
  type: 'node-unlinked';
  session_id: string;
  rev?: number | null;
  actor?: Actor | null;
  at?: number | null;
  command_id?: string | null;
  link_id: string;
  source_id: string;
  target_id: string;
  link_type_id: string;
  properties?: { [key: string]: JSONValue };
}

/** A property of a node or a link has a value; `old_value` is absent where there was none. */
export interface PropertyChangedEvent {
  type: 'property-changed';
  session_id: string;
  rev?: number | null;
  actor?: Actor | null;
  at?: number | null;
  command_id?: string | null;
  property_name: string;
  new_value: JSONValue;
  old_value?: JSONValue;
  node_id?: string | null;
  link_id?: string | null;
}

/** A property of a node or a link is gone, with the value it had. */
export interface PropertyDeletedEvent {
  type: 'property-deleted';
  session_id: string;
  rev?: number | null;
  actor?: Actor | null;
  at?: number | null;
  command_id?: string | null;
  property_name: string;
  old_value?: JSONValue;
  node_id?: string | null;
  link_id?: string | null;
}

/** The session has a new blueprint. */
export interface BlueprintUpdatedEvent {
  type: 'blueprint-updated';
  session_id: string;
  rev?: number | null;
  actor?: Actor | null;
  at?: number | null;
  command_id?: string | null;
  new_value: Blueprint;
  old_value: Blueprint;
}

/** What a command did follows; or, for one that is refused, that it was tried. */
export interface CommandExecutingEvent {
  type: 'command-executing';
  session_id: string;
  rev?: number | null;
  actor?: Actor | null;
  at?: number | null;
  command_id: string;
  command_type: string;
}

/** All that a command did has been told; or it was refused, and why. */
export interface CommandExecutedEvent {
  type: 'command-executed';
  session_id: string;
  rev?: number | null;
  actor?: Actor | null;
  at?: number | null;
  command_id: string;
  success: boolean;
  error: string | null;
}

/** The commit before this event has undone the rev `undoes`. */
export interface UndoEvent {
  type: 'undo';
  session_id: string;
  rev?: number | null;
  actor?: Actor | null;
  at?: number | null;
  command_id?: string | null;
  undoes: number;
  skipped: Skipped[];
}

/** The commit before this event has taken back the undo `redoes`. */
export interface RedoEvent {
  type: 'redo';
  session_id: string;
  rev?: number | null;
  actor?: Actor | null;
  at?: number | null;
  command_id?: string | null;
  redoes: number;
  skipped: Skipped[];
}

/** A client has joined. */
export interface SessionConnectedEvent {
  type: 'session-connected';
  session_id: string;
  rev?: number | null;
  actor?: Actor | null;
  at?: number | null;
  client_id: string;
}

/** A client has left. */
export interface SessionDisconnectedEvent {
  type: 'session-disconnected';
  session_id: string;
  rev?: number | null;
  actor?: Actor | null;
  at?: number | null;
  client_id: string;
}

export type FlatEvent =
  | NodeCreatedEvent
  | NodeDeletedEvent
  | NodeUpdatedEvent
  | NodeLinkedEvent
  | NodeUnlinkedEvent
  | PropertyChangedEvent
  | PropertyDeletedEvent
  | CommandExecutingEvent
  | CommandExecutedEvent
  | UndoEvent
  | RedoEvent
  | SessionConnectedEvent
  | SessionDisconnectedEvent
  | BlueprintUpdatedEvent
  | SessionUpdated;

/**
 * A node as it stands now; encoded, it is its own stored and snapshot form.
 *
 * `properties` is replaced, never changed in place: events and readers may keep it.
 */
export interface Node {
  node_id: string;
  parent_id?: string | null;
  blueprint_type_id?: string;
  name?: string;
  order?: number;
  position?: Position | null;
  properties?: { [key: string]: JSONValue };
}

/**
 * A link as it stands now; encoded, it is its own stored and snapshot form.
 *
 * `properties` is replaced, never changed in place: events and readers may keep it.
 */
export interface Link {
  link_id: string;
  source_id: string;
  target_id: string;
  link_type_id?: string;
  properties?: { [key: string]: JSONValue };
}

/**
 * What of a graph does not fit: a node, a link, or (neither id) several together.
 *
 * `path`: where in the element, as in `properties.effort`.
 */
export interface Misfit {
  message: string;
  node_id?: string | null;
  link_id?: string | null;
  path?: string | null;
  fix?: string | null;
}

/** That the extension runs, its version, the protocol it speaks, and where roles come from. */
export interface Health {
  status: string;
  version: string;
  protocol: string;
  access_policy: 'server' | 'members';
}

/** Which sessions to list. */
export interface SessionsQuery {
  name?: string | null;
}

/** A session to make. */
export interface NewSession {
  name: string;
  blueprint?: { [key: string]: JSONValue } | null;
}

/** Another name for a session. */
export interface Rename {
  name: string;
}

/** What a copy of a session is called, and from which rev it is; left out: the last. */
export interface Fork {
  name: string;
  rev?: number | null;
}

/** Which state of the session is to be in the file. */
export interface ExportQuery {
  rev?: number | null;
}

/** What the session of a file is to be called. */
export interface ImportQuery {
  name: string;
}

/** Which state of the graph to read. */
export interface GraphQuery {
  rev?: number | null;
}

/** The graph at one rev: nodes in the order of their creation, then links in theirs. */
export interface GraphAtRev {
  epoch: string;
  rev: number;
  blueprint: Blueprint;
  nodes: Node[];
  links: Link[];
}

/** Which part of the graph to read. */
export interface NeighbourhoodQuery {
  node_id: string;
  depth?: number;
  rev?: number | null;
}

/** Between which two revs. */
export interface DiffQuery {
  from_rev: number;
  to_rev: number;
}

/**
 * A change to make.
 *
 * `base_rev`: refused unless that is the session's rev. `expect`: refused unless all of it
 * holds. `dry_run`: what it would do is told, and nothing changes.
 */
export interface NewCommand {
  command: Command;
  command_id?: string;
  base_rev?: number | null;
  expect?: Expectation[];
  dry_run?: boolean;
}

/**
 * A commit to take back: the caller's last, the session's last, or the one of a rev.
 *
 * `force`: also delete what others have built on it.
 */
export interface UndoRequest {
  command_id?: string;
  scope?: 'actor' | 'session';
  rev?: number | null;
  force?: boolean;
  dry_run?: boolean;
}

/** The caller's last undo, to be taken back. */
export interface RedoRequest {
  command_id?: string;
  dry_run?: boolean;
}

/**
 * A command's outcome: its rev, durable; `repeated` where it had been done before.
 *
 * `skipped`: what an undo or redo has left as it is, the first hundred. A dry run has
 * `planned` instead, and the rev that the command would become.
 */
export interface CommandDone {
  command_id: string;
  rev: number;
  repeated?: boolean;
  skipped?: Skipped[];
  planned?: Planned | null;
}

/** Which commits to list. */
export interface HistoryQuery {
  before_rev?: number | null;
  limit?: number;
  actor_id?: string | null;
}

/** A commit without its events. `at`: Unix seconds, UTC. `count`: how many events. */
export interface HistoryEntry {
  rev: number;
  at: number;
  actor: Actor;
  command_id: string;
  count: number;
  label?: string;
  undoes?: number | null;
  redoes?: number | null;
}

/** Commits, newest first. `before_rev` reads the page after; absent where there is none. */
export interface HistoryPage {
  entries: HistoryEntry[];
  before_rev?: number | null;
}

/** From where to read commits, and how long to wait for the first. */
export interface CommitsQuery {
  since?: string;
  epoch?: string | null;
  wait_s?: number;
}

/**
 * Commits, in order, a long one in parts: none where nothing happened while it waited.
 *
 * `next`: the `since` of the next request.
 */
export interface Commits {
  epoch: string;
  floor: number;
  next: string;
  commits: Commit[];
}

/** Of which node or link, and of which of its fields, the last change is asked for. */
export interface BlameQuery {
  node_id?: string | null;
  link_id?: string | null;
  field?: string | null;
  before_rev?: number | null;
}

/** The last change of a field; `at`: Unix seconds, UTC; a value is absent where none was. */
export interface BlamedChange {
  field: string;
  rev: number;
  at: number;
  actor: Actor;
  old?: JSONValue;
  new?: JSONValue;
  label?: string;
}

/**
 * The last changes of an element, the newest first.
 *
 * `before_rev` reads on in the log; absent where there is no more to be found. What was changed
 * last at or below `floor`, the log no longer knows.
 */
export interface Blame {
  changes: BlamedChange[];
  floor: number;
  before_rev?: number | null;
}

/** A rev that somebody has given a name: the log is kept from there on. */
export interface Version {
  name: string;
  rev: number;
  at: number;
  actor: Actor;
}

/** The rev that gets a name. */
export interface NewVersion {
  rev?: number | null;
}

/** What somebody is to be. `name`: for people; empty: as it is known, or the actor_id. */
export interface MemberRole {
  role: Role;
  name?: string;
}

/** To whom a session is handed over. */
export interface Transfer {
  actor_id: string;
}

/** A link to make. `uses`: how many may accept it, left out: any number. */
export interface NewInvitation {
  role: 'editor' | 'viewer';
  uses?: number | null;
  expires_at?: number | null;
}

/** An invitation. `by`, `accepted`: actor_ids. `at` fields: Unix seconds, UTC. */
export interface InvitationInfo {
  invitation_id: string;
  role: Role;
  by: string;
  at: number;
  expires_at?: number | null;
  uses?: number | null;
  revoked?: boolean;
  accepted?: string[];
}

/** A new invitation, and the token of its link, which is kept nowhere. */
export interface InvitationLink {
  token: string;
  invitation: InvitationInfo;
}

/** What a link has in it. */
export interface InvitationToken {
  token: string;
}

/** Where a link leads: a session, and what whoever accepts it becomes there. */
export interface InvitationShown {
  session_id: string;
  name: string;
  role: Role;
  expires_at?: number | null;
}

/** A session's blueprint, as of a rev. */
export interface BlueprintAtRev {
  epoch: string;
  rev: number;
  blueprint: Blueprint;
}

/** All that does not fit a blueprint, of the graph at a rev; nothing: it fits. */
export interface BlueprintCheck {
  rev: number;
  misfits: Misfit[];
}

/** How a blueprint is to be put; as with a command. */
export interface PutQuery {
  command_id?: string;
  base_rev?: number | null;
  dry_run?: boolean;
}

/** Of which type the JSON Schema is asked for. */
export interface SchemaQuery {
  type_id: string;
}

/** Which events to follow, and from where. */
export interface EventsQuery {
  types?: string[];
  last_event_id?: string;
}

/** An address to send a session's events to. */
export interface NewWebhook {
  url: string;
  types?: string[];
  description?: string;
}

/** What is to be another in a webhook; left out: as it was. */
export interface WebhookChange {
  url?: string | null;
  types?: string[] | null;
  description?: string | null;
  enabled?: boolean | null;
}

/**
 * A webhook as lists show it.
 *
 * `epoch` and `rev`: what it has acknowledged. `failures`: in a row. `next_at`: Unix
 * seconds, UTC, of the next attempt after a failure.
 */
export interface WebhookInfo {
  webhook_id: string;
  session_id: string;
  url: string;
  types: string[];
  description: string;
  state: 'active' | 'failing' | 'dead' | 'disabled';
  created_at: number;
  created_by: Actor;
  epoch: string;
  rev: number;
  failures?: number;
  last_error?: string;
  next_at?: number | null;
}

/** A new webhook, with the secret of its signatures: this is the only time that it is shown. */
export interface WebhookSecret {
  webhook: WebhookInfo;
  secret: string;
}

/** Whether a `ping` arrived, and why not. */
export interface WebhookTest {
  arrived: boolean;
  error?: string;
}
