// Command `user-info simulate attributes`: attributes of users and groups.
import type { Command } from 'commander';
import { builtInIam, type Holder } from '../../simulator/identities/identity-store.ts';
import { invalidUsage } from '../exit-codes.ts';
import {
  changeSimulator,
  pickGiven,
  printTable,
  readIamFilter,
  type StoreFlags,
  useSimulator,
  withActorOption,
  withStoreOptions,
} from './simulator-command.ts';

interface HolderFlags extends StoreFlags {
  readonly iam: string;
  readonly user?: string;
  readonly group?: string;
}

/** Adds `attributes`. */
export function addAttributesCommand(simulate: Command): void {
  const attributes = simulate
    .command('attributes')
    .description('Attributes of users and groups: list, add, remove.')
    .addHelpText(
      'after',
      `
Examples:
  $ user-info simulate attributes add region emea --user ada@example.com
  $ user-info simulate attributes add region apac --group analysts
  $ user-info simulate attributes list --search region

An attribute value exists as long as a user or group has it. Members of a group inherit its attributes.
`,
    );
  withStoreOptions(attributes.command('list'))
    .description('List all attribute values in use.')
    .option('--iam <id>', 'only attributes of this IAM')
    .option('--search <text>', 'part of the name or the value')
    .action((flags: StoreFlags & { readonly iam?: string; readonly search?: string }) =>
      useSimulator(flags, ({ identities }) => {
        const values = identities.attributes.list({
          ...readIamFilter(flags, identities),
          ...pickGiven(flags, 'search'),
        });
        const head = ['attribute', 'value', 'iam', 'users', 'groups'];
        printTable(
          flags,
          values,
          head,
          (one) => [one.name, one.value, one.iam, one.users, one.groups],
          'No attributes.',
        );
      }),
    );
  for (const isAdded of [true, false]) {
    withActorOption(attributes.command(`${isAdded ? 'add' : 'remove'} <name> <value>`))
      .description(
        isAdded ? 'Add an attribute value to a user or a group.' : 'Remove an attribute value from a user or a group.',
      )
      .option('--user <userid>')
      .option('--group <name>')
      .option('--iam <id>', 'IAM of the user or group', builtInIam)
      .action((name: string, value: string, flags: HolderFlags) => {
        const holder = toHolder(flags);
        const who = flags.user ?? flags.group;
        const fact = `${name}: ${value}`;
        const messages = isAdded
          ? { changed: `Added ${fact} to ${who}.`, unchanged: `${who} already has ${fact}.` }
          : { changed: `Removed ${fact} from ${who}.`, unchanged: `${who} does not have ${fact}.` };
        return changeSimulator(flags, messages, ({ identities }, by) => {
          if (isAdded) identities.attributes.add(holder, name, value, by);
          else identities.attributes.remove(holder, name, value, by);
          return identities.attributes.of(holder);
        });
      });
  }
}

function toHolder({ iam, user, group }: HolderFlags): Holder {
  if (user !== undefined && group === undefined) return { user: { iam, userid: user } };
  if (group !== undefined && user === undefined) return { group: { iam, name: group } };
  throw invalidUsage('Specify either --user or --group.');
}
