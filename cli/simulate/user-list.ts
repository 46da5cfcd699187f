// Source of the identity provider's users on the command line: a file or an LDAP directory, from options or from the IAM's settings.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import { readReferencedFile, readSecret } from '../../simulator/sync/referenced-texts.ts';
import type { UserList } from '../../simulator/sync/sync-request.ts';
import { readDirectoryAccount } from '../../simulator/sync/user-list-settings.ts';
import { CommandFailure, invalidUsage, withoutFaults } from '../exit-codes.ts';

export interface UserListFlags {
  readonly useridColumn: string;
  readonly ignoreColumns: readonly string[];
  readonly bindDn?: string;
  readonly bindPasswordFile?: string;
  readonly ldapCa?: string;
}

/** Adds the options that supplement `--users`. */
export function withUserListOptions(command: Command): Command {
  return command
    .option('--userid-column <name>', 'column, or LDIF or LDAP attribute, with the user name', 'userid')
    .option('--ignore-columns <names>', 'CSV columns to ignore, separated by commas', toNames, [])
    .option('--bind-dn <dn>', 'account that binds to the LDAP directory (default: anonymous)')
    .option('--bind-password-file <file>', 'file with the password of --bind-dn')
    .option('--ldap-ca <file>', "CA of the directory's certificate, PEM");
}

function toNames(text: string): readonly string[] {
  return text.split(',').map((name) => name.trim());
}

/** Adds `--users` and its related options. */
export function withUsersOption(command: Command): Command {
  const description =
    'users at the identity provider: CSV, LDIF or an LDAP URL (default: the `iam user-list` of the IAM, otherwise the users in the store)';
  return withUserListOptions(command).option('--users <file>', description);
}

/** Returns whether a value of `--users` is an LDAP URL; otherwise, it is a file. */
export function isLdapUrl(users: string): boolean {
  return /^ldaps?:\/\//i.test(users);
}

/** @param users value of `--users`: a file, or an LDAP URL. @throws {CommandFailure} for an incomplete list. */
export async function readUsers(users: string, flags: UserListFlags): Promise<UserList> {
  return { ...(await readGivenUsers(users, flags)), origin: toOrigin(users, flags) };
}

/** Reads the list of an earlier run again, from its source. @throws {CommandFailure} for an incomplete list. */
export function readUsersAgain(origin: Readonly<Record<string, unknown>>): Promise<UserList> {
  const { users, ...flags } = origin as ReturnType<typeof toOrigin>;
  return readUsers(users, flags);
}

/** Returns the list's origin with absolute paths, because the list may be read again from another directory. */
function toOrigin(users: string, { useridColumn, ignoreColumns, bindDn, bindPasswordFile, ldapCa }: UserListFlags) {
  return {
    users: isLdapUrl(users) ? users : resolve(users),
    useridColumn,
    ignoreColumns,
    ...(bindDn !== undefined && { bindDn }),
    ...(bindPasswordFile !== undefined && { bindPasswordFile: resolve(bindPasswordFile) }),
    ...(ldapCa !== undefined && { ldapCa: resolve(ldapCa) }),
  };
}

function readGivenUsers(users: string, flags: UserListFlags): Promise<UserList> {
  const { useridColumn, ignoreColumns, bindDn, bindPasswordFile, ldapCa } = flags;
  return inThe('--users', async () => {
    // Each reader is loaded only when it is needed.
    if (isLdapUrl(users)) {
      const { readLdapUsers } = await import('./user-list-ldap.ts');
      return readLdapUsers(users, useridColumn, readAccount(flags));
    }
    if ([bindDn, bindPasswordFile, ldapCa].some((flag) => flag !== undefined)) {
      throw invalidUsage('--bind-dn, --bind-password-file and --ldap-ca require an LDAP URL.');
    }
    const { readUserList } = await import('./user-list-file.ts');
    return readUserList(users, { useridColumn, ignoreColumns });
  });
}

/** @returns null: the settings contain no list. @throws {CommandFailure} for an incomplete list. @throws {SyncError} `settings`. */
export async function readListOfSettings({ userList }: LoadedIamSettings): Promise<UserList | null> {
  if (userList === undefined) return null;
  const { file, url, useridColumn, ignoreColumns } = userList;
  return inThe('userList', async () => {
    if (url !== undefined) {
      const { readLdapUsers } = await import('./user-list-ldap.ts');
      return readLdapUsers(url, useridColumn, readDirectoryAccount(userList));
    }
    const { readUserList } = await import('./user-list-file.ts');
    return readUserList(file ?? '', { useridColumn, ignoreColumns });
  });
}

function readAccount({ bindDn, bindPasswordFile: file, ldapCa }: UserListFlags) {
  if (bindDn !== undefined && file === undefined) {
    throw invalidUsage('--bind-dn needs --bind-password-file.');
  }
  return withoutFaults((faults) => ({
    bindDn: bindDn ?? null,
    password: bindDn === undefined ? null : readSecret({ env: undefined, file }, '--bind-password-file', faults),
    ca: ldapCa === undefined ? null : readReferencedFile(ldapCa, '--ldap-ca', faults),
  }));
}

/** Adds the name of the option or setting that names the list to an error. */
async function inThe<List>(place: string, read: () => Promise<List>): Promise<List> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    throw new CommandFailure(error.exitCode, `${place}: ${error.message}`, { cause: error });
  }
}
