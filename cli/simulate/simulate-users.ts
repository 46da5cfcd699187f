// Command `user-info simulate users`: the platform's page of users.
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { makeVisibleLine } from '../../schemas/printable-text.ts';
import { assertEmail, IdentityError } from '../../simulator/identities/identity-error.ts';
import { builtInIam, type EffectiveUser, type User } from '../../simulator/identities/identity-store.ts';
import { listRights } from '../../simulator/platforms/impersonation.ts';
import { invalidUsage } from '../exit-codes.ts';
import { collect } from '../repeatable-options.ts';
import { colorsFor } from '../terminal-colors.ts';
import { printJson, printText, renderTable } from '../text-table.ts';
import { renderExternalIds } from './simulate-external-ids.ts';
import { renderRights } from './simulate-impersonation.ts';
import {
  changeSimulator,
  iamOption,
  type PageFlags,
  pickGiven,
  printPage,
  readIamFilter,
  readPage,
  type StoreFlags,
  toWholeNumber,
  useSimulator,
  withActorOption,
  withPageOptions,
  withStoreOptions,
} from './simulator-command.ts';

interface UserFlags extends StoreFlags {
  readonly iam: string;
}

interface ListFlags extends PageFlags {
  readonly iam?: string;
  readonly search?: string;
  readonly permission?: string;
  readonly disabled?: boolean;
}

interface CreateFlags extends UserFlags {
  readonly name: string;
  readonly email?: string;
  readonly permission?: readonly string[];
}

interface EditFlags extends UserFlags {
  readonly name?: string;
  readonly email?: string;
}

interface DeleteFlags extends UserFlags {
  readonly confirm?: boolean;
  readonly type?: string;
}

/** Adds `users`. */
export function addUsersCommand(simulate: Command): void {
  const users = simulate
    .command('users')
    .description('Users: list, show, create, edit, permissions, disable, enable, delete, migrate, metrics.')
    .addHelpText(
      'after',
      `
Examples:
  $ user-info simulate users create ada@example.com --name 'Ada Lovelace' --permission AUDIT
  $ user-info simulate users list --search lovelace --disabled
  $ user-info simulate users show ada@example.com
  $ user-info simulate users delete ada@example.com --confirm --type Delete
`,
    );
  withPageOptions(withStoreOptions(users.command('list')), 'users')
    .description('List users. Disabled users are included only with --disabled.')
    .option('--iam <id>', 'only users of this IAM')
    .option('--search <text>', 'part of the user name, the name or the e-mail address')
    .option('--permission <name>', 'only users with this permission, including permissions from groups and defaults')
    .option('--disabled', 'include disabled users')
    .action(listUsers);
  withStoreOptions(users.command('show <userid>'))
    .description("Show a user's effective groups, attributes and permissions, with their origins.")
    .addOption(iamOption('user'))
    .action(showUser);
  withActorOption(users.command('create <userid>'))
    .description('Create a user. In the built-in IAM, the user name is the e-mail address.')
    .requiredOption('--name <text>', 'full name')
    .option('--email <address>', 'e-mail address; not for the built-in IAM')
    .option('--permission <name>', 'permission of the user; repeatable', collect)
    .addOption(iamOption('user'))
    .action(createUser);
  withActorOption(users.command('edit <userid>'))
    .description('Change the name or the e-mail address.')
    .option('--name <text>', 'full name')
    .option('--email <address>', 'e-mail address; not for the built-in IAM')
    .addOption(iamOption('user'))
    .action(editUser);
  for (const [name, disabled] of [
    ['disable', true],
    ['enable', false],
  ] as const) {
    withActorOption(users.command(`${name} <userid>`))
      .description(disabled ? 'Disable a user without deleting anything.' : 'Enable a user again.')
      .addOption(iamOption('user'))
      .action((userid: string, flags: UserFlags) =>
        changeSimulator(
          flags,
          {
            changed: `${disabled ? 'Disabled' : 'Enabled'} user ${userid}.`,
            unchanged: `${userid} is already ${disabled ? 'disabled' : 'enabled'}.`,
          },
          ({ identities }, by) => identities.users.setDisabled({ iam: flags.iam, userid }, disabled, by),
        ),
      );
  }
  for (const [name, given] of [
    ['add-permission', true],
    ['remove-permission', false],
  ] as const) {
    withActorOption(users.command(`${name} <userid> <permission>`))
      .description(given ? 'Grant a permission to a user.' : 'Revoke a permission from a user.')
      .addOption(iamOption('user'))
      .action((userid: string, permission: string, flags: UserFlags) =>
        changeSimulator(
          flags,
          given
            ? { changed: `Granted ${permission} to ${userid}.`, unchanged: `${userid} already has ${permission}.` }
            : {
                changed: `Revoked ${permission} from ${userid}.`,
                unchanged: `${userid} does not have ${permission} directly.`,
              },
          ({ identities }, by) => {
            const user = { iam: flags.iam, userid };
            if (given) identities.users.addPermission(user, permission, by);
            else identities.users.removePermission(user, permission, by);
            return identities.users.get(user);
          },
        ),
      );
  }
  withActorOption(users.command('delete <userid>'))
    .description('Delete a user permanently. Confirm twice: at the prompts on a terminal, otherwise with both options.')
    .addOption(iamOption('user'))
    .option('--confirm', 'the first confirmation')
    .option('--type <word>', 'the second confirmation: the word Delete')
    .action(deleteUser);
  withActorOption(users.command('migrate'))
    .description('Move a user from the built-in IAM to another IAM, where the user name must be the same.')
    .argument('<userid>', 'user name in the built-in IAM')
    .requiredOption('--to <iam>', 'the other IAM')
    .requiredOption('--userid <userid>', 'user name in the target IAM, for confirmation')
    .action((userid: string, flags: StoreFlags & { readonly to: string; readonly userid: string }) =>
      changeSimulator(
        flags,
        // The IAM may store the name in a different letter case than typed.
        { changed: (moved: User) => `Migrated ${moved.userid} to ${moved.iam}.`, unchanged: null },
        ({ identities }, by) => identities.users.migrate(userid, flags.to, flags.userid, by),
      ),
    );
  withStoreOptions(users.command('metrics'))
    .description('Print user metrics for the specified number of days as JSON.')
    .requiredOption('--days <number>', 'number of days')
    .action((flags: StoreFlags & { readonly days: string }) =>
      useSimulator(flags, ({ identities }) => printJson(identities.metrics(toWholeNumber('--days', flags.days)))),
    );
}

