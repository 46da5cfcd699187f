// Tests of the checks of --expect for users who are also known, and for malformed responses.
import { expect } from 'chai';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import type { EndpointRequest, Reply } from '../faults/conformant-endpoint.ts';
import { answer, checkOf, createFakeContext, endingOf, findingOf } from '../testing/fake-context.ts';
import { findCheck, runAgainst } from '../testing/fixture.ts';
import { expectedData } from './expected-data.ts';

const userInfo = (group: string): UserInfo => ({ groups: [{ name: group }], authorizations: {} });
const users: ReadonlyMap<string, UserInfo> = new Map([
  ['canary-ada', userInfo('canary-group-a')],
  ['canary-eve', userInfo('canary-group-e')],
]);

/** Runs the checks of --expect against an endpoint that alters the responses for the second user. */
async function runWithSecondUser(change: (reply: Reply) => Reply, knownUsers: readonly string[]) {
  const finish = (reply: Reply, { userids }: EndpointRequest) => (userids[0] === 'canary-eve' ? change(reply) : reply);
  const report = await runAgainst(
    { auth: 'none', users, alter: () => ({ finish }) },
    {
      knownUsers: [...knownUsers],
      expectedData: Object.fromEntries(users),
      hook: undefined,
      only: ['expected-data', 'known-user-json'],
    },
  );
  const statuses = ['expected-user-200', 'expected-groups', 'expected-authorizations'].map(
    (id) => findCheck(report, id).status,
  );
  return { report, statuses };
}

describe('the checks of --expect', () => {
  it('find an expected user who gets a 404 with expected-user-200 alone, whether that user is known or not', async () => {
    for (const knownUsers of [['canary-ada'], ['canary-ada', 'canary-eve']]) {
      const { statuses } = await runWithSecondUser((reply) => ({ ...reply, status: 404 }), knownUsers);
      expect(statuses).to.deep.equal(['failed', 'passed', 'passed']);
    }
  });

  const malformed: readonly (readonly [name: string, body: string | Buffer])[] = [
    ['no JSON', '<html>'],
    ['Latin-1', Buffer.from('{"groups":[{"name":"é"}],"authorizations":{}}', 'latin1')],
    ['groups as strings', '{"groups":["canary-group-e"],"authorizations":{}}'],
    ['no body', ''],
  ];
  for (const [name, body] of malformed) {
    it(`fail for a malformed 200 of an expected user who was not given with --known-user: ${name}`, async () => {
      const { report, statuses } = await runWithSecondUser((reply) => ({ ...reply, body }), ['canary-ada']);
      expect(statuses).to.deep.equal(['passed', 'failed', 'failed']);
      expect(report.verdict).to.equal('does-not-conform');
      expect(JSON.stringify(report)).not.to.include('canary');
    });
  }

  it('leave a malformed 200 of a known user to the checks of known users, which fail', async () => {
    const change = (reply: Reply) => ({ ...reply, body: '<html>' });
    const { report, statuses } = await runWithSecondUser(change, ['canary-ada', 'canary-eve']);
    expect(statuses).to.deep.equal(['passed', 'untestable', 'untestable']);
    expect(findCheck(report, 'known-user-json').status).to.equal('failed');
  });
});

