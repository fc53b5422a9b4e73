/** The Share dialog: who is in a graph, and the links that let others in. */
import { Clipboard, Dialog, ReactWidget, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon, copyIcon, HTMLSelect, linkIcon } from '@jupyterlab/ui-components';
import * as React from 'react';
import type { InvitationInfo, Member, Role } from '../protocol';
import { useSignals } from './hooks';
import { roleName } from './peopleBar';
import type { SharingModel } from './sharing';

const DAY_S = 86_400;
const ROLES: readonly Role[] = ['owner', 'editor', 'viewer'];

/** Show it until it is closed. */
export async function share(model: SharingModel, trans: TranslationBundle): Promise<void> {
  const body = ReactWidget.create(<Sharing model={model} trans={trans} />);
  body.addClass('jp-graphext-Dialog');
  body.addClass('jp-graphext-Share');
  try {
    await showDialog({
      title: trans.__('Share "%1"', model.client.name),
      body,
      buttons: [Dialog.okButton({ label: trans.__('Close') })]
    });
  } finally {
    model.dispose();
  }
}

interface IProps {
  model: SharingModel;
  trans: TranslationBundle;
}

function Sharing({ model, trans }: IProps): React.JSX.Element {
  useSignals(model.changed, model.client.statusChanged);
  if (model.policy === 'server') {
    return <ServerPolicy model={model} trans={trans} />;
  }
  return (
    <div
      className="jp-graphext-Share-body"
      tabIndex={-1}
      data-testid="graphext-share-dialog"
      aria-busy={model.isBusy}
    >
      {model.members === null ? (
        model.isBusy && <p className="jp-graphext-Muted">{trans.__('Loading…')}</p>
      ) : (
        <>
          <h3>{trans.__('Who has access')}</h3>
          <ul className="jp-graphext-Members" data-testid="graphext-members">
            {model.members.map(member => (
              <MemberRow key={member.actor_id} model={model} trans={trans} member={member} />
            ))}
          </ul>
          {model.isOwner && <Invitations model={model} trans={trans} />}
        </>
      )}
      <p className="jp-graphext-Field-error" role="alert" data-testid="graphext-share-problem">
        {model.problem}
      </p>
    </div>
  );
}

/** What there is to say where nobody needs to be a member. */
function ServerPolicy({ model, trans }: IProps): React.JSX.Element {
  const isOwner = model.client.role === 'owner';
  return (
    <div className="jp-graphext-Share-note" data-testid="graphext-share-dialog">
      <p>{trans.__('On this server, whoever may use it has access to all of its graphs:')}</p>
      <ul>
        <li>
          {trans.__(
            'Who may write, and so run code, owns each graph: may change, rename and delete it.'
          )}
          {isOwner && <strong> {trans.__('This is you.')}</strong>}
        </li>
        <li>
          {trans.__('Who may only read can look at each graph.')}
          {!isOwner && <strong> {trans.__('This is you.')}</strong>}
        </li>
      </ul>
      <p className="jp-graphext-Muted">
        {model.hasNames
          ? trans.__(
              'It is set up so (access_policy is "server"): members and links with a role would ' +
                'change nothing here. With "members", each graph has its own.'
            )
          : trans.__(
              'It knows nobody by name, so it can give nobody a role of their own. To share a graph ' +
                'with some people only, it needs user names, as under JupyterHub.'
            )}
      </p>
    </div>
  );
}

type Step = 'remove' | 'transfer' | null;

