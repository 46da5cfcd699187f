// Runs the commands of a page in order, and compares what they print with what the page shows.
import { AssertionError } from 'node:assert';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { type ConsoleStep, completeCommand, matchesOutput } from './console-blocks.ts';
import { findProjectCommand } from './project-commands.ts';
import type { CommandOutcome, ReaderShell } from './reader-shell.ts';

const projectRoot = dirname(import.meta.dirname);
const description = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));

/** Generous: a limit for hanging commands, not a claim about speed. */
const commandTimeoutMs = 60_000;

function run(shell: ReaderShell, step: ConsoleStep): Promise<CommandOutcome> | null {
  const isReady = (output: string) => matchesOutput(step.expected, output);
  const ours = findProjectCommand(step.command, description, projectRoot);
  if (ours?.kind === 'skip') return null;
  if (ours?.kind === 'start') return shell.start(ours.command, isReady, commandTimeoutMs);
  if (step.background) return shell.start(step.command, isReady, commandTimeoutMs);
  return shell.run(step.command, commandTimeoutMs);
}

/** Returns whether a command may fail: only if the page then shows its exit code. */
function mayFail(next: ConsoleStep | undefined): boolean {
  return next?.command.includes('$?') ?? false;
}

/** Fails at the first command with different output, or with an exit code that the page does not show. */
export async function followPage(shell: ReaderShell, file: string, steps: readonly ConsoleStep[]): Promise<void> {
  let printed = '';
  for (const [index, step] of steps.entries()) {
    const place = `${file}:${step.line}: $ ${step.command}`;
    const outcome = await run(shell, { ...step, command: completeCommand(step.command, printed) });
    if (outcome === null) {
      expect(step.expected, `${place}\nis not run by this test, so the page cannot show its output`).to.deep.equal([]);
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
