/** Who is in a session, and the links that let others in; every failure is a `GraphError`. */
import type {
  Health,
  InvitationInfo,
  InvitationLink,
  InvitationShown,
  Member,
  NewInvitation,
  Role,
  SessionInfo
} from '../protocol';
import { readSession } from './api';
import type { Rest } from './rest';
import { isRecord, unreadable } from './rest';

/** server: whoever it lets write owns every graph. members: each graph has its own. */
export type Policy = Health['access_policy'];

const POLICIES: readonly Policy[] = ['server', 'members'];

export class SharingApi {
  constructor(private readonly _rest: Rest) {}

  /** Where this server's roles come from. */
  async policy(): Promise<Policy> {
    const health = await this._rest.request('GET', ['health']);
    if (!isRecord(health) || !POLICIES.some(policy => policy === health['access_policy'])) {
      throw unreadable('its policy');
    }
    return health['access_policy'] as Policy;
  }

  async members(sessionId: string): Promise<Member[]> {
    const rows = await this._rest.request('GET', ['sessions', sessionId, 'members']);
    if (!Array.isArray(rows) || !rows.every(isMember)) {
      throw unreadable('a list of members');
    }
    return rows;
  }

  async setRole(sessionId: string, actorId: string, role: Role): Promise<void> {
    await this._rest.request('PUT', ['sessions', sessionId, 'members', actorId], { role });
  }

  async remove(sessionId: string, actorId: string): Promise<void> {
    await this._rest.request('DELETE', ['sessions', sessionId, 'members', actorId]);
  }

  /** Make another member the owner, and the caller an editor. */
  async transfer(sessionId: string, actorId: string): Promise<void> {
    const body = { actor_id: actorId };
    await this._rest.request('POST', ['sessions', sessionId, 'transfer'], body);
  }

  async invitations(sessionId: string): Promise<InvitationInfo[]> {
    const rows = await this._rest.request('GET', ['sessions', sessionId, 'invitations']);
    if (!Array.isArray(rows) || !rows.every(isInvitation)) {
      throw unreadable('a list of invitations');
    }
    return rows;
  }

  async invite(sessionId: string, wanted: NewInvitation): Promise<InvitationLink> {
    const made = await this._rest.request('POST', ['sessions', sessionId, 'invitations'], wanted);
    if (!isInvitationLink(made)) {
      throw unreadable('an invitation');
    }
    return made;
  }

  async revoke(sessionId: string, invitationId: string): Promise<void> {
    await this._rest.request('DELETE', ['sessions', sessionId, 'invitations', invitationId]);
  }

  /** What a link leads to; nothing changes. */
  async look(token: string): Promise<InvitationShown> {
    const shown = await this._rest.request('POST', ['invitations', 'look'], { token });
    if (!isInvitationShown(shown)) {
      throw unreadable('an invitation');
    }
    return shown;
  }

  /** Become a member of the session that a link leads to. */
  async accept(token: string): Promise<SessionInfo> {
    return readSession(await this._rest.request('POST', ['invitations', 'accept'], { token }));
  }
}

function isMember(value: unknown): value is Member {
  return (
    isRecord(value) && typeof value['actor_id'] === 'string' && typeof value['role'] === 'string'
  );
}

function isInvitation(value: unknown): value is InvitationInfo {
  return (
    isRecord(value) &&
    typeof value['invitation_id'] === 'string' &&
    typeof value['role'] === 'string'
  );
}

function isInvitationLink(value: unknown): value is InvitationLink {
  return isRecord(value) && typeof value['token'] === 'string' && isInvitation(value['invitation']);
}

function isInvitationShown(value: unknown): value is InvitationShown {
  return (
    isRecord(value) &&
    typeof value['session_id'] === 'string' &&
    typeof value['name'] === 'string' &&
    typeof value['role'] === 'string'
  );
}