describe('the differences from the expected data', () => {
  const list = (...names: readonly string[]) => names.map((name) => ({ name }));
  const infoOf = (groups: readonly string[], values: readonly string[] = []) => ({
    groups: list(...groups),
    authorizations: values.length > 0 ? { kit: [...values] } : {},
  });

  /** Runs a check against an endpoint where the first user gets the expected response and the second user gets `seen`. */
  function run(id: string, expected: UserInfo, seen: unknown, showData = false) {
    const first = infoOf(['first']);
    const { context, sent } = createFakeContext({
      respond: ({ userids }) => (userids[0] === 'eve' ? answer(200, seen) : answer(200, first)),
      options: { expectedData: { ada: first, eve: expected }, showData, knownUsers: ['ada'] },
    });
    return { ended: checkOf(expectedData, id).run(context), sent };
  }

  it('are counted without names', async () => {
    const expected = infoOf(['a', 'b', 'c']);
    expect(await endingOf(run('expected-groups', expected, infoOf(['c', 'b', 'a', 'a'])).ended)).to.equal('passed');
    expect(await endingOf(run('expected-groups', expected, infoOf(['c'])).ended)).to.equal(
      'violated: 2 missing (3 expected)',
    );
    const finding = await findingOf(run('expected-groups', expected, infoOf(['a', 'b', 'd'])).ended);
    expect(finding).to.include({
      asked: 'user 2 of --expect',
      expected: 'the groups of --expect',
      seen: '1 missing; 1 unexpected (3 expected)',
    });
    expect(finding.answers).to.have.length(1);
    expect(await endingOf(run('expected-groups', expected, infoOf(['a', 'b', 'c', 'd'])).ended)).to.equal(
      'violated: 1 unexpected (3 expected)',
    );
  });

  it('are named when reports may show data, up to the first ten', async () => {
    const many = Array.from({ length: 11 }, (_each, index) => `g${index}`);
    const names = (count: number) =>
      many
        .slice(0, count)
        .map((name) => JSON.stringify(name))
        .join(', ');
    const ten = await findingOf(run('expected-groups', infoOf(many.slice(0, 10)), infoOf([]), true).ended);
    expect(ten).to.include({ asked: 'the user "eve"', seen: `10 missing: ${names(10)} (10 expected)` });
    const eleven = await findingOf(run('expected-groups', infoOf(many), infoOf([]), true).ended);
    expect(eleven.seen).to.equal(`11 missing: ${names(10)}, … (11 expected)`);
  });

  it('of attributes include their names', async () => {
    const id = 'expected-authorizations';
    const expected = infoOf([], ['1', '2']);
    expect(await endingOf(run(id, expected, infoOf(['x'], ['2', '1'])).ended)).to.equal('passed');
    const seen = { groups: [], authorizations: { other: ['1'], kit: ['2'] } };
    expect(await endingOf(run(id, expected, seen, true).ended)).to.equal(
      'violated: 1 missing: "kit": "1"; 1 unexpected: "other": "1" (2 expected)',
    );
    expect((await findingOf(run(id, expected, seen).ended)).expected).to.equal('the attributes and values of --expect');
  });

  it('are searched in the responses of all users, each requested once', async () => {
    const { ended, sent } = run('expected-user-200', infoOf([]), infoOf([]));
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.deep.equal([{ userids: ['ada'] }, { userids: ['eve'] }]);
  });

  it('are ignored for a status other than 200', async () => {
    const { context } = createFakeContext({
      respond: () => answer(404, infoOf([])),
      options: { expectedData: { ada: infoOf(['a']) }, knownUsers: ['ada'] },
    });
    expect(await endingOf(checkOf(expectedData, 'expected-groups').run(context))).to.equal('passed');
    const finding = await findingOf(checkOf(expectedData, 'expected-user-200').run(context));
    expect(finding.seen).to.equal('status 404 with application/json');
    expect(finding.answers).to.have.length(1);
  });

  it('are found after a malformed response of a known user', async () => {
    const responses = [answer(200, 'x'), answer(200, infoOf([]))];
    const { context } = createFakeContext({
      respond: (_question, index) => responses[index] ?? answer(500),
      options: { expectedData: { ada: infoOf(['a']), eve: infoOf(['e']) }, knownUsers: ['ada'] },
    });
    expect(await endingOf(checkOf(expectedData, 'expected-groups').run(context))).to.equal(
      'violated: 1 missing (1 expected)',
    );
    const malformed = await findingOf(run('expected-groups', infoOf([]), 'x').ended);
    expect(malformed.seen).to.equal(
      'status 200 with application/json: a body that is not JSON, from which the groups cannot be read',
    );
    expect(malformed.answers).to.have.length(1);
    const latin1 = Buffer.from(JSON.stringify(infoOf(['é'])), 'latin1');
    expect(await endingOf(run('expected-groups', infoOf(['é']), latin1).ended)).to.include('violated: ');
  });

  it('are found by checks that need the expected data and a control', () => {
    for (const { needs } of expectedData.checks) expect(needs).to.deep.equal(['expected-data', 'control']);
  });
});
