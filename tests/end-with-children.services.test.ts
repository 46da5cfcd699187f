// Tests that no process of a test run survives a signal: c8, mocha's workers, and processes that a test started all end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { scratchDirectory } from './certificate-files.ts';
import { eventually } from './reloadable-server.ts';

const projectRoot = dirname(import.meta.dirname);
const resolve = createRequire(import.meta.url).resolve;
const startTimeoutMs = 60_000;

/** A test that never ends, with a child in its own process group. */
const endless = `
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
it('does not end', async function () {
  this.timeout(0);
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  writeFileSync(process.env.PIDS + '/' + process.pid, [process.ppid, process.pid, child.pid].join(' '));
  await new Promise(() => setInterval(() => {}, 1000));
});
`;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('npm test', () => {
  it('is run so that signals reach all its processes', () => {
    const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
    for (const name of ['test', 'pretest:services', 'test:services'])
      expect(scripts[name]).to.match(/^node tests\/end-with-children\.mjs /);
  });

  for (const [signal, exitCode] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    it(`leaves no process after ${signal}`, async () => {
      const directory = scratchDirectory();
      for (const name of ['a.test.mjs', 'b.test.mjs']) writeFileSync(join(directory, name), endless);
      const pids = scratchDirectory();
      const c8 = [
        resolve('c8/bin/c8.js'),
        '--reports-dir',
        join(directory, 'reports'),
        '--temp-directory',
        join(directory, 'temp'),
      ];
      const mocha = [resolve('mocha/bin/mocha.js'), '--no-config', '--parallel', '--jobs', '2'];
      const files = ['a', 'b'].map((name) => join(directory, `${name}.test.mjs`));
      const run = spawn(
        process.execPath,
        [
          join(projectRoot, 'tests/end-with-children.mjs'),
          process.execPath,
          ...c8,
          process.execPath,
          ...mocha,
          ...files,
        ],
        { cwd: directory, env: { ...process.env, PIDS: pids }, stdio: 'ignore' },
      );
      const started = await eventually(
        // A file that was just created is empty.
        () => readdirSync(pids).flatMap((name) => readFileSync(join(pids, name), 'utf8').match(/\d+/g) ?? []),
        (written) => written.length === 6,
        startTimeoutMs,
      ).then((written) => written.map(Number));
      expect(started.filter(isAlive)).to.have.length(6);
      run.kill(signal);
      expect(await once(run, 'exit')).to.deep.equal([exitCode, null]);
      await eventually(
        () => started.filter(isAlive),
        (alive) => alive.length === 0,
        10_000,
      );
    }).timeout(2 * startTimeoutMs);
  }
});
