// Tests that no response contains any part of the request, regardless of where in the request it was written.
import { expect } from 'chai';
import { basicHeader, parseAnswer, sendRaw } from '../ask-server.ts';
import { secretReference, startTestServer, type TestServer } from '../test-server.ts';

const canary = 'cAnAry7391';
/** A script that a browser would execute if it ever reached a page. */
const script = `<script>${canary}</script>`;
const password = 'a password of the tests';

interface Parts {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly lines: readonly string[];
}

const usual: Parts = {
  method: 'GET',
  target: '/user-info?userid=nobody',
  version: 'HTTP/1.1',
  lines: ['Host: localhost', 'Connection: close', `Authorization: ${basicHeader('immuta', password)}`],
};

const withLine = (...lines: string[]): Partial<Parts> => ({ lines: [...usual.lines, ...lines] });
const instead = (name: string, line: string): Partial<Parts> => ({
  lines: [...usual.lines.filter((other) => !other.startsWith(name)), line],
});
const encoded = encodeURIComponent(script);

/** Places that a client controls, and the status that each leads to. */
const places: ReadonlyArray<[name: string, status: number, parts: Partial<Parts>]> = [
  ['the userid', 404, { target: `/user-info?userid=${canary}` }],
  ['the userid, as HTML', 404, { target: `/user-info?userid=${encoded}` }],
  ['a userid with a line break', 400, { target: `/user-info?userid=${canary}%0d%0aX-Canary:%20${canary}` }],
  ['a badly encoded userid', 400, { target: `/user-info?userid=${canary}%ff` }],
  ['an over-long userid', 400, { target: `/user-info?userid=${canary.repeat(500)}` }],
  ['two userids', 400, { target: `/user-info?userid=${canary}&userid=${encoded}` }],
  ['the name of a parameter', 400, { target: `/user-info?${canary}=ada` }],
  ['the value of another parameter', 404, { target: `/user-info?userid=nobody&x=${encoded}` }],
  ['the path', 404, { target: `/${canary}` }],
  ['the path, as HTML', 404, { target: `/${encoded}?userid=ada` }],
  ['the path, raw', 404, { target: `/${script}` }],
  ['a path of another kind', 404, { target: `//${canary}/..;/%2e%2e/user-info` }],
  ['the authority of the target', 400, { target: `http://${canary}.test/user-info?userid=nobody` }],
  ['the method', 400, { method: canary.toUpperCase().replace(/\d/g, '') }],
  ['a method that the contract does not define', 405, { method: 'PUT', target: `/user-info?userid=${canary}` }],
  ['the version', 400, { version: `HTTP/1.1${canary}` }],
  ['Host', 404, instead('Host', `Host: ${canary}.test`)],
  ['Host, as HTML', 400, instead('Host', `Host: ${script}`)],
  ['the scheme of the credentials', 401, instead('Authorization', `Authorization: ${canary} x`)],
  ['the user name', 401, instead('Authorization', `Authorization: ${basicHeader(canary, 'x')}`)],
  ['the password', 401, instead('Authorization', `Authorization: ${basicHeader('immuta', canary)}`)],
  ['the name of a header', 404, withLine(`X-${canary}: y`)],
  ['a header without a colon', 400, withLine(canary)],
  ['a header that is too large', 431, withLine(`X: ${canary.repeat(3000)}`)],
  ...[
    'Accept',
    'Accept-Language',
    'Access-Control-Request-Headers',
    'Content-Type',
    'Cookie',
    'Forwarded',
    'If-Match',
    'If-None-Match',
    'Origin',
    'Range',
    'Referer',
    'Request-Id',
    'TE',
    'Traceparent',
    'Trailer',
    'Upgrade',
    'User-Agent',
    'X-Correlation-Id',
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'X-HTTP-Method-Override',
    'X-Original-URL',
    'X-Request-Id',
    'X-Rewrite-URL',
  ].map((name): [string, number, Partial<Parts>] => [name, 404, withLine(`${name}: ${canary}`)]),
];

/** Forms of the canary after decoding, encoding or a change of case. */
function findTraces(raw: string): string[] {
  const traces = [canary, Buffer.from(canary).toString('base64').slice(1, 12), Buffer.from(canary).toString('hex')];
  return traces.filter((trace) => raw.toLowerCase().includes(trace.toLowerCase()));
}

describe('a response', () => {
  let server: TestServer;
  before(async () => {
    const credentials = [{ username: 'immuta', password: secretReference('PASSWORD') }];
    server = await startTestServer(
      {
        authentication: { mode: 'basic', basic: { credentials } },
      },
      { PASSWORD: password },
    );
  });
  after(() => server.stop());

  for (const [name, status, parts] of places) {
    it(`repeats nothing of ${name}`, async () => {
      const { method, target, version, lines } = { ...usual, ...parts };
      const raw = await sendRaw(server.url, `${method} ${target} ${version}\r\n${lines.join('\r\n')}\r\n\r\n`);
      const answer = parseAnswer(raw);
      expect([answer.status, findTraces(raw)]).to.deep.equal([status, []]);
      expect(answer.headers['content-type']).to.equal('application/problem+json');
    });
  }
});
