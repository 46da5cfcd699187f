// Faults in error responses: what they reveal about users and internals, and redirects instead of errors.
import type { EndpointRequest, Reply } from './conformant-endpoint.ts';
import { empty, type Fault, json, reply, withBody, withLines, without } from './fault.ts';

const isError = ({ status }: Reply) => status >= 400;
const isUnknownUser = ({ status }: Reply, { query }: EndpointRequest) => status === 404 && query.includes('nobody');
const isMarkupUser = ({ status }: Reply, { userids }: EndpointRequest) =>
  status === 404 && userids[0]?.startsWith('<') === true;
const isOtherPath = (_good: Reply, { path }: EndpointRequest) => path.includes('kit-no-such-path');

/** Returns the fault of error responses that contain additional text in their detail. */
const withDetail = (name: string, trips: readonly string[], detail: string): Fault =>
  reply(name, trips, isError, (good) => withBody(good, json({ title: 'Something failed.', detail })));

const page = (text: string) => (good: Reply) => ({
  ...good,
  headers: { ...good.headers, 'Content-Type': 'text/html' },
  body: `<!doctype html><h1>${text}</h1>`,
});

const withHeader = (name: string, value: string) => (good: Reply) => ({
  ...good,
  headers: { ...good.headers, [name]: value },
});

/** Faults of every error, and of other paths. */
export const errorFaults: readonly Fault[] = [
  {
    name: 'every-path-is-its-own',
    auth: 'none',
    trips: ['other-path-refused'],
    alter: (good) => ({ isPathKnown: (path) => path.includes('kit-no-such-path') || good.isPathKnown(path) }),
  },
  reply('other-path-redirected', ['errors-no-redirect'], isOtherPath, (good) => ({
    ...good,
    status: 302,
    headers: { ...good.headers, Location: '/login' },
  })),
  reply('other-path-with-groups', ['other-errors-error-body'], isOtherPath, (good) => withBody(good, json(empty))),
  reply(
    'method-refused-with-groups',
    ['other-errors-error-body'],
    ({ status }, { method }) => status === 405 && method === 'PROPFIND',
    (good) => withBody(good, json({ error: { authorizations: {} } })),
  ),
  reply('error-length-beside-chunks', ['errors-http-syntax'], isUnknownUser, (good) =>
    withLines(good, true, 'Content-Length: 2', 'Transfer-Encoding: chunked'),
  ),
  reply('error-with-two-names-in-a-line', ['errors-http-syntax'], isUnknownUser, (good) =>
    withLines(good, false, `Content-Length: ${Buffer.byteLength(good.body)}`, 'X-Served By: a'),
  ),
  reply('errors-as-pages', ['errors-problem-document'], isUnknownUser, page('Not found')),
  reply(
    'error-as-plain-json',
    ['errors-problem-document'],
    isUnknownUser,
    withHeader('Content-Type', 'application/json'),
  ),
  reply('problem-that-is-no-json', ['errors-problem-document'], isUnknownUser, (good) => withBody(good, 'Not found')),
  reply('userid-in-page', ['errors-html-escaped'], isMarkupUser, page('There is no <b>kit</b>')),
  reply('userid-in-strict-page', ['errors-html-escaped'], isMarkupUser, (good) =>
    withHeader('Content-Type', 'application/xhtml+xml')(page('There is no <b>kit</b>')(good)),
  ),
  reply('userid-in-what-browsers-guess', ['errors-html-escaped'], isMarkupUser, (good) =>
    without(page('There is no <b>kit</b>')(good), 'Content-Type'),
  ),
  withDetail(
    'stack-trace-of-node',
    ['errors-no-stack-trace', 'source-down-no-inner-messages'],
    'Error: no\n    at find (users.js:12:5)',
  ),
  withDetail(
    'stack-trace-of-python',
    ['errors-no-stack-trace', 'source-down-no-inner-messages'],
    'Traceback (most recent call last):\n  File "app.py", line 12, in find',
  ),
  withDetail(
    'stack-trace-of-java',
    ['errors-no-stack-trace', 'source-down-no-inner-messages'],
    '\tat com.example.Users.find(Users.java:42)',
  ),
  withDetail(
    'stack-trace-of-dotnet',
    ['errors-no-stack-trace', 'source-down-no-inner-messages'],
    'System.NullReferenceException: no object',
  ),
  withDetail(
    'stack-trace-of-go',
    ['errors-no-stack-trace', 'source-down-no-inner-messages'],
    'goroutine 17 [running]:\nmain.find()',
  ),
  withDetail(
    'message-of-database',
    ['errors-no-inner-messages', 'source-down-no-inner-messages'],
    'syntax error at or near "x"',
  ),
  withDetail(
    'message-of-directory',
    ['errors-no-inner-messages', 'source-down-no-inner-messages'],
    'no entry below ou=people,dc=example,dc=test',
  ),
  withDetail(
    'address-of-source',
    ['errors-no-inner-messages', 'source-down-no-inner-messages'],
    'connect ECONNREFUSED 10.1.2.3:389',
  ),
  withDetail(
    'path-of-file',
    ['errors-no-inner-messages', 'source-down-no-inner-messages'],
    'cannot read /srv/users/users.csv',
  ),
  reply('version-in-server-header', ['no-server-versions'], () => true, withHeader('Server', 'Apache/2.4.57 (Debian)')),
  reply(
    'version-for-known-users',
    ['no-server-versions'],
    (good) => !isError(good),
    withHeader('Server', 'nginx/1.22.1'),
  ),
  reply('version-in-powered-by', ['no-server-versions'], isError, withHeader('X-Powered-By', 'PHP/8.2.7')),
  withDetail('version-in-error', ['no-server-versions'], 'nginx/1.22.1'),
];