function listUsers(flags: ListFlags): Promise<void> {
  return useSimulator(flags, ({ identities }) => {
    const page = identities.users.list({
      ...readIamFilter(flags, identities),
      ...pickGiven(flags, 'search', 'permission'),
      includeDisabled: flags.disabled === true,
      ...readPage(flags),
    });
    const toRow = ({ userid, iam, name, disabled }: User) => [userid, iam, name, disabled ? 'disabled' : ''];
    printPage(flags, page, ['user', 'iam', 'name', ''], toRow, 'No users.');
  });
}

function showUser(userid: string, flags: UserFlags): Promise<void> {
  return useSimulator(flags, (simulator) => {
    const view = simulator.identities.users.view({ iam: flags.iam, userid });
    const externalIds = simulator.externalIds.of(view.user);
    const impersonation = listRights(simulator, { iam: flags.iam, userid });
    if (flags.json) return printJson({ ...view, externalIds, impersonation });
    const { bold } = colorsFor(process.stdout);
    printText(describeUser(view));
    printText(`\n${bold('User names on data platforms')}\n${renderExternalIds(externalIds)}`);
    printText(`\n${bold('Impersonation')}\n${renderRights(impersonation)}`);
  });
}

function createUser(userid: string, flags: CreateFlags): Promise<void> {
  return changeSimulator(
    flags,
    { changed: (made: User) => `Created user ${made.userid}.`, unchanged: null },
    ({ identities }, by) => {
      // In the built-in IAM, the user name is the e-mail address.
      if (flags.iam === builtInIam) assertEmail(userid);
      return identities.users.create(
        { userid, iam: flags.iam, name: flags.name, permissions: flags.permission ?? [], ...pickGiven(flags, 'email') },
        by,
      );
    },
  );
}

async function editUser(userid: string, flags: EditFlags): Promise<void> {
  if (flags.name === undefined && flags.email === undefined) {
    throw invalidUsage('Nothing to change. Specify --name or --email.');
  }
  await changeSimulator(
    flags,
    { changed: `Changed user ${userid}.`, unchanged: `${userid} already has these values.` },
    ({ identities }, by) => identities.users.edit({ iam: flags.iam, userid }, pickGiven(flags, 'name', 'email'), by),
  );
}

async function deleteUser(userid: string, flags: DeleteFlags): Promise<void> {
  const confirmation =
    flags.confirm === undefined && flags.type === undefined && process.stdin.isTTY
      ? await askTwice(userid)
      : { confirmed: flags.confirm === true, typed: flags.type ?? '' };
  await useSimulator(flags, ({ identities }, by) => {
    try {
      identities.users.delete({ iam: flags.iam, userid }, confirmation, by);
    } catch (error) {
      if (!(error instanceof IdentityError) || error.kind !== 'unconfirmed') throw error;
      throw new IdentityError('unconfirmed', `${error.message} Add --confirm and --type Delete.`);
    }
    if (!flags.json) printText(`Permanently deleted user ${makeVisibleLine(userid)}.\n`);
  });
}

/** Shows two prompts, like the platform's two dialogs. */
async function askTwice(userid: string): Promise<{ confirmed: boolean; typed: string }> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const first = await terminal.question(
      `Delete ${makeVisibleLine(userid)} and all data of the user permanently? (yes/no) `,
    );
    if (first.trim() !== 'yes') return { confirmed: false, typed: '' };
    return { confirmed: true, typed: (await terminal.question('Type Delete to confirm: ')).trim() };
  } finally {
    terminal.close();
  }
}

function describeUser({ user, groups, values, permissions }: EffectiveUser): string {
  const { bold } = colorsFor(process.stdout);
  const facts = [
    ['name', user.name],
    ['e-mail', user.email ?? ''],
    ['state', user.disabled ? 'disabled' : 'enabled'],
    ['last login', user.lastLogin ?? 'never'],
    ['last response from the endpoint', user.lastExternalRefresh ?? 'never'],
  ];
  const given = (origins: readonly string[]) => origins.join(', ');
  return [
    renderTable([`${user.userid} of ${user.iam}`, ''], facts, ''),
    `\n${bold('Groups')}\n`,
    renderTable(
      ['group', 'iam', 'given by'],
      groups.map(({ name, iam, origins }) => [name, iam, given(origins)]),
      'None.',
    ),
    `\n${bold('Attributes')}\n`,
    renderTable(
      ['attribute', 'value', 'iam', 'given by'],
      values.map(({ name, value, iam, origins, group }) => [
        name,
        value,
        iam,
        group === null ? given(origins) : `group ${group.name}`,
      ]),
      'None.',
    ),
    `\n${bold('Permissions')}\n`,
    renderTable(
      ['permission', 'given by'],
      permissions.map(({ name, group, byDefault }) => [
        name,
        group === null ? (byDefault ? `default of ${user.iam}` : 'platform') : `group ${group}`,
      ]),
      'None.',
    ),
  ].join('');
}
