// Command `user-info simulate groups`: the platform's page of groups.
import type { Command } from 'commander';
import { makeVisibleLine } from '../../schemas/printable-text.ts';
import { builtInIam, type Group, type IdentityStore } from '../../simulator/identities/identity-store.ts';
import { quoteShellWord } from '../../simulator/platforms/shell-word.ts';
import { invalidUsage } from '../exit-codes.ts';
import { printJson, printText, renderTable } from '../text-table.ts';
import {
  changeSimulator,
  iamOption,
  type PageFlags,
  pickGiven,
  printPage,
  readIamFilter,
  readPage,
  type StoreFlags,
  useSimulator,
  withActorOption,
  withPageOptions,
  withStoreOptions,
} from './simulator-command.ts';

interface GroupFlags extends StoreFlags {
  readonly iam: string;
}

interface ProfileFlags extends GroupFlags {
  readonly name?: string;
  readonly description?: string;
  readonly email?: string;
}

interface MemberFlags extends StoreFlags {
  readonly iam?: string;
  readonly groupIam?: string;
}

interface ListFlags extends PageFlags {
  readonly iam?: string;
  readonly search?: string;
}

/** Adds `groups`. */
export function addGroupsCommand(simulate: Command): void {
  const groups = simulate
    .command('groups')
    .description('Groups: list, show, create, edit, members, delete.')
    .addHelpText(
      'after',
      `
Examples:
  $ user-info simulate groups create analysts --description 'Analysts of all departments'
  $ user-info simulate groups add-member analysts ada@example.com
  $ user-info simulate groups show analysts
`,
    );
  withPageOptions(withStoreOptions(groups.command('list')), 'groups')
    .description('List groups, with the number of members in each.')
    .option('--iam <id>', 'only groups of this IAM')
    .option('--search <text>', 'part of the name')
    .action(listGroups);
  withStoreOptions(groups.command('show <name>'))
    .description('Show a group, its attributes and its members.')
    .addOption(iamOption('group'))
    .action(showGroup);
  withActorOption(groups.command('create <name>'))
    .description('Create a group.')
    .option('--description <text>')
    .option('--email <address>')
    .addOption(iamOption('group'))
    .action((name: string, flags: ProfileFlags) =>
      changeSimulator(
        flags,
        {
          changed: `Created group ${name}.`,
          unchanged: null,
          next: `Add a member: user-info simulate groups add-member ${quoteShellWord(name)} USER_ID`,
        },
        ({ identities }, by) => identities.groups.create({ iam: flags.iam, ...profileOf(flags), name }, by),
      ),
    );
  withActorOption(groups.command('edit <name>'))
    .description('Change name, description or e-mail address.')
    .option('--name <text>', 'the new name')
    .option('--description <text>')
    .option('--email <address>')
    .addOption(iamOption('group'))
    .action(editGroup);
  withActorOption(groups.command('delete <name>'))
    .description('Delete a group. Its members remain users.')
    .requiredOption('--confirm', "confirm the deletion, as in the platform's dialog")
    .addOption(iamOption('group'))
    .action((name: string, flags: GroupFlags) =>
      changeSimulator(flags, { changed: `Deleted group ${name}.`, unchanged: null }, ({ identities }, by) => {
        identities.groups.delete({ iam: flags.iam, name }, by);
        return null;
      }),
    );
  for (const [name, isAdded] of [
    ['add-member', true],
    ['remove-member', false],
  ] as const) {
    withActorOption(groups.command(`${name} <group> <userid>`))
      .description(isAdded ? 'Add a user to a group.' : 'Remove a user from a group.')
      .option('--iam <id>', `IAM of the user (default: ${builtInIam})`)
      .option(
        '--group-iam <id>',
        'IAM of the group (default: the built-in IAM, or the IAM of the user if only that IAM has the group)',
      )
      .action((group: string, userid: string, flags: MemberFlags) => changeMember(group, userid, isAdded, flags));
  }
}

async function changeMember(group: string, userid: string, isAdded: boolean, flags: MemberFlags): Promise<void> {
  await changeSimulator(
    flags,
    isAdded
      ? { changed: `Added ${userid} to ${group}.`, unchanged: `${userid} is already a member of ${group}.` }
      : { changed: `Removed ${userid} from ${group}.`, unchanged: `${userid} is not a member of ${group}.` },
    ({ identities }, by) => {
      const user = { iam: flags.iam ?? builtInIam, userid };
      const name = {
        iam: flags.groupIam ?? findIamOfGroup(identities, user.iam, group),
        name: group,
      };
      if (isAdded) identities.groups.addMember(name, user, by);
      else identities.groups.removeMember(name, user, by);
      return identities.groups.get(name);
    },
  );
}

/** Returns the IAM with the group: the built-in one or the user's. @throws {CommandFailure} with exit code 2 if both IAMs contain the group. */
function findIamOfGroup({ groups }: IdentityStore, userIam: string, name: string): string {
  const isIn = (iam: string) => groups.find({ iam, name }) !== null;
  if (userIam === builtInIam || !isIn(userIam)) return builtInIam;
  if (!isIn(builtInIam)) return userIam;
  throw invalidUsage(
    makeVisibleLine(`Both ${builtInIam} and ${userIam} have a group ${name}. Choose one with --group-iam.`),
  );
}

async function editGroup(name: string, flags: ProfileFlags): Promise<void> {
  const change = profileOf(flags);
  if (Object.keys(change).length === 0) {
    throw invalidUsage('Nothing to change. Specify --name, --description or --email.');
  }
  await changeSimulator(
    flags,
    { changed: `Changed group ${name}.`, unchanged: `the group ${name} already has these values.` },
    ({ identities }, by) => identities.groups.edit({ iam: flags.iam, name }, change, by),
  );
}

function profileOf(flags: ProfileFlags) {
  return pickGiven(flags, 'name', 'description', 'email');
}

function listGroups(flags: ListFlags): Promise<void> {
  return useSimulator(flags, ({ identities }) => {
    const page = identities.groups.list({
      ...readIamFilter(flags, identities),
      ...pickGiven(flags, 'search'),
      ...readPage(flags),
    });
    const toRow = ({ name, iam, members, description }: Group) => [name, iam, members, description ?? ''];
    printPage(flags, page, ['group', 'iam', 'members', 'description'], toRow, 'No groups.');
  });
}

function showGroup(name: string, flags: GroupFlags): Promise<void> {
  return useSimulator(flags, ({ identities }) => {
    const group = identities.groups.get({ iam: flags.iam, name });
    const attributes = identities.attributes.of({ group });
    const members = identities.groups.members(group);
    if (flags.json) return printJson({ ...group, attributes, members });
    const facts = [
      ['description', group.description ?? ''],
      ['e-mail', group.email ?? ''],
      ...Object.entries(attributes).map(([key, values]) => [key, values.join(', ')]),
    ];
    const rows = members.map(({ userid, iam, origins }) => [userid, iam, origins.join(', ')]);
    printText(`${renderTable([`${name} of ${group.iam}`, ''], facts, '')}\n`);
    printText(renderTable(['member', 'iam', 'given by'], rows, 'No members.'));
  });
}
