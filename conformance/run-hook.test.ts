// Tests that the source is restored in all cases, with real commands.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Untestable } from './check-endings.ts';
import { withSourceDown } from './run-hook.ts';

describe('an outage', () => {
  let directory = '';
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'user-info-hook-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  function hookOf(name: string, change: { breakCommand?: string; timeoutMs?: number } = {}) {
    const file = join(directory, name);
    const hook = { breakCommand: `touch '${file}'`, restoreCommand: `rm -f '${file}'`, timeoutMs: 10_000, ...change };
    return { file, hook };
  }

  /** Asserts that `outcome` rejects with an Untestable, and returns its message. */
  async function findReason(outcome: Promise<unknown>): Promise<string> {
    const error = await outcome.then(
      () => null,
      (failure: unknown) => failure,
    );
    expect(error).to.be.instanceOf(Untestable);
    return error instanceof Error ? error.message : '';
  }

  it('lasts as long as the observation', async () => {
    const { file, hook } = hookOf('plain');
    expect(await withSourceDown(hook, async () => existsSync(file))).to.equal(true);
    expect(existsSync(file)).to.equal(false);
  });

  it('ends when the observation fails, and throws the error of the observation', async () => {
    const { file, hook } = hookOf('failing');
    const outcome = await withSourceDown(hook, async () => {
      throw new TypeError('seen');
    }).catch((error: unknown) => error);
    expect(outcome).to.be.instanceOf(TypeError);
    expect(existsSync(file)).to.equal(false);
  });

  it('ends when its own command fails half-way', async () => {
    const { file, hook } = hookOf('half-way', { breakCommand: `touch '${join(directory, 'half-way')}'; exit 3` });
    expect(await findReason(withSourceDown(hook, async () => true))).to.include('--break ended with 3');
    expect(existsSync(file)).to.equal(false);
  });

  it('ends when its command does not finish in time', async () => {
    const { file, hook } = hookOf('endless', {
      breakCommand: `touch '${join(directory, 'endless')}'; sleep 600`,
      timeoutMs: 500,
    });
    expect(await findReason(withSourceDown(hook, async () => true))).to.match(/--break did not exit within 500 ms/);
    expect(existsSync(file)).to.equal(false);
  });

  it('ends when the run is interrupted', async () => {
    const { file, hook } = hookOf('interrupted');
    const code = `import { withSourceDown } from ${JSON.stringify(new URL('run-hook.ts', import.meta.url).href)};
      await withSourceDown(${JSON.stringify(hook)}, async () => {
        process.stdout.write('down');
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      });`;
    const child: ChildProcess = spawn(process.execPath, ['--import=tsx', '--input-type=module', '--eval', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (child.stdout) await once(child.stdout, 'data');
    expect(existsSync(file)).to.equal(true);
    child.kill('SIGINT');
    const [, signal] = await once(child, 'exit');
    expect(signal).to.equal('SIGINT');
    expect(existsSync(file)).to.equal(false);
  });
});
