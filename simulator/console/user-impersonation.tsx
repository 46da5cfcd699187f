// Impersonation in the console: the data platforms on which a user may impersonate others, with the reasons, and controls to grant and try
// impersonation.
import { useState } from 'preact/hooks';
import type { UserDetailsBody } from '../api/details-handlers.ts';
import type { TrialBody } from '../api/platform-handlers.ts';
import { type DataPlatformId, dataPlatformIds, dataPlatforms } from '../platforms/data-platforms.ts';
import { type ImpersonationGrant, isGrantPlatform } from '../platforms/grant-impersonation.ts';
import type { Statement } from '../platforms/impersonation-statements.ts';
import { ErrorNotice, useAction } from './loaded.tsx';
import { ask } from './server.ts';
import { Table } from './table.tsx';

interface UserImpersonationProps {
  readonly iam: string;
  readonly userid: string;
  readonly details: UserDetailsBody;
  readonly reload: () => void;
}

export function UserImpersonation({ iam, userid, details: { impersonation }, reload }: UserImpersonationProps) {
  const [grant, setGrant] = useState<ImpersonationGrant | null>(null);
  const { isBusy, refusal, act } = useAction();
  const change = async (platform: DataPlatformId, isGiven: boolean) => {
    const { name } = dataPlatforms[platform];
    const work = async () => {
      const body = { user: { iamid: iam, userid }, isGiven };
      setGrant(await ask('POST', `/simulator/impersonation/${platform}/grants`, body));
    };
    if (await act(work, `The right was ${isGiven ? 'granted' : 'revoked'} in ${name}.`)) reload();
  };
  return (
    <>
      <h2>Whether this user may impersonate others</h2>
      <Table
        caption="Rights to impersonate"
        head={['Data platform', 'Allowed', 'Reason', 'Change in the data platform']}
        rows={impersonation.map(({ platform, isAllowed, reason, message }) => ({
          key: platform,
          cells: [
            dataPlatforms[platform].name,
            isAllowed ? 'yes' : 'no',
            message ?? reason,
            isGrantPlatform(platform) && (
              <span key="grant" class="actions">
                <button
                  type="button"
                  class="quiet"
                  disabled={isBusy}
                  aria-label={`Grant in ${dataPlatforms[platform].name}`}
                  onClick={() => change(platform, true)}
                >
                  Grant
                </button>
                <button
                  type="button"
                  class="quiet"
                  disabled={isBusy}
                  aria-label={`Revoke in ${dataPlatforms[platform].name}`}
                  onClick={() => change(platform, false)}
                >
                  Revoke
                </button>
              </span>
            ),
          ],
        }))}
      />
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
      {grant !== null && <Statements title={`Run by ${grant.as}`} statements={[grant.statement]} />}
      <Trial iam={iam} userid={userid} onTried={reload} />
    </>
  );
}

interface TrialProps extends Pick<UserImpersonationProps, 'iam' | 'userid'> {
  /** Called after a trial, because permissions may have changed since they were shown. */
  readonly onTried: () => void;
}

function Trial({ iam, userid, onTried }: TrialProps) {
  const [platform, setPlatform] = useState<DataPlatformId>('snowflake');
  const [target, setTarget] = useState('');
  const [targetIam, setTargetIam] = useState(iam);
  const [trial, setTrial] = useState<TrialBody | null>(null);
  const { isBusy, refusal, act } = useAction();
  const tryIt = async () => {
    setTrial(null);
    const body = { user: { iamid: iam, userid }, target: { iamid: targetIam, userid: target } };
    setTrial(await ask('POST', `/simulator/impersonation/${platform}`, body));
    onTried();
  };
  return (
    <section aria-label="Try an impersonation">
      <h2>Try it</h2>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          act(tryIt);
        }}
      >
        <label>
          Data platform
          <select value={platform} onChange={(event) => setPlatform(event.currentTarget.value as DataPlatformId)}>
            {dataPlatformIds.map((id) => (
              <option key={id} value={id}>
                {dataPlatforms[id].name}
              </option>
            ))}
          </select>
        </label>
        <label>
          User to impersonate
          <input required value={target} onInput={(event) => setTarget(event.currentTarget.value)} />
        </label>
        <label>
          IAM of that user
          <input required value={targetIam} onInput={(event) => setTargetIam(event.currentTarget.value)} />
        </label>
        <button type="submit" disabled={isBusy}>
          Try
        </button>
      </form>
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
      <div role="status">{trial !== null && <Outcome trial={trial} />}</div>
    </section>
  );
}

function Outcome({ trial }: { readonly trial: TrialBody }) {
  if (!trial.isAllowed) {
    const { message, session } = trial;
    return (
      <>
        <p class="notice error">Refused: {message}</p>
        {session !== undefined && (
          <>
            <Statements title="Start" statements={session.start} />
            <Statements title="Show" statements={session.show} />
            <Statements title="End" statements={session.end} />
          </>
        )}
      </>
    );
  }
  const { right, targetName, start, show, end, notes, audit } = trial;
  return (
    <>
      <p class="notice good">
        Allowed, by {right}: {targetName} can be impersonated.
      </p>
      <Statements title="Start" statements={start} />
      <Statements title="Show" statements={show} />
      <Statements title="End" statements={end} />
      <ul class="hint">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      <h3>The audit record of a query{audit.isGuess && ' (assumed)'}</h3>
      <pre>{JSON.stringify(audit.record, null, 2)}</pre>
    </>
  );
}

function Statements({ title, statements }: { readonly title: string; readonly statements: readonly Statement[] }) {
  if (statements.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <pre>{statements.map(({ where, text }) => (where === 'jdbc-property' ? `JDBC: ${text}` : text)).join('\n')}</pre>
    </>
  );
}
