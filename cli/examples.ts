// Command `user-info examples`: prints the directory of the examples that belong to this installation.
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { exampleFile } from './example-file.ts';

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
