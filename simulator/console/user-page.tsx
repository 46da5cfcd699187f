// Page of a user, with its tabs.
import type { UserDetailsBody } from '../api/details-handlers.ts';
import { AuditList } from './audit-list.tsx';
import { Show, useLoaded } from './loaded.tsx';
import { linkTo } from './route.ts';
import { at } from './server.ts';
import { UserAttributes, UserGroups } from './user-access.tsx';
import { UserImpersonation } from './user-impersonation.tsx';
import { UserPermissions } from './user-permissions.tsx';
import { type UserBody, UserSettings } from './user-settings.tsx';
import { UserUsernames } from './user-usernames.tsx';

const tabs = [
  ['settings', 'Settings'],
  ['groups', 'Groups'],
  ['attributes', 'Attributes'],
  ['usernames', 'Usernames'],
  ['impersonation', 'Impersonation'],
  ['permissions', 'Permissions'],
  ['audit', 'Audit'],
] as const;

interface UserPageProps {
  readonly iam: string;
  readonly userid: string;
  readonly tab: string;
}

export function UserPage({ iam, userid, tab }: UserPageProps) {
  const path = at`/bim/iam/${iam}/user/${userid}`;
  const { loaded: user, reload: reloadUser } = useLoaded<UserBody>(path);
  const detailsPath = at`/simulator/users/${iam}/${userid}`;
  const { loaded: details, reload: reloadDetails } = useLoaded<UserDetailsBody>(detailsPath);
  const reload = () => {
    reloadUser();
    reloadDetails();
  };
  return (
    <>
      <p class="trail">
        <a href={linkTo('users')}>Users</a> / {iam}
      </p>
      <h1>{userid}</h1>
      <nav class="tabs" aria-label="Details">
        {tabs.map(([id, title]) => (
          <a key={id} href={linkTo('users', iam, userid, id)} aria-current={tab === id ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      {tab === 'settings' && (
        <Show of={user}>
          {(data, version) => (
            <UserSettings
              user={{ data, version }}
              lastRequest={details.state === 'ready' ? details.data.lastRequest : undefined}
              path={path}
              reload={reload}
            />
          )}
        </Show>
      )}
      {tab === 'audit' && <AuditList kind="user" iam={iam} target={userid} />}
      {tab === 'permissions' && (
        <Show of={details}>{(data) => <UserPermissions path={path} details={data} reload={reload} />}</Show>
      )}
      {tab === 'groups' && <Show of={details}>{(data) => <UserGroups details={data} />}</Show>}
      {tab === 'attributes' && (
        <Show of={details}>{(data) => <UserAttributes path={path} details={data} reload={reload} />}</Show>
      )}
      {tab === 'usernames' && (
        <Show of={details}>{(data) => <UserUsernames path={detailsPath} details={data} reload={reload} />}</Show>
      )}
      {tab === 'impersonation' && (
        <Show of={details}>
          {(data) => <UserImpersonation iam={iam} userid={userid} details={data} reload={reload} />}
        </Show>
      )}
    </>
  );
}
