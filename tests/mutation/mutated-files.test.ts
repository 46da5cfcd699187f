// Tests which tests and checks must detect the mutants of a file, and which files belong to the contract checks.
import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { catalogue } from '../../conformance/checks/catalogue.ts';
import { tlsTopic } from '../../conformance/checks/tls.ts';
import { contractFiles, findChecksOf, findNamedChecks, findUnitTests, mutatedFiles } from './mutated-files.ts';

describe('the files that are mutated', () => {
  it('have tests or checks that can detect a mutant', async () => {
    for (const file of mutatedFiles) {
      const tests = findUnitTests(file);
      expect([...tests, ...(await findChecksOf(file))], file).not.to.deep.equal([]);
      for (const test of tests) expect(existsSync(test), test).to.equal(true);
    }
  });

  it('are tested by the checks of their topic, and by those of every topic that imports them', async () => {
    const tlsIds = tlsTopic.checks.map(({ id }) => id);
    expect(await findChecksOf('conformance/checks/tls.ts')).to.deep.equal(tlsIds);
    expect(await findChecksOf('conformance/checks/server-certificate.ts')).to.deep.equal(tlsIds);
    expect(await findChecksOf('conformance/report/severity.ts')).to.deep.equal([]);
    const all = catalogue.flatMap(({ checks }) => checks.map(({ id }) => id));
    expect(await findChecksOf('conformance/checks/refusal-checks.ts')).to.include.members(
      all.filter((id) => /^wrong-/.test(id)),
    );
  });

  it('include the checks that their texts name, whose findings change the results of their own checks', () => {
    expect(findNamedChecks('conformance/checks/body-check.ts')).to.deep.equal(['known-user-200', 'known-user-whole']);
  });

  it('include a contract check when they define one, or when a file that defines one imports them', () => {
    const names = contractFiles.map((file) => file.replace('conformance/checks/', ''));
    expect(names).to.include.members(['basic.ts', 'nobodys-name.ts', 'source-outage.ts', 'known-meaning.ts']);
    for (const name of ['tls.ts', 'server-certificate.ts', 'user-enumeration.ts', 'challenge.ts'])
      expect(names).to.not.include(name);
    expect(contractFiles.every((file) => mutatedFiles.includes(file))).to.equal(true);
  });
});
