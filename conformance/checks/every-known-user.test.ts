// Tests that every known user is requested and verified, and that checks choose a known user whose name suits them.
import { expect } from 'chai';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import type { EndpointRequest, Reply } from '../faults/conformant-endpoint.ts';
import { withLines } from '../faults/fault.ts';
import type { ConformanceReport } from '../run-conformance.ts';
import { findCheck, runAgainst } from '../testing/fixture.ts';

const userInfo = (group: string): UserInfo => ({ groups: [{ name: group }], authorizations: {} });

/** Users of an endpoint by name; faults affect the last one. */
const users: ReadonlyMap<string, UserInfo> = new Map([
  ['canary-ada', userInfo('canary-group-a')],
  ['canary-bob', userInfo('canary-group-b')],
  ['canary-carl', userInfo('canary-group-ü')],
]);

/** Runs the kit against an endpoint that alters the responses for the third known user. */
function runWithThirdUser(change: (reply: Reply) => Reply, only: readonly string[]): Promise<ConformanceReport> {
  const finish = (reply: Reply, { userids, method }: EndpointRequest) =>
    userids[0] === 'canary-carl' && method === 'GET' ? change(reply) : reply;
  return runAgainst(
    { auth: 'none', users, alter: () => ({ finish }) },
    { knownUsers: [...users.keys()], expectedData: undefined, hook: undefined, only },
  );
}

describe('every known user', () => {
  const faults: readonly { name: string; id: string; change: (reply: Reply) => Reply }[] = [
    { name: 'a 404', id: 'known-user-200', change: (reply) => ({ ...reply, status: 404 }) },
    { name: 'a closed connection', id: 'known-user-200', change: (reply) => ({ ...reply, wire: '' }) },
    { name: 'malformed JSON', id: 'known-user-json', change: (reply) => ({ ...reply, body: "{'groups': []}" }) },
    { name: 'Latin-1', id: 'known-user-utf-8', change: (r) => ({ ...r, body: Buffer.from(String(r.body), 'latin1') }) },
    { name: 'groups as strings', id: 'known-user-schema', change: (reply) => ({ ...reply, body: '{"groups":["a"]}' }) },
    {
      name: 'a repeated key',
      id: 'known-user-unique-keys',
      change: (reply) => ({ ...reply, body: '{"groups":[],"groups":[],"authorizations":{}}' }),
    },
    {
      name: 'fewer bytes than announced',
      id: 'known-user-whole',
      change: (reply) => withLines(reply, false, `Content-Length: ${Buffer.byteLength(reply.body) + 7}`),
    },
    {
      name: 'a length in characters',
      id: 'known-user-no-surplus',
      change: (reply) => withLines(reply, false, `Content-Length: ${String(reply.body).length}`),
    },
    {
      name: 'another media type',
      id: 'known-user-content-type',
      change: (reply) => ({ ...reply, headers: { 'Content-Type': 'text/html' } }),
    },
  ];
  for (const { name, id, change } of faults) {
    it(`is verified, including the third: ${name}`, async () => {
      const result = findCheck(await runWithThirdUser(change, [id]), id);
      expect(result.status).to.equal(result.ruleSet === 'contract' ? 'failed' : 'warning');
    });
  }

  it('makes the verdict "does not conform" when the endpoint does not know the user, even if it knows the others', async () => {
    const report = await runWithThirdUser(
      (reply) => ({ ...reply, status: 404 }),
      ['a-known-user', 'the-body-of-a-200'],
    );
    expect(report.verdict).to.equal('does-not-conform');
    expect(findCheck(report, 'known-user-200').message).to.include('known user 3');
    expect(findCheck(report, 'known-user-schema').status).to.equal('passed');
  });

  it('is verified although an earlier response cannot be evaluated', async () => {
    const finish = (reply: Reply, { userids }: EndpointRequest) => ({
      ...reply,
      body: { 'canary-bob': 'not JSON', 'canary-carl': '{"groups":null}' }[userids[0] ?? ''] ?? reply.body,
    });
    const report = await runAgainst(
      { auth: 'none', users, alter: () => ({ finish }) },
      { knownUsers: [...users.keys()], expectedData: undefined, only: ['known-user-schema', 'known-user-json'] },
    );
    expect(findCheck(report, 'known-user-json').status).to.equal('failed');
    expect(findCheck(report, 'known-user-schema').status).to.equal('failed');
  });

  it('is requested only once, except for the first, whatever the number of checks', async () => {
    const asked = new Map<string, number>();
    const finish = (reply: Reply, { userids: [userid = ''] }: EndpointRequest) => {
      asked.set(userid, (asked.get(userid) ?? 0) + 1);
      return reply;
    };
    const many = new Map(Array.from({ length: 20 }, (_each, index) => [`canary-${index}`, userInfo(`group-${index}`)]));
    await runAgainst(
      { auth: 'none', users: many, alter: () => ({ finish }) },
      { knownUsers: [...many.keys()], expectedData: undefined, only: ['the-body-of-a-200', 'the-encoding-of-a-200'] },
    );
    for (const userid of [...many.keys()].slice(1)) expect(asked.get(userid), userid).to.equal(1);
  });
});

