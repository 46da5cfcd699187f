// Faults of responses to unauthenticated clients: ways around authentication, and responses that reveal users.
import type { EndpointRequest, Reply } from './conformant-endpoint.ts';
import { empty, type Fault, json, reply, withBody } from './fault.ts';

const isUnauthenticated = ({ status }: Reply, { authorization }: EndpointRequest) =>
  status === 401 && authorization === undefined;

/** Returns the fault of an endpoint with another access path for unauthenticated clients. */
function letsIn(name: string, trips: readonly string[], when: (request: EndpointRequest) => boolean): Fault {
  return reply(
    name,
    trips,
    (good, request) => isUnauthenticated(good, request) && when(request),
    (good) => ({ ...good, status: 200, body: json(empty) }),
    'basic',
  );
}

/** Returns the fault of an endpoint that changes its response to unauthenticated clients if the query matches `isAsked`. */
function differs(name: string, trips: readonly string[], isAsked: RegExp, change: (good: Reply) => Reply): Fault {
  return reply(
    name,
    trips,
    (good, request) => isUnauthenticated(good, request) && isAsked.test(request.query),
    change,
    'basic',
  );
}

const headerOf = ({ headers }: EndpointRequest, name: string) =>
  headers.find(([each]) => each.toLowerCase() === name)?.[1];
const hasHeader = (name: string) => (request: EndpointRequest) =>
  request.headers.some(([each]) => each.toLowerCase() === name);
const isOtherPath =
  (test: (path: string) => boolean) =>
  ({ path }: EndpointRequest) =>
    path !== '/user-info' && test(path);

/** Blocks the whole process, because the steps of the endpoint are synchronous. */
function hold(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const doors: readonly Fault[] = [
  letsIn('head-unguarded', ['head-without-credentials-refused'], ({ method }) => method === 'HEAD'),
  letsIn('options-unguarded', ['methods-without-credentials-refused'], ({ method }) => method === 'OPTIONS'),
  letsIn('unknown-methods-unguarded', ['methods-without-credentials-refused'], ({ method }) => method === 'PROPFIND'),
  letsIn('put-unguarded', ['writing-methods-without-credentials-refused'], ({ method }) => method === 'PUT'),
  letsIn(
    'method-override-unguarded',
    ['writing-methods-without-credentials-refused'],
    hasHeader('x-http-method-override'),
  ),
  ...Object.entries({
    'two-slashes-unguarded': (path: string) => path.startsWith('//'),
    'slash-at-the-end-unguarded': (path: string) => path.endsWith('o/'),
    'dot-segments-unguarded': (path: string) => path.includes('/../'),
    'letter-case-of-path-unguarded': (path: string) => path.toLowerCase() === '/user-info',
    'escaped-path-unguarded': (path: string) => path.startsWith('/%75'),
    'escaped-slash-unguarded': (path: string) => path.endsWith('%2F'),
    'path-parameter-unguarded': (path: string) => path.includes(';'),
  }).map(([name, test]) => letsIn(name, ['paths-without-credentials-refused'], isOtherPath(test))),
  letsIn('remote-user-believed', ['proxy-headers-without-credentials-refused'], hasHeader('x-remote-user')),
  letsIn('near-address-believed', ['proxy-headers-without-credentials-refused'], hasHeader('x-forwarded-for')),
  // A framework that lets the header override the verified path, and an access rule that reads the header.
  letsIn(
    'original-url-overrides-path',
    ['proxy-headers-without-credentials-refused'],
    (request) => request.path === '/' && headerOf(request, 'x-original-url') === '/user-info',
  ),
  ...['x-original-url', 'x-rewrite-url'].map((name) =>
    letsIn(`${name}-of-an-open-path`, ['proxy-headers-without-credentials-refused'], (request) =>
      ['/health', '/static'].includes(headerOf(request, name) ?? ''),
    ),
  ),
  letsIn('connection-signed-in', ['kept-connection-credentials'], ({ earlierOnConnection }) => earlierOnConnection > 0),
];

/** Like nginx with `proxy_cache_valid any`, if 200s forbid caching and errors do not. */
const refusalsStored: Fault = {
  name: 'refusals-stored-by-url',
  auth: 'basic',
  trips: ['refusal-not-reused'],
  alter() {
    const stored = new Map<string, Reply>();
    return {
      finish(good, { target }) {
        const reply = stored.get(target) ?? good;
        if (reply.status === 401) stored.set(target, reply);
        return reply;
      },
    };
  },
};

const tales: readonly Fault[] = [
  differs('stranger-unknown-404', ['stranger-known-unknown-alike'], /nobody/, (good) => ({ ...good, status: 404 })),
  differs('stranger-unknown-in-other-words', ['stranger-known-unknown-alike'], /nobody/, (good) =>
    withBody(good, json({ title: 'Wrong credentials for a user who does not exist.', status: 401 })),
  ),
  differs('stranger-unknown-with-other-keys', ['stranger-known-unknown-alike'], /nobody/, (good) =>
    withBody(good, json({ ...JSON.parse(String(good.body)), code: 7 })),
  ),
  differs('stranger-unknown-with-other-headers', ['stranger-known-unknown-alike'], /nobody/, (good) => ({
    ...good,
    headers: { ...good.headers, 'X-Checked': '1' },
  })),
  differs('stranger-without-userid-400', ['stranger-without-userid-alike'], /^$/, (good) => ({ ...good, status: 400 })),
  differs('stranger-known-slower', ['stranger-known-unknown-time'], /ada/, (good) => {
    // Far longer than the delays on a busy machine.
    hold(150);
    return good;
  }),
  reply(
    'wrong-name-unknown-404',
    ['wrong-credentials-known-unknown-alike'],
    ({ status }, { authorization, query }) => status === 401 && authorization !== undefined && query.includes('nobody'),
    (good) => ({ ...good, status: 404 }),
    'basic',
  ),
];

export const unauthenticatedClientFaults: readonly Fault[] = [...doors, refusalsStored, ...tales];
