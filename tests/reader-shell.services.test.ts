// Tests that the reader's machine behaves like a terminal and leaves nothing behind.
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'chai';
import { createReaderShell, type ReaderShell } from './reader-shell.ts';

const timeoutMs = 10_000;

describe('the shell of a reader', () => {
  let shell: ReaderShell;
  beforeEach(() => {
    shell = createReaderShell(dirname(import.meta.dirname));
  });
  afterEach(() => shell.close());

  const outputOf = async (command: string) => (await shell.run(command, timeoutMs)).output;

  it('shows the output of a command on both streams, in order, and its exit code', async () => {
    const outcome = await shell.run('echo a; echo b >&2; echo c; false', timeoutMs);
    expect(outcome).to.deep.equal({ output: 'a\nb\nc\n', exitCode: 1 });
  });

  it('keeps the directory, variables and the last exit code between commands', async () => {
    await shell.run('mkdir inner && cd inner && export NAME=ada', timeoutMs);
    await shell.run('(exit 3)', timeoutMs);
    expect(await outputOf('echo $? $NAME $(basename $PWD)')).to.equal('3 ada inner\n');
  });

  it('has an empty home directory and none of the settings of the developer', async () => {
    expect(await outputOf('ls -A "$HOME"')).to.equal('');
    expect(await outputOf('env | grep -c ^npm_')).to.equal('0\n');
  });

  it('gives commands no input, so that no command waits for input or reads the next command', async () => {
    expect(await outputOf('cat')).to.equal('');
  });

  it('waits for a background command until it is ready, and continues', async () => {
    const outcome = await shell.start('echo started; sleep 60', (output) => output.includes('started'), timeoutMs);
    expect(outcome).to.deep.equal({ output: 'started\n', exitCode: null });
    expect(await outputOf('echo next')).to.equal('next\n');
  });

  it('reports a background command that ends before it is ready', async () => {
    const outcome = await shell.start('echo no >&2; (exit 2)', () => false, timeoutMs);
    expect(outcome).to.deep.equal({ output: 'no\n', exitCode: 2 });
  });

  it('names the command that did not end, and its output', async () => {
    const failure = await shell.run('echo half; sleep 60', 200).catch((error: Error) => error);
    expect(String(failure)).to.match(/not done after 200 ms: echo half; sleep 60\n.*\nhalf/);
  });

  it('names a command that ends the shell, at once, and can then be closed', async () => {
    const failure = await shell.run('set -e; echo half; false', 50_000).catch((error: Error) => error);
    expect(String(failure)).to.match(/ended the shell: set -e; echo half; false\n.*\nhalf/);
  }).timeout(timeoutMs);

  it('stops the processes that it started, and removes its directory', async () => {
    const { output } = await shell.run('sleep 60 & echo $!', timeoutMs);
    await shell.close();
    expect(existsSync(shell.directory)).to.equal(false);
    expect(() => process.kill(Number(output), 0)).to.throw('ESRCH');
  });
});
