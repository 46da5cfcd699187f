// Tests of the kinds of users that are missing among the known users, and tests that every report lists these kinds in one line.
import { expect } from 'chai';
import { renderReport, runConformance } from './run-conformance.ts';
import { completeOptions, startFixture } from './testing/fixture.ts';
import { findMissingKinds } from './user-kinds.ts';

const body = (groups: number, authorizations: Readonly<Record<string, readonly string[]>>) =>
  Buffer.from(
    JSON.stringify({ groups: Array.from({ length: groups }, (_each, at) => ({ name: `g${at}` })), authorizations }),
  );

describe('the kinds of known users', () => {
  it('are all missing for an ordinary user, and none for users of every kind', () => {
    expect(findMissingKinds(['ada'], [body(2, { a: ['1', '2'] })])).to.deep.equal([
      ...['non-ascii', 'quote', 'plus', 'no-groups', 'one-value', 'many-groups'],
    ]);
    const names = ['zoë', "o'hara", 'ada+test'];
    expect(findMissingKinds(names, [body(0, { a: ['1'] }), body(20, {})])).to.deep.equal([]);
  });

  it('are not found in bodies that are not user info', () => {
    expect(findMissingKinds(['zoë', "'", '+'], [Buffer.from('{"groups":[]}')])).to.deep.equal([
      ...['no-groups', 'one-value', 'many-groups'],
    ]);
  });

  it('that are missing are listed on one line of the report, with the flag', async () => {
    const endpoint = await startFixture({ auth: 'none' });
    const options = await completeOptions(endpoint.url, 'none');
    const report = await runConformance({ ...options, only: ['a-known-user'] });
    await endpoint.close();
    expect(report.missingUserKinds).to.deep.equal(['quote', 'no-groups', 'many-groups']);
    for (const format of ['text', 'html', 'markdown'] as const) {
      const text = renderReport(report, format).replace(/\s+/g, ' ').replaceAll('\\', '').replaceAll('&#39;', "'");
      expect(text, format).to.include('No known user has: an apostrophe in the name');
      expect(text, format).to.match(/add them with --known-user ID/);
    }
  });

  it('are not missing where no user was requested', async () => {
    const endpoint = await startFixture({ auth: 'none' });
    const report = await runConformance({ url: endpoint.url, auth: 'none' });
    await endpoint.close();
    expect(report).not.to.have.property('missingUserKinds');
  });
});
