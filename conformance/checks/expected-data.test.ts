// Tests the checks of --expect for users who are also known, and for malformed responses.
import { expect } from 'chai';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import type { EndpointRequest, Reply } from '../faults/conformant-endpoint.ts';
import { findCheck, runAgainst } from '../testing/fixture.ts';

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
  it('fail for an expected user who gets a 404, known or not', async () => {
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