function MemberRow(props: IProps & { member: Member }): React.JSX.Element {
  const { model, trans, member } = props;
  const [step, setStep] = React.useState<Step>(null);
  const isMe = model.isMe(member);
  const name = isMe ? trans.__('%1 (you)', member.name) : member.name;
  const canChange = model.isOwner && !isMe;
  const isLastOwner =
    member.role === 'owner' &&
    (model.members ?? []).every(each => each === member || each.role !== 'owner');
  if (step !== null) {
    const question =
      step === 'transfer'
        ? trans.__('Make %1 the owner, and yourself an editor?', member.name)
        : isMe
          ? trans.__('Leave this graph? You will have no access any more.')
          : trans.__('Remove %1? They will have no access any more.', member.name);
    const act =
      step === 'transfer' ? trans.__('Hand over') : isMe ? trans.__('Leave') : trans.__('Remove');
    return (
      <li
        className="jp-graphext-Member jp-mod-asking"
        data-testid="graphext-member"
        data-name={member.name}
      >
        <span>{question}</span>
        <TextButton label={trans.__('Cancel')} run={() => setStep(null)} testId="cancel" isFirst />
        <TextButton
          label={act}
          isWarning
          testId="confirm"
          run={() => {
            setStep(null);
            void (step === 'transfer' ? model.transfer(member) : model.remove(member));
          }}
        />
      </li>
    );
  }
  return (
    <li className="jp-graphext-Member" data-testid="graphext-member" data-name={member.name}>
      <span className="jp-graphext-Member-name" title={member.actor_id}>
        {name}
      </span>
      {canChange ? (
        <HTMLSelect
          value={member.role}
          aria-label={trans.__('Role of %1', member.name)}
          data-testid="graphext-member-role"
          onChange={event => {
            const role = ROLES.find(each => each === event.target.value);
            if (role) {
              void model.setRole(member, role);
            }
          }}
        >
          {ROLES.map(role => (
            <option key={role} value={role}>
              {roleName(role, trans)}
            </option>
          ))}
        </HTMLSelect>
      ) : (
        <span className="jp-graphext-Muted" data-testid="graphext-member-role">
          {roleName(member.role, trans)}
        </span>
      )}
      {canChange && (
        <TextButton
          label={trans.__('Hand over…')}
          title={trans.__('Make %1 the owner', member.name)}
          testId="transfer"
          run={() => setStep('transfer')}
        />
      )}
      {(canChange || isMe) && !isLastOwner && (
        <button
          type="button"
          className="jp-graphext-IconButton"
          title={isMe ? trans.__('Leave') : trans.__('Remove %1', member.name)}
          aria-label={isMe ? trans.__('Leave') : trans.__('Remove %1', member.name)}
          data-testid="graphext-member-remove"
          onClick={() => setStep('remove')}
        >
          <closeIcon.react tag={null} />
        </button>
      )}
    </li>
  );
}

