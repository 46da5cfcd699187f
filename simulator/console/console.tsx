// Owns the frame of the console: who is logged in, the navigation, and which view the URL asks for.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { DataPlatformId } from '../platforms/data-platforms.ts';
import { ConformancePage } from './conformance-page.tsx';
import { DiffPage } from './diff-page.tsx';
import { GroupPage } from './group-page.tsx';
import { GroupsPage } from './groups-page.tsx';
import { IamPage, IamsPage } from './iam-page.tsx';
import { IntegrationPage, IntegrationsPage } from './integrations-page.tsx';
import { LogIn } from './log-in.tsx';
import { linkTo, type Route, useRoute } from './route.ts';
import { RunPage } from './run-page.tsx';
import { RunsPage } from './runs-page.tsx';
import { session } from './server.ts';
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
  const main = useRef<HTMLElement>(null);
  const place = route.path.join('/');
  useEffect(() => {
    const onEnd = () => setLoggedIn(false);
    addEventListener('session-ended', onEnd);
    return () => removeEventListener('session-ended', onEnd);
  }, []);
  const isFirst = useRef(true);
  // Another view begins at its top, for the eye and for a screen reader.
  useEffect(() => {
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
  }, [place]);
  // Tabs, bookmarks and the history tell views apart by it.
  useEffect(() => {
    document.title = isLoggedIn ? titleOf(route) : 'Simulator';
  }, [place, isLoggedIn]);
  if (!isLoggedIn) return <LogIn onDone={() => setLoggedIn(true)} />;
  const section = route.path[0] ?? 'users';
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
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
        <button type="button" class="quiet" onClick={session.end}>
          Log out
        </button>
      </header>
      <main ref={main} tabIndex={-1}>
        <View route={route} />
      </main>
    </>
  );
}

/** E.g. "okta ada@example.com groups – Users – Simulator". */
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
      return first === undefined ? <GroupsPage query={route.query} /> : <GroupPage key={first} id={Number(first)} />;
    case 'iams':
      return first === undefined ? <IamsPage /> : <IamPage key={first} id={first} />;
    case 'integrations':
      // The server says what is no data platform.
      return first === undefined ? <IntegrationsPage /> : <IntegrationPage platform={first as DataPlatformId} />;
    case 'runs':
      if (first === undefined) return <RunsPage />;
      if (second === 'diff') return <DiffPage id={Number(first)} other={Number(third)} />;
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
