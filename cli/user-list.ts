// Owns where the identity provider's users come from on the command line: a file or a directory, and who asks that one.
import type { Command } from 'commander';
import type { UserList } from '../simulator/sync/sync-request.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import type { LdapAccount } from './user-list-ldap.ts';

export interface UserListFlags extends LdapAccount {
  readonly useridColumn: string;
}

/** The options beside `--users`. */
export function withUserListOptions(command: Command): Command {
  return command
    .option('--userid-column <name>', 'column, or LDIF or LDAP attribute, with the user name', 'userid')
    .option('--bind-dn <dn>', 'who asks the directory (default: nobody)')
    .option('--bind-password-file <file>', 'file with the password of --bind-dn')
    .option('--ldap-ca <file>', "CA of the directory's certificate, PEM");
}

/** Each reader is loaded when it is needed. @param users a file, or an LDAP URL. @throws {CommandFailure} for a list that is not whole. */
export async function readUsers(users: string, flags: UserListFlags): Promise<UserList> {
  const { useridColumn, bindDn, bindPasswordFile, ldapCa } = flags;
  if (/^ldaps?:\/\//i.test(users)) {
    const { readLdapUsers } = await import('./user-list-ldap.ts');
    return readLdapUsers(users, useridColumn, flags);
  }
  if ([bindDn, bindPasswordFile, ldapCa].some((flag) => flag !== undefined)) {
    const message = '--bind-dn, --bind-password-file and --ldap-ca are for an LDAP URL in --users.';
    throw new CommandFailure(exitCodes.usage, message);
  }
  const { readUserList } = await import('./user-list-file.ts');
  return readUserList(users, useridColumn);
}