function Invitations({ model, trans }: IProps): React.JSX.Element {
  const [role, setRole] = React.useState<'editor' | 'viewer'>('editor');
  const [days, setDays] = React.useState('7');
  const [uses, setUses] = React.useState('');
  return (
    <>
      <h3>{trans.__('Invite with a link')}</h3>
      <div className="jp-graphext-Invite">
        <Choice
          label={trans.__('Role')}
          value={role}
          set={value => setRole(value === 'viewer' ? 'viewer' : 'editor')}
          options={[
            ['editor', roleName('editor', trans)],
            ['viewer', roleName('viewer', trans)]
          ]}
          testId="graphext-invite-role"
        />
        <Choice
          label={trans.__('Expires')}
          value={days}
          set={setDays}
          options={[
            ['1', trans.__('in 1 day')],
            ['7', trans.__('in 7 days')],
            ['30', trans.__('in 30 days')],
            ['', trans.__('never')]
          ]}
          testId="graphext-invite-days"
        />
        <Choice
          label={trans.__('For')}
          value={uses}
          set={setUses}
          options={[
            ['1', trans.__('1 person')],
            ['5', trans.__('5 people')],
            ['25', trans.__('25 people')],
            ['', trans.__('anybody')]
          ]}
          testId="graphext-invite-uses"
        />
        <button
          type="button"
          className="jp-Button jp-mod-styled jp-mod-accept"
          data-testid="graphext-invite"
          disabled={model.isBusy}
          onClick={() =>
            void model.invite({
              role,
              expires_at: days === '' ? null : Date.now() / 1000 + Number(days) * DAY_S,
              uses: uses === '' ? null : Number(uses)
            })
          }
        >
          {trans.__('Create link')}
        </button>
      </div>
      {model.link !== '' && <FreshLink key={model.link} link={model.link} trans={trans} />}
      {model.invitations.length > 0 && (
        <ul className="jp-graphext-Members" data-testid="graphext-invitations">
          {model.invitations.map(invitation => (
            <li key={invitation.invitation_id} className="jp-graphext-Member">
              <linkIcon.react tag="span" className="jp-graphext-Member-icon" />
              <span className="jp-graphext-Member-name">{describe(invitation, trans)}</span>
              <TextButton
                label={trans.__('Revoke')}
                title={trans.__('Let nobody use this link any more')}
                testId="revoke"
                run={() => void model.revoke(invitation)}
              />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function FreshLink(props: { link: string; trans: TranslationBundle }): React.JSX.Element {
  const { link, trans } = props;
  const [isCopied, setCopied] = React.useState(false);
  const field = React.useRef<HTMLInputElement>(null);
  React.useEffect(() => field.current?.select(), []);
  return (
    <div className="jp-graphext-FreshLink">
      <input
        ref={field}
        className="jp-mod-styled"
        readOnly
        value={link}
        aria-label={trans.__('Link')}
        data-testid="graphext-invite-link"
        onFocus={event => event.currentTarget.select()}
      />
      <button
        type="button"
        className="jp-graphext-IconButton"
        title={trans.__('Copy')}
        aria-label={trans.__('Copy')}
        data-testid="graphext-invite-copy"
        onClick={() => {
          Clipboard.copyToSystem(link);
          setCopied(true);
        }}
      >
        <copyIcon.react tag={null} />
      </button>
      <span role="status">
        {isCopied
          ? trans.__('Copied.')
          : trans.__('Copy it now: it is not shown again. Whoever has it can come in.')}
      </span>
    </div>
  );
}

function Choice(props: {
  label: string;
  value: string;
  set: (value: string) => void;
  options: readonly (readonly [string, string])[];
  testId: string;
}): React.JSX.Element {
  return (
    <label>
      <span>{props.label}</span>
      <HTMLSelect
        value={props.value}
        data-testid={props.testId}
        onChange={event => props.set(event.target.value)}
      >
        {props.options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </HTMLSelect>
    </label>
  );
}

function TextButton(props: {
  label: string;
  run: () => void;
  testId: string;
  title?: string;
  isWarning?: boolean;
  isFirst?: boolean;
}): React.JSX.Element {
  const ref = React.useRef<HTMLButtonElement>(null);
  React.useEffect(() => {
    // the button that asked is gone, and the keyboard with it
    if (props.isFirst === true) {
      ref.current?.focus();
    }
  }, []);
  return (
    <button
      ref={ref}
      type="button"
      className={`jp-graphext-TextButton${props.isWarning === true ? ' jp-mod-warn' : ''}`}
      title={props.title}
      data-testid={`graphext-member-${props.testId}`}
      onClick={event => {
        // it goes, and must not take the keyboard along
        event.currentTarget.closest<HTMLElement>('.jp-graphext-Share-body')?.focus();
        props.run();
      }}
    >
      {props.label}
    </button>
  );
}

function describe(invitation: InvitationInfo, trans: TranslationBundle): string {
  const used = invitation.accepted?.length ?? 0;
  const { uses, expires_at: expiresAt } = invitation;
  return [
    roleName(invitation.role, trans),
    typeof expiresAt === 'number'
      ? trans.__('until %1', new Date(expiresAt * 1000).toLocaleDateString())
      : trans.__('does not expire'),
    typeof uses === 'number'
      ? trans.__('%1 of %2 used', used, uses)
      : used === 0
        ? trans.__('not used yet')
        : trans._n('used once', 'used %1 times', used)
  ].join(' · ');
}