describe('a check that needs a special user name', () => {
  // The first names suit none of these checks.
  const names = ['1', '22', 'canary-ada@example.test'];
  const ids = [
    'userid-part-refused',
    'userid-accents-refused',
    'userid-wide-letter-refused',
    'userid-letter-case',
    'userid-local-part',
    'userid-at-unescaped',
    'userid-case-as-declared',
  ];
  for (const id of ids) {
    it(`finds such a user among all known users: ${id}`, async () => {
      const report = await runAgainst(
        { auth: 'none', users: new Map(names.map((name, index) => [name, userInfo(`group-${index}`)])) },
        {
          knownUsers: names,
          expectedData: undefined,
          only: [id],
          ...(id === 'userid-case-as-declared' ? { useridCase: 'sensitive' as const } : {}),
        },
      );
      expect(findCheck(report, id)).to.include({ status: 'passed', message: '' });
    });
  }

  it('names that user in the curl line of its evidence', async () => {
    const known = new Map(names.map((name, index) => [name, userInfo(`group-${index}`)]));
    const report = await runAgainst(
      {
        auth: 'none',
        users: known,
        alter: (good) => ({ findUser: (userid) => good.findUser(userid.replace(/^canary-ada$/, '$&@example.test')) }),
      },
      { knownUsers: names, expectedData: undefined, only: ['userid-local-part'] },
    );
    const { status, evidence } = findCheck(report, 'userid-local-part');
    expect(status).to.equal('info');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the shell.
    expect(evidence?.[0]?.request).to.include('${KNOWN_USER_3%@*}');
  });

  it('compares two users with different groups, even when the first two users have the same groups', async () => {
    const report = await runAgainst(
      { auth: 'none', users: new Map(['a', 'b', 'c'].map((name) => [name, userInfo(name === 'c' ? 'c' : 'a')])) },
      { knownUsers: ['a', 'b', 'c'], expectedData: undefined, only: ['parallel-users-not-swapped'] },
    );
    expect(findCheck(report, 'parallel-users-not-swapped')).to.include({ status: 'passed', message: '' });
  });

  it('prefers a known user who gets a 200', async () => {
    const report = await runAgainst(
      {
        auth: 'none',
        users: new Map([
          ['1', userInfo('a')],
          ['canary-bob', userInfo('b')],
        ]),
      },
      { knownUsers: ['1', 'canary-ada', 'canary-bob'], expectedData: undefined, only: ['userid-accents-refused'] },
    );
    expect(findCheck(report, 'userid-accents-refused')).to.include({ status: 'passed', message: '' });
  });
});

describe('the number of known users', () => {
  it('is limited, because each user requires a request', async () => {
    const knownUsers = Array.from({ length: 51 }, (_each, index) => `user-${index}`);
    const error: unknown = await runAgainst({ auth: 'none' }, { knownUsers, expectedData: undefined }).catch(
      (thrown: unknown) => thrown,
    );
    expect(String(error)).to.include('used 51 times, and the maximum is 50');
  });
});
