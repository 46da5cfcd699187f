// Tests that every command of every page works when it is typed in order, and prints what the page shows.
import { AssertionError } from 'node:assert';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { type ConsoleStep, completeCommand, matchesOutput, parseConsoleBlock } from './console-blocks.ts';
import { findFencedBlocks, listMarkdownFiles } from './markdown.ts';
import { findProjectCommand } from './project-commands.ts';
import { type CommandOutcome, createReaderShell, type ReaderShell } from './reader-shell.ts';

const projectRoot = dirname(import.meta.dirname);
const description = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));

/** Generous: a bound on what hangs, not a claim on speed. */
const commandTimeoutMs = 60_000;
const pageTimeoutMs = 300_000;

/** A shell command that a page shows in a block of another kind, unless it says why it can't be run. */
const unrunCommands = /^(sh|bash|shell|zsh|shell-session)\b(?! not run: \S)/;

const pages = listMarkdownFiles(projectRoot).map((file) => {
  const blocks = findFencedBlocks(readFileSync(join(projectRoot, file), 'utf8'));
  const steps = blocks
    .filter(({ kind }) => kind === 'console')
    .flatMap(({ lines, line }) => parseConsoleBlock(lines, line + 1));
  return { file, blocks, steps };
});

function run(shell: ReaderShell, step: ConsoleStep): Promise<CommandOutcome> | null {
  const isReady = (output: string) => matchesOutput(step.expected, output);
  const ours = findProjectCommand(step.command, description, projectRoot);
  if (ours?.kind === 'skip') return null;
  if (ours?.kind === 'start') return shell.start(ours.command, isReady, commandTimeoutMs);
  if (step.background) return shell.start(step.command, isReady, commandTimeoutMs);
  return shell.run(step.command, commandTimeoutMs);
}

/** A command may fail only where the page then shows its exit code. */
function mayFail(next: ConsoleStep | undefined): boolean {
  return next?.command.includes('$?') ?? false;
}

async function follow(shell: ReaderShell, file: string, steps: readonly ConsoleStep[]): Promise<void> {
  let printed = '';
  for (const [index, step] of steps.entries()) {
    const place = `${file}:${step.line}: $ ${step.command}`;
    const outcome = await run(shell, { ...step, command: completeCommand(step.command, printed) });
    if (outcome === null) {
      expect(step.expected, `${place}\nis not run by this test, so the page can't show its output`).to.deep.equal([]);
      continue;
    }
    if (!matchesOutput(step.expected, outcome.output)) {
      const message = `${place}\nprinted something else than the page shows`;
      throw new AssertionError({ message, expected: step.expected.join('\n'), actual: outcome.output.trimEnd() });
    }
    printed += `${outcome.output}\n`;
    const failed = outcome.exitCode !== null && outcome.exitCode !== 0;
    expect(failed && !mayFail(steps[index + 1]), `${place}\nended with ${outcome.exitCode}`).to.equal(false);
  }
}

describe('the commands of the documentation', () => {
  for (const { file, steps } of pages.filter((page) => page.steps.length > 0)) {
    it(`${file}: ${steps.length} commands, in order, print what the page shows`, async () => {
      const shell = createReaderShell(projectRoot);
      try {
        await follow(shell, file, steps);
      } finally {
        await shell.close();
      }
    }).timeout(pageTimeoutMs);
  }

  it('stand in ```console blocks and nowhere else', () => {
    const elsewhere = pages.flatMap(({ file, blocks }) =>
      blocks.filter(({ info }) => unrunCommands.test(info)).map(({ line }) => `${file}:${line}`),
    );
    expect(elsewhere, 'use ```console, or say why: ```sh not run: needs a cluster').to.deep.equal([]);
  });
});
