// Examples of this installation: their paths, and the command `user-info examples`.
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';

export function addExamplesCommand(program: Command): void {
  program
    .command('examples')
    .description('Print the directory of the examples that belong to this installation.')
    .addHelpText(
      'after',
      `
Examples:
  $ ls "$(user-info examples)"
  $ cp -r "$(user-info examples)/qa-sync" .
`,
    )
    .action(() => {
      process.stdout.write(`${dirname(dirname(exampleFile('csv-quickstart/users.csv')))}\n`);
    });
}

/** @param path below examples/, e.g. "csv-quickstart/users.csv". @returns its absolute path. */
export function exampleFile(path: string): string {
  const candidates = [`../examples/${path}`, `../../examples/${path}`].map((relative) =>
    fileURLToPath(new URL(relative, import.meta.url)),
  );
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined) throw new Error(`examples/${path} is missing. Install user-info-kit again.`);
  return found;
}
