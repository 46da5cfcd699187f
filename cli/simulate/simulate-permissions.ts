// Command `user-info simulate permissions`: lists, creates and deletes permissions.
import type { Command } from 'commander';
import { makeVisibleLine } from '../../schemas/printable-text.ts';
import { printJson, printText } from '../text-table.ts';
import { type StoreFlags, useSimulator, withActorOption, withStoreOptions } from './simulator-command.ts';

/** Adds `permissions`. */
export function addPermissionsCommand(simulate: Command): void {
  const permissions = simulate
    .command('permissions')
    .description("Permissions: the platform's own, and custom ones.")
    .addHelpText(
      'after',
      `
Examples:
  $ user-info simulate permissions list
  $ user-info simulate permissions create DATA_STEWARD
`,
    );
  withStoreOptions(permissions.command('list'))
    .description('List the permissions, custom ones last.')
    .action((flags: StoreFlags) =>
      useSimulator(flags, ({ identities }) => {
        const names = identities.permissions.list();
        if (flags.json) printJson(names);
        else printText(`${names.map(makeVisibleLine).join('\n')}\n`);
      }),
    );
  for (const isNew of [true, false]) {
    withActorOption(permissions.command(`${isNew ? 'create' : 'delete'} <name>`))
      .description(isNew ? 'Create a custom permission.' : 'Delete an unused custom permission.')
      .action((name: string, flags: StoreFlags) =>
        useSimulator(flags, ({ identities }, by) => {
          if (isNew) identities.permissions.addCustom(name, by);
          else identities.permissions.removeCustom(name, by);
          if (flags.json) printJson(identities.permissions.list());
          else printText(`${makeVisibleLine(`${isNew ? 'Created' : 'Deleted'} permission ${name}.`)}\n`);
        }),
      );
  }
}
