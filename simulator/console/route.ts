// Addresses of the views of the console: URL fragments, so that every view can be linked to.
import { useEffect, useState } from 'preact/hooks';

export interface Route {
  /** Decoded, e.g. `['users', 'okta', 'ada@example.com']`. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

function readRoute(): Route {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { path: path.split('/').filter(Boolean).map(decode), query: new URLSearchParams(query) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Returns the address of a view, e.g. `linkTo('users', 'okta', 'ada@example.com')`. */
export function linkTo(...path: ReadonlyArray<string | number>): string {
  return `#/${path.map((part) => encodeURIComponent(part)).join('/')}`;
}

/** Changes parameters of a view without adding an entry to the browser's history. An empty value removes the parameter. */
export function setQuery(change: Readonly<Record<string, string>>): void {
  const { path, query } = readRoute();
  for (const [name, value] of Object.entries(change)) {
    if (value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  history.replaceState(null, '', linkTo(...path) + (text === '' ? '' : `?${text}`));
  dispatchEvent(new HashChangeEvent('hashchange'));
}

export function useRoute(): Route {
  const [route, setRoute] = useState(readRoute);
  useEffect(() => {
    const onChange = () => setRoute(readRoute());
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  return route;
}
