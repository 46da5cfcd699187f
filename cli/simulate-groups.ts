// Owns `user-info simulate groups`: the platform's page of groups as commands.
import { type Command, Option } from 'commander';
import { builtInIam, type Group } from '../simulator/identities/identity-store.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import {
  changeSimulator,
  type PageFlags,
  printPage,
  readIamFilter,
  readPage,
  type StoreFlags,
  useSimulator,
  withActorOption,
  withPageOptions,
  withStoreOptions,
} from './simulator-command.ts';
import { printJson, printText, renderTable } from './text-table.ts';

interface GroupFlags extends StoreFlags {
  readonly iam: string;
}

interface ProfileFlags extends GroupFlags {
  readonly name?: string;
  readonly description?: string;
  readonly email?: string;
}

interface MemberFlags extends GroupFlags {
  readonly userIam?: string;
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
  $ user-info simulate groups create analysts --description 'Those who count'
  $ user-info simulate groups add-member analysts ada@example.com
  $ user-info simulate groups show analysts
`,
    );
  const iamOption = () => new Option('--iam <id>', 'IAM of the group').default(builtInIam);

  withPageOptions(withStoreOptions(groups.command('list')), 'groups')
    .description('List groups, with the number of their members.')
    .option('--iam <id>', 'only groups of this IAM')
    .option('--search <text>', 'a part of the name')
    .action(listGroups);
  withStoreOptions(groups.command('show'))
    .description('Show a group, its attributes and its members.')
    .argument('<name>')
    .addOption(iamOption())
    .action(showGroup);
  withActorOption(groups.command('create'))
    .description('Create a group.')
    .argument('<name>')
    .option('--description <text>')
    .option('--email <address>')
    .addOption(iamOption())
    .action((name: string, flags: ProfileFlags) =>
      changeSimulator(flags, `The group ${name} is created.`, ({ identities }, by) =>
        identities.groups.create({ iam: flags.iam, ...profileOf(flags), name }, by),
      ),
    );
  withActorOption(groups.command('edit'))
    .description('Change name, description or e-mail address.')
    .argument('<name>')
    .option('--name <text>', 'the new name')
    .option('--description <text>')
    .option('--email <address>')
    .addOption(iamOption())
    .action(editGroup);
  withActorOption(groups.command('delete'))
    .description('Delete a group; its members stay users.')
    .argument('<name>')
    .requiredOption('--confirm', 'as the dialog asks for')
    .addOption(iamOption())
    .action((name: string, flags: GroupFlags) =>
      changeSimulator(flags, `The group ${name} is deleted.`, ({ identities }, by) => {
        identities.groups.delete({ iam: flags.iam, name }, by);
        return null;
      }),
    );
  for (const [name, isAdded] of [
    ['add-member', true],
    ['remove-member', false],
  ] as const) {
    withActorOption(groups.command(name))
      .description(isAdded ? 'Put a user into a group.' : 'Take a user out of a group.')
      .argument('<group>')
      .argument('<userid>')
      .addOption(iamOption())
      .option('--user-iam <id>', 'IAM of the user (default: that of the group)')
      .action((group: string, userid: string, flags: MemberFlags) =>
        changeSimulator(
          flags,
          isAdded ? `Added ${userid} to ${group}.` : `Removed ${userid} from ${group}.`,
          ({ identities }, by) => {
            const groupName = { iam: flags.iam, name: group };
            const user = { iam: flags.userIam ?? flags.iam, userid };
            if (isAdded) identities.groups.addMember(groupName, user, by);
            else identities.groups.removeMember(groupName, user, by);
            return identities.groups.get(groupName);
          },
        ),
      );
  }
}

async function editGroup(name: string, flags: ProfileFlags): Promise<void> {
  const change = profileOf(flags);
  if (Object.keys(change).length === 0) {
    throw new CommandFailure(exitCodes.usage, 'Nothing is to be changed: give --name, --description or --email.');
  }
  await changeSimulator(flags, `The group ${name} is changed.`, ({ identities }, by) =>
    identities.groups.edit({ iam: flags.iam, name }, change, by),
  );
}

function profileOf({ name, description, email }: ProfileFlags) {
  return {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(email !== undefined && { email }),
  };
}

function listGroups(flags: ListFlags): Promise<void> {
  return useSimulator(flags, ({ identities }) => {
    const page = identities.groups.list({
      ...readIamFilter(flags, identities),
      ...(flags.search !== undefined && { search: flags.search }),
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
