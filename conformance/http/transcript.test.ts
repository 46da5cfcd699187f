// Tests of the only module that writes requests and responses: what it hides, what --show-data reveals, and that its curl lines can be pasted.
import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { canaries, login, runAgainst } from '../testing/fixture.ts';
import { createCredentials } from './credentials.ts';
import type { Answer, EndpointRequest } from './endpoint-request.ts';
import { NoAnswer } from './no-answer.ts';
import { createTranscript } from './transcript.ts';

const knownUser = 'canary-ada@example.test';
const credentials = createCredentials({ auth: 'basic', ...login });
const endpointRequest: EndpointRequest = { method: 'GET', userids: [knownUser], credentials: credentials.right };

function createAnswer(body: string): Answer {
  const bytes = Buffer.from(body);
  return {
    ...{ status: 200, rawHeaders: [], body: bytes, wireBody: bytes, isChunked: false, isTruncated: false },
    ...{ surplusBytes: null, firstByteMs: 1, totalMs: 1, httpVersion: '1.1', parserFault: null, tls: null },
    header: (name) => (name === 'content-type' ? 'application/json' : null),
  };
}

/** Records one exchange, and returns its evidence. */
function evidenceOf(change: Partial<EndpointRequest>, came: Answer | NoAnswer, showData = false) {
  const transcript = createTranscript({
    endpoint: { url: new URL('http://127.0.0.1:8080/user-info'), timeoutMs: 1 },
    showData,
    userids: new Map([[knownUser, 'KNOWN_USER']]),
    secrets: new Map([
      [Buffer.from(`${login.username}:${login.password}`).toString('base64'), 'BASIC'],
      [login.password, 'PASSWORD'],
    ]),
  });
  transcript.record({ ...endpointRequest, ...change }, came);
  const [evidence] = transcript.cut('x');
  return evidence ?? { request: '', expected: '', answered: '' };
}

const body = JSON.stringify({
  groups: [{ name: 'canary-group-a' }],
  authorizations: { 'canary-attribute': ['canary-value', 'canary-ümlaut'], name: ['canary-value'] },
  error: `no ${login.password}`,
  'canary-key': [1, true, null],
});

describe('the transcript', () => {
  it('contains shapes and keyed hashes in place of names and values, with equal hashes for equal values', () => {
    const { answered } = evidenceOf({}, createAnswer(body));
    expect(answered).to.match(/^status 200, application\/json, \d+ bytes: \{"groups":\[\{"name":"#[0-9a-f]{8}"\}\]/);
    expect(answered).to.match(/"#[0-9a-f]{8}":\["(#[0-9a-f]{8})","#[0-9a-f]{8}"\],"#[0-9a-f]{8}":\["\1"\]/);
    expect(answered).to.include('["<number>","<boolean>",null]').and.not.to.include('canary');
    expect(evidenceOf({}, createAnswer(body)).answered, 'keyed anew in each run').not.to.equal(answered);
  });

  it('omits a body that is not JSON, and says so', () => {
    const { answered } = evidenceOf({}, createAnswer('<b>canary-group-a</b>'));
    expect(answered).to.equal('status 200, application/json, 21 bytes that are not JSON');
  });

  it('contains the reason for a missing response', () => {
    expect(evidenceOf({}, new NoAnswer('closed', 'ECONNRESET')).answered).to.equal('no response (closed, ECONNRESET)');
  });

  it('shows user ids and bodies as one printable line with showData, but no secret', () => {
    const { request, answered } = evidenceOf({}, createAnswer(`${body}\n\u001b[31m\u2028`), true);
    expect(request).to.include(`"userid=${knownUser}"`);
    expect(answered).to.include('canary-group-a').and.to.include('\\n\\u{1b}[31m\\u{2028}');
    expect(answered).to.include('no $PASSWORD').and.not.to.include(login.password);
  });

  const hiding: readonly { name: string; change: Partial<EndpointRequest>; has: RegExp }[] = [
    { name: 'a known user', change: {}, has: /--get --data-urlencode "userid=\$KNOWN_USER"/ },
    {
      name: 'a part of a known user',
      change: { userids: ['canary-ad'] },
      has: /\?userid=\$\(printf %s "\$KNOWN_USER_ENCODED" \| awk '\{print substr\(\$0, 1, 9\)\}'\)"/,
    },
    {
      name: 'a raw query',
      change: { query: 'userid=canary-ada%40example.test&x=canary' },
      has: /\?userid=\$\{KNOWN_USER_ENCODED\}&x=\$\(printf %s "\$KNOWN_USER_ENCODED" \| awk '\{print substr\(\$0, 1, 6\)\}'\)"/,
    },
    {
      name: 'a raw query with text that may be shown',
      change: { query: 'userid=canary%00', shown: 'userid=$KNOWN_USER_ENCODED%00' },
      has: /\?userid=\$KNOWN_USER_ENCODED%00"/,
    },
    {
      name: 'a user in a header and in a path',
      change: { path: `/${knownUser}`, headers: [['X-User', knownUser]] },
      has: /"X-User: \$\{KNOWN_USER\}" .*"http:\S+\/\$\{KNOWN_USER\}\?userid=\$\{KNOWN_USER_ENCODED\}"/,
    },
    {
      name: 'a password in a header',
      change: { headers: [['X-Key', login.password]] },
      has: /"X-Key: \$\{PASSWORD\}"/,
    },
    {
      name: 'a body',
      change: { method: 'POST', body: knownUser },
      has: /--request POST .*--data-binary "\$\{KNOWN_USER\}" --url-query/,
    },
  ];
  for (const { name, change, has } of hiding) {
    it(`hides in a request ${name}`, () => {
      const { request } = evidenceOf(change, createAnswer('{}'));
      expect(request).to.match(has);
      expect(canaries.filter((canary) => request.includes(canary))).to.deep.equal([]);
    });
  }

  it('writes lines that a shell reads literally', () => {
    const headers = [['X-Odd', '"$HOME" `id` \\']] as const;
    const { request } = evidenceOf({ headers, path: '/a"b' }, createAnswer('{}'));
    const script = `curl() { printf '%s\\n' "$@"; }; ${request}`;
    const environment = { ...process.env, KNOWN_USER_ENCODED: 'k', USERNAME: 'u', PASSWORD: 'p' };
    const args = execFileSync('sh', ['-c', script], { encoding: 'utf8', env: environment }).split('\n');
    expect(args).to.include.members(['u:p', 'X-Odd: "$HOME" `id` \\', 'http://127.0.0.1:8080/a"b?userid=k']);
  });
});

describe('the evidence of a run', () => {
  const alter = () => ({ findUserid: ([first]: readonly string[]) => first || null });

  it('hides every user id, name and value unless showData is set, and never shows secrets', async () => {
    const hidden = await runAgainst({ auth: 'basic', alter });
    const failed = hidden.checks.find(({ id }) => id === 'userid-repeated-refused');
    expect(failed?.evidence).to.have.length(1);
    expect(canaries.filter((canary) => JSON.stringify(hidden).includes(canary))).to.deep.equal([]);

    const shown = JSON.stringify(await runAgainst({ auth: 'basic', alter }, { showData: true }));
    for (const canary of ['canary-ada', 'canary-group', 'canary-value']) expect(shown).to.include(canary);
    for (const secret of [login.password, Buffer.from(`${login.username}:${login.password}`).toString('base64')]) {
      expect(shown).not.to.include(secret);
    }
  });
});
