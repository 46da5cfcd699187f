// Names of a user on the data platforms in the console: their origin, and a form to set one.
import { useState } from 'preact/hooks';
import type { UserDetailsBody } from '../api/details-handlers.ts';
import { awsUserTypes, type DataPlatform, dataPlatforms } from '../platforms/data-platforms.ts';
import type { ExternalId } from '../platforms/external-ids.ts';
import { ErrorNotice, useAction } from './loaded.tsx';
import { ask } from './server.ts';
import { Table } from './table.tsx';

const sources: Readonly<Record<ExternalId['source'], string>> = {
  'profile-schema': 'profile schema',
  'by-hand': 'by hand',
  'user-name': 'user name',
  none: 'no account',
};

interface UserUsernamesProps {
  /** URL of the user below /simulator. */
  readonly path: string;
  readonly details: UserDetailsBody;
  readonly reload: () => void;
}

export function UserUsernames({ path, details: { externalIds }, reload }: UserUsernamesProps) {
  const [edited, setEdited] = useState<ExternalId | null>(null);
  const toRow = (external: ExternalId) => {
    const { platform, id, awsType, source, attribute, gap } = external;
    const { name } = dataPlatforms[platform];
    return {
      key: platform,
      cells: [
        name,
        id ?? '(no account)',
        awsType ?? '',
        attribute === null ? sources[source] : `profile schema: ${attribute}`,
        gap === null ? '' : <span class="badge off">{gap}</span>,
        attribute === null ? (
          <button
            type="button"
            class="quiet"
            aria-label={`Edit the username on ${name}`}
            onClick={() => setEdited(external)}
          >
            Edit
          </button>
        ) : (
          <span class="hint">in the identity provider</span>
        ),
      ],
    };
  };
  return (
    <>
      <h2>Usernames on data platforms</h2>
      {edited !== null && (
        <UsernameForm
          key={edited.platform}
          path={path}
          external={edited}
          onDone={(isChanged) => {
            setEdited(null);
            if (isChanged) reload();
          }}
        />
      )}
      <Table
        caption="Usernames on data platforms"
        head={['Data platform', 'Username', 'Type', 'By', 'Gap', 'Change']}
        rows={externalIds.map(toRow)}
      />
    </>
  );
}

interface UsernameFormProps {
  readonly path: string;
  readonly external: ExternalId;
  readonly onDone: (isChanged: boolean) => void;
}

type Kind = 'mapped' | 'none' | 'unset';

const kindOf = ({ source }: ExternalId): Kind =>
  source === 'none' ? 'none' : source === 'by-hand' ? 'mapped' : 'unset';

function UsernameForm({ path, external, onDone }: UsernameFormProps) {
  const platform: DataPlatform = dataPlatforms[external.platform];
  const isAws = platform.id === 'aws';
  const [kind, setKind] = useState<Kind>(kindOf(external));
  const [id, setId] = useState(kindOf(external) === 'mapped' ? (external.id ?? '') : '');
  const [awsType, setAwsType] = useState<string>(external.awsType ?? 'iam-user');
  const { isBusy, refusal, act } = useAction();
  const body = kind === 'mapped' ? { kind, id, awsType: isAws ? awsType : null } : { kind };
  return (
    <form
      class="panel"
      aria-label={`Username on ${platform.name}`}
      onSubmit={async (event) => {
        event.preventDefault();
        if (await act(() => ask('PUT', `${path}/external-ids/${platform.id}`, body))) onDone(true);
      }}
    >
      <label>
        Account on {platform.name}
        <select value={kind} onChange={(event) => setKind(event.currentTarget.value as Kind)}>
          <option value="unset">Unset (fallback to the user name)</option>
          <option value="mapped">Username</option>
          {platform.hasNone && <option value="none">None (no account)</option>}
        </select>
      </label>
      {kind === 'mapped' && isAws && (
        <label>
          User type
          <select value={awsType} onChange={(event) => setAwsType(event.currentTarget.value)}>
            {awsUserTypes.map((type) => (
              <option key={type}>{type}</option>
            ))}
          </select>
        </label>
      )}
      {kind === 'mapped' && (
        <label>
          Username
          <input required spellcheck={false} value={id} onInput={(event) => setId(event.currentTarget.value)} />
        </label>
      )}
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
      <p class="actions">
        <button type="submit" disabled={isBusy}>
          Save username
        </button>
        <button type="button" class="quiet" onClick={() => onDone(false)}>
          Cancel
        </button>
      </p>
    </form>
  );
}
