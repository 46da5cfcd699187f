// Frame of the console: the current user, the navigation, the connection to the server, and the view that the URL names.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { DataPlatformId } from '../platforms/data-platforms.ts';
import { Announcer, announce } from './announcer.tsx';
import { ConformancePage } from './conformance-page.tsx';
import { DiffPage } from './diff-page.tsx';
import { GroupPage } from './group-page.tsx';
import { GroupsPage } from './groups-page.tsx';
import { IamPage, IamsPage } from './iam-page.tsx';
import { IntegrationPage, IntegrationsPage } from './integrations-page.tsx';
import { useLoaded } from './loaded.tsx';
import { LogIn, LogInAgain } from './log-in.tsx';
import { linkTo, type Route, useRoute } from './route.ts';
import { RunPage } from './run-page.tsx';
import { RunsPage } from './runs-page.tsx';
import { connection } from './server.ts';
import { session } from './session.ts';
import { UserPage } from './user-page.tsx';
import { UsersPage } from './users-page.tsx';

const sections = [
  ['users', 'Users'],
  ['groups', 'Groups'],
  ['iams', 'IAM settings'],
  ['integrations', 'Integrations'],
  ['runs', 'Sync runs'],
  ['conformance', 'Conformance'],
] as const;

export function Console() {
  const route = useRoute();
  const [isLoggedIn, setLoggedIn] = useState(session.token !== null);
  // Views keep their state, including typed text, while the user logs in again.
  const [hasViews, setViews] = useState(isLoggedIn);
  const main = useRef<HTMLElement>(null);
  const place = route.path.join('/');
  useEffect(() => {
    const onChange = () => {
      setLoggedIn(session.token !== null);
      if (session.token !== null) setViews(true);
    };
    addEventListener('session-changed', onChange);
    return () => removeEventListener('session-changed', onChange);
  }, []);
  const isFirst = useRef(true);
  // A new view starts at its top, both visually and for screen readers.
  useEffect(() => {
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [place]);
  // Distinguishes tabs, bookmarks and history entries by view.
  useEffect(() => {
    document.title = hasViews ? titleOf(route) : 'Simulator';
  }, [place, hasViews]);
  if (!hasViews) return <LogIn />;
  const section = route.path[0] ?? 'users';
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <button type="button" class="skip" onClick={focusList}>
        Skip to the list
      </button>
      <header>
        <span class="brand">Simulator</span>
        <nav aria-label="Sections">
          {sections.map(([id, title]) => (
            <a key={id} href={linkTo(id)} aria-current={section === id ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <WhoIsLoggedIn />
        <button type="button" class="quiet" onClick={session.end}>
          Log out
        </button>
      </header>
      <ConnectionNotice />
      <Announcer place={place} />
      <main ref={main} tabIndex={-1}>
        <View route={route} />
      </main>
      {!isLoggedIn && <LogInAgain />}
    </>
  );
}

function focusList(): void {
  document.querySelector<HTMLElement>('main .table')?.focus();
}

function WhoIsLoggedIn() {
  const { loaded } = useLoaded<{ readonly iamid: string; readonly actor: string }>('/simulator/session');
  if (loaded.state !== 'ready') return null;
  return (
    <span class="who" title={loaded.data.actor}>
      <span class="hidden">Logged in as </span>
      {loaded.data.actor} <span class="hint">{loaded.data.iamid}</span>
    </span>
  );
}

/** Shows a notice while the server cannot be reached. */
function ConnectionNotice() {
  const [isLost, setLost] = useState(connection.isLost);
  useEffect(() => {
    const onChange = () => {
      setLost(connection.isLost);
      if (!connection.isLost) announce('The simulator can be reached again.');
    };
    addEventListener('connection-changed', onChange);
    return () => removeEventListener('connection-changed', onChange);
  }, []);
  if (!isLost) return null;
  return (
    <p class="notice error banner" role="alert">
      No connection to the simulator. The console tries again every second; what you typed is kept.
    </p>
  );
}

/** Returns the title of a view, e.g. "okta ada@example.com groups – Users – Simulator". */
function titleOf({ path: [section = 'users', ...details] }: Route): string {
  const title = sections.find(([id]) => id === section)?.[1] ?? 'Nothing here';
  return [details.join(' '), title, 'Simulator'].filter((part) => part !== '').join(' – ');
}

function View({ route }: { readonly route: Route }) {
  const [section = 'users', first, second, third] = route.path;
  switch (section) {
    case 'users':
      if (first === undefined || second === undefined) return <UsersPage query={route.query} />;
      return <UserPage key={`${first}/${second}`} iam={first} userid={second} tab={third ?? 'settings'} />;
    case 'groups':
      return first === undefined ? (
        <GroupsPage query={route.query} />
      ) : (
        <GroupPage key={first} id={Number(first)} tab={second ?? 'settings'} />
      );
    case 'iams':
      return first === undefined ? <IamsPage /> : <IamPage key={first} id={first} tab={second ?? 'settings'} />;
    case 'integrations':
      if (first === undefined) return <IntegrationsPage />;
      // The server responds with an error for an unknown data platform.
      return <IntegrationPage key={first} platform={first as DataPlatformId} />;
    case 'runs':
      if (first === undefined) return <RunsPage query={route.query} />;
      if (second === 'diff') return <DiffPage key={`${first}/${third}`} id={Number(first)} other={Number(third)} />;
      return <RunPage key={first} id={Number(first)} />;
    case 'conformance':
      return <ConformancePage />;
    default:
      return (
        <>
          <h1>Nothing here</h1>
          <p>
            There is no such view. <a href={linkTo('users')}>All users</a>
          </p>
        </>
      );
  }
}
