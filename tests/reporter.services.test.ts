// Tests of the output at the end of a test run, with tests that fail.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';

const suite = `
let runs = 0;
describe('a suite', () => {
  it('passes', () => {});
  it('fails once', () => { runs += 1; if (runs === 1) throw new Error('too early\\nmore'); });
  it('fails always', () => { throw new Error('wrong'); });
});
`;

describe('the end of a test run', () => {
  for (const mode of ['--parallel', '--no-parallel']) {
    it(`lists what passed only when repeated and what failed: ${mode}`, async () => {
      const directory = await mkdtemp(join(tmpdir(), 'user-info-reporter-'));
      try {
        const file = join(directory, 'suite.test.cjs');
        await writeFile(file, suite);
        const output = await new Promise<string>((resolve) => {
          execFile('npx', ['mocha', mode, '--retries', '1', file], (_error, stdout) => resolve(stdout));
        });
        expect(output).to.match(
          /^repeated: a suite › fails once\n {4}Error: too early\n {4}more\n {4,}at .*suite\.test\.cjs:5/m,
        );
        expect(output.split('\n').slice(-5)).to.deep.equal([
          'passed when repeated: a suite › fails once: too early',
          'failed: a suite › fails always: wrong (the first time: wrong)',
          '',
          '2 passed, 1 failed',
          '',
        ]);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    });
  }
});
