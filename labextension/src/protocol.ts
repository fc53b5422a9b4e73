/** Temporary, by hand from graph_ext/protocol.py, until generate_protocol.py writes this file. */

export type JSONValue = string | number | boolean | null | JSONValue[] | { [key: string]: JSONValue };
export type Position = [number, number];

export interface PropertyType {
  type?:
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
  label?: string;
  description?: string;
  required?: boolean;
  default?: JSONValue;
  minimum?: number | null;
  maximum?: number | null;
  pattern?: string | null;
  options?: string[];
  currency?: string;
}
export interface NodeType {
  label?: string;
  description?: string;
  icon?: string;
  colour?: string;
  allowed_children?: string[] | null;
  properties?: { [key: string]: PropertyType };
}
export interface LinkType {
  label?: string;
  description?: string;
  colour?: string;
  source_types?: string[] | null;
  target_types?: string[] | null;
  cardinality?: 'many-to-many' | 'one-to-many' | 'many-to-one' | 'one-to-one';
  acyclic?: boolean;
  properties?: { [key: string]: PropertyType };
}
export interface Blueprint {
  node_types?: { [key: string]: NodeType };
  link_types?: { [key: string]: LinkType };
  directed?: boolean;
  multigraph?: boolean;
  self_links?: boolean;
}

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
export interface NodeDeleted extends Omit<NodeCreated, 'type'> {
  type: 'node-deleted';
}
export interface NodeUpdated {
  type: 'node-updated';
  node_id: string;
  field: string;
  old_value?: string | number | Position | null;
  new_value?: string | number | Position | null;
}
export interface NodeLinked {
  type: 'node-linked';
  link_id: string;
  source_id: string;
  target_id: string;
  link_type_id?: string;
  properties?: { [key: string]: JSONValue };
}
export interface NodeUnlinked extends Omit<NodeLinked, 'type'> {
  type: 'node-unlinked';
}
export interface PropertyChanged {
  type: 'property-changed';
  property_name: string;
  new_value?: JSONValue;
  old_value?: JSONValue;
  node_id?: string | null;
  link_id?: string | null;
}
export interface PropertyDeleted {
  type: 'property-deleted';
  property_name: string;
  old_value?: JSONValue;
  node_id?: string | null;
  link_id?: string | null;
}
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

export interface LinkNodes {
  type: 'link-nodes';
  source_id: string;
  target_id: string;
  link_type_id?: string;
  link_id?: string | null;
  properties?: { [key: string]: JSONValue };
}
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
export interface DeleteNode {
  type: 'delete-node';
  node_id: string;
}
export interface UpdateNode {
  type: 'update-node';
  node_id: string;
  name?: string;
  parent_id?: string | null;
  before?: string | null;
  position?: Position | null;
}
export interface UnlinkNodes {
  type: 'unlink-nodes';
  link_id: string;
}
export interface SetProperty {
  type: 'set-property';
  property_name: string;
  value: JSONValue;
  node_id?: string | null;
  link_id?: string | null;
}
export interface DeleteProperty {
  type: 'delete-property';
  property_name: string;
  node_id?: string | null;
  link_id?: string | null;
}
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
export interface Batch {
  type: 'batch';
  commands: Edit[];
  label?: string;
}
export interface Undo {
  type: 'undo';
  scope?: 'actor' | 'session';
  rev?: number | null;
  force?: boolean;
}
export interface Redo {
  type: 'redo';
}
export type Command = Edit | Batch | Undo | Redo;

export interface Actor {
  actor_id: string;
  name?: string;
}
export interface Cursor {
  epoch: string;
  rev: number;
}
export interface JoinSession {
  type: 'join_session';
  session_id: string;
  client_id: string;
  kind?: 'ui' | 'kernel' | 'agent';
  label?: string;
  since?: Cursor | null;
  pending?: string[];
}
export interface LeaveSession {
  type: 'leave_session';
  session_id: string;
}
export interface SubmitCommand {
  type: 'command';
  session_id: string;
  command_id: string;
  command: Command;
  more?: boolean;
}
export interface Ping {
  type: 'ping';
}
export type ClientMessage = JoinSession | LeaveSession | SubmitCommand | Ping;

export interface Outcome {
  rev?: number | null;
  code?: string | null;
  message?: string | null;
}
export interface Limits {
  message_bytes: number;
  batch_commands: number;
}
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
  read_only?: string;
  limits: Limits;
}
export interface Snapshot {
  type: 'snapshot';
  session_id: string;
  epoch: string;
  rev: number;
  total?: number;
  blueprint?: Blueprint | null;
  nodes?: NodeCreated[];
  links?: NodeLinked[];
  more?: boolean;
}
export interface Skipped {
  reason: 'overwritten' | 'deleted';
  rev: number;
  by: string;
  node_id?: string | null;
  link_id?: string | null;
  field?: string | null;
}
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
export interface SessionUpdated {
  type: 'session-updated';
  session_id: string;
  name?: string;
  ended?: boolean;
}
export interface SessionsChanged {
  type: 'sessions_changed';
}
export interface Left {
  type: 'left';
  session_id: string;
  code?: string;
  message?: string;
}
export interface Pong {
  type: 'pong';
}
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
  | Rejected
  | SessionUpdated
  | SessionsChanged
  | Left
  | Pong
  | MessageError;
