// Owns `user-info simulate audit`: the trail of every change.
import type { Command } from 'commander';
import type { AuditAction } from '../simulator/identities/identity-store.ts';
import { type StoreFlags, toWholeNumber, useSimulator, withStoreOptions } from './simulator-command.ts';
import { printJson, printText, renderTable } from './text-table.ts';

interface AuditFlags extends StoreFlags {
  readonly target?: string;
  readonly by?: string;
  readonly action?: AuditAction;
  readonly limit: string;
  readonly offset: string;
}

/** Adds `audit`. */
export function addAuditCommand(simulate: Command): void {
  withStoreOptions(simulate.command('audit'))
    .description('List changes, the newest first: who, when, and with --json what was before and after.')
    .option('--target <name>', 'only changes of this user, group, IAM or permission')
    .option('--by <name>', 'only changes by this person')
    .option('--action <name>', 'only this kind, e.g. UserDeleted')
    .option('--limit <number>', 'changes on a page', '25')
    .option('--offset <number>', 'changes before the page', '0')
    .addHelpText(
      'after',
      `
Examples:
  $ user-info simulate audit --target ada@example.com
  $ user-info simulate audit --action UserDeleted --json
`,
    )
    .action((flags: AuditFlags) =>
      useSimulator(flags, ({ identities }) => {
        const page = identities.audit.list({
          ...(flags.target !== undefined && { target: flags.target }),
          ...(flags.by !== undefined && { by: flags.by }),
          ...(flags.action !== undefined && { action: flags.action }),
          limit: toWholeNumber('--limit', flags.limit),
          offset: toWholeNumber('--offset', flags.offset),
        });
        if (flags.json) return printJson(page);
        const rows = page.hits.map(({ at, by, action, iam, target }) => [at, by, action, target, iam]);
        printText(renderTable(['when', 'who', 'what', 'whom', 'iam'], rows, 'No changes.'));
      }),
    );
}
