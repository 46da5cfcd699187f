// Defines tests that run test files of the project on a newer version of Node.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { newerNode, newerNodeVersions } from '../newer-nodes.mjs';

const root = join(import.meta.dirname, '../..');
/** Generous, because other test files run at the same time. */
const timeoutMs = 1_200_000;

/**
 * Defines a test for each pattern of files. A separate file for each version and part lets mocha run them in parallel.
 *
 * @param major major number of a version in `newerNodeVersions`.
 */
export function describeSuiteOn(major: string, patterns: readonly string[]): void {
  const version = newerNodeVersions.find((candidate) => candidate.startsWith(`${major}.`));
  if (version === undefined) throw new Error(`tests/newer-nodes.mjs has no version ${major}.`);
  describe(`on Node ${version}`, () => {
    for (const pattern of patterns) {
      it(`${pattern} passes`, () => {
        const mocha = join(root, 'node_modules/mocha/bin/mocha.js');
        const { status, stdout, stderr } = spawnSync(newerNode(version), [mocha, pattern], {
          cwd: root,
          encoding: 'utf8',
          maxBuffer: 100 * 1024 * 1024,
        });
        expect(status, stdout + stderr).to.equal(0);
        expect(stdout).to.match(/[1-9]\d* passing/);
      }).timeout(timeoutMs);
    }
  });
}
