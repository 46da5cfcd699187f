// Settings of an IAM's user list: valid combinations of options, and the account for an LDAP directory.
import type { UserListSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import { isLoopbackHost } from '../../schemas/loopback.ts';
import { readReferencedFile, readSecret } from './referenced-texts.ts';
import { SyncError } from './sync-error.ts';

/** Account for binding to an LDAP directory, and the CA that verifies its certificate. Never stored or printed. */
export interface DirectoryAccount {
  /** Null: anonymous. */
  readonly bindDn: string | null;
  readonly password: string | null;
  /** PEM text; null: the CAs that Node trusts. */
  readonly ca: string | null;
}

/** Returns all errors in the settings of a user list, one sentence each. */
export function findUserListFaults(list: UserListSettings): string[] {
  const { file, url, ignoreColumns, bindDn, bindPasswordEnv, bindPasswordFile, caFile } = list;
  const faults: string[] = [];
  if ((file === undefined) === (url === undefined)) faults.push('userList requires either file or url.');
  if (url !== undefined && (!/^ldaps?:\/\/[^\s#@/]+\/[^#]+$/i.test(url) || !URL.canParse(url))) {
    faults.push(
      'userList.url must be ldaps://host/base?attribute?scope?filter, or ldap://, without a user name and without a #.',
    );
  }
  if (url !== undefined && (bindPasswordEnv ?? bindPasswordFile) !== undefined && !isPasswordSafe(url)) {
    faults.push(
      'userList.url must begin with ldaps://, because a password is sent only over TLS or to a loopback address.',
    );
  }
  if (url !== undefined && ignoreColumns.length > 0) faults.push('userList.ignoreColumns requires a file.');
  if (file !== undefined) {
    for (const [option, value] of Object.entries({ bindDn, bindPasswordEnv, bindPasswordFile, caFile })) {
      if (value !== undefined) faults.push(`userList.${option} requires a url.`);
    }
  } else if (bindDn !== undefined && (bindPasswordEnv === undefined) === (bindPasswordFile === undefined)) {
    faults.push('userList.bindDn requires either bindPasswordEnv or bindPasswordFile.');
  } else if (bindDn === undefined && (bindPasswordEnv ?? bindPasswordFile) !== undefined) {
    faults.push('userList.bindDn must be set, because the user list has a password.');
  }
  return faults;
}

/** Returns whether the account's password is protected in transit. */
function isPasswordSafe(url: string): boolean {
  return !/^ldap:/i.test(url) || !URL.canParse(url) || isLoopbackHost(new URL(url).hostname);
}

/** Reads the password and the CA to which the settings refer. @throws {SyncError} `settings`, with all errors at once. */
export function readDirectoryAccount(list: UserListSettings): DirectoryAccount {
  const { bindDn, bindPasswordEnv, bindPasswordFile, caFile } = list;
  const faults: string[] = [];
  const secret = { env: bindPasswordEnv, file: bindPasswordFile };
  const account = {
    bindDn: bindDn ?? null,
    password: bindDn === undefined ? null : readSecret(secret, 'userList.bindPasswordFile', faults),
    ca: caFile === undefined ? null : readReferencedFile(caFile, 'userList.caFile', faults),
  };
  if (faults.length > 0) throw new SyncError('settings', faults.join('\n'));
  return account;
}
