/** What the Share dialog shows and does: a session's members, and the links that let others in. */
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { InvitationInfo, Member, NewInvitation, Role } from '../protocol';
import type { SessionClient } from '../session/client';
import { GraphError } from '../session/errors';
import type { Policy, SharingApi } from './sharingApi';

export class SharingModel implements IDisposable {
  /** @param _linkTo makes a link of an invitation's token. */
  constructor(
    readonly client: SessionClient,
    private readonly _api: SharingApi,
    private readonly _linkTo: (token: string) => string
  ) {
    client.membersChanged.connect(this._onChanged, this);
    client.statusChanged.connect(this._onChanged, this);
    void this.refresh();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Anything here is another. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Null until they were read. */
  get members(): readonly Member[] | null {
    return this._members;
  }

  /** Those that somebody may still accept, newest first. */
  get invitations(): readonly InvitationInfo[] {
    return this._invitations;
  }

  /** The link that was made last; it is shown until the dialog closes, and kept nowhere. */
  get link(): string {
    return this._link;
  }

  /** What went wrong last. */
  get problem(): string {
    return this._problem;
  }

  /** Something is under way. */
  get isBusy(): boolean {
    return this._busy > 0;
  }

  /** Whether one may change who is here. */
  get isOwner(): boolean {
    return this.client.role === 'owner' && this.client.status !== 'ended';
  }

  /** Where roles come from, members or the server itself; null until it was asked. */
  get policy(): Policy | null {
    return this._policy;
  }

  /** Whether the server knows people by name; without, it can't have members. */
  get hasNames(): boolean {
    return !(this.client.actor?.actor_id ?? '').startsWith('client:');
  }

  isMe(member: Member): boolean {
    return member.actor_id === this.client.actor?.actor_id;
  }

  refresh(): Promise<void> {
    return this._do(async () => {
      if (this.client.status !== 'live') {
        return;
      }
      this._policy ??= await this._api.policy();
      if (this._policy === 'server') {
        return;
      }
      const { sessionId } = this.client;
      this._members = await this._api.members(sessionId);
      const all = this.isOwner ? await this._api.invitations(sessionId) : [];
      const now = Date.now() / 1000;
      this._invitations = all.filter(invitation => isOpen(invitation, now)).reverse();
    });
  }

  setRole(member: Member, role: Role): Promise<void> {
    return this._change(() => this._api.setRole(this.client.sessionId, member.actor_id, role));
  }

  remove(member: Member): Promise<void> {
    return this._change(() => this._api.remove(this.client.sessionId, member.actor_id));
  }

  transfer(member: Member): Promise<void> {
    return this._change(() => this._api.transfer(this.client.sessionId, member.actor_id));
  }

  invite(wanted: NewInvitation): Promise<void> {
    return this._change(async () => {
      const made = await this._api.invite(this.client.sessionId, wanted);
      this._link = this._linkTo(made.token);
    });
  }

  revoke(invitation: InvitationInfo): Promise<void> {
    return this._change(async () => {
      await this._api.revoke(this.client.sessionId, invitation.invitation_id);
      this._link = '';
    });
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.client.membersChanged.disconnect(this._onChanged, this);
      this.client.statusChanged.disconnect(this._onChanged, this);
      Signal.clearData(this);
    }
  }

  private _change(work: () => Promise<void>): Promise<void> {
    return this._do(work).then(() => (this._problem === '' ? this.refresh() : undefined));
  }

  /** Do something, and show what is wrong with it. */
  private async _do(work: () => Promise<void>): Promise<void> {
    this._busy += 1;
    this._problem = '';
    this._tell();
    try {
      await work();
    } catch (error) {
      if (!(error instanceof GraphError)) {
        throw error;
      }
      this._problem = error.text;
    } finally {
      this._busy -= 1;
      this._tell();
    }
  }

  private _tell(): void {
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  private readonly _onChanged = (): void => {
    void this.refresh();
  };

  private _isDisposed = false;
  private _policy: Policy | null = null;
  private _members: readonly Member[] | null = null;
  private _invitations: readonly InvitationInfo[] = [];
  private _link = '';
  private _problem = '';
  private _busy = 0;
  private readonly _changed = new Signal<this, void>(this);
}

function isOpen(invitation: InvitationInfo, now: number): boolean {
  const used = invitation.accepted?.length ?? 0;
  return (
    invitation.revoked !== true &&
    (invitation.expires_at ?? Infinity) > now &&
    used < (invitation.uses ?? Infinity)
  );
}
