// Reader of a user list from an LDAP URL: reads the users through the LDAP adapter, and rejects an incomplete list.
import { createHash } from 'node:crypto';
import { isLoopbackHost } from '../../schemas/loopback.ts';
import { makeVisible } from '../../schemas/printable-text.ts';
import { Secret } from '../../schemas/secret.ts';
import { type DirectoryEntry, DirectoryRefusal, textsOf } from '../../server/adapters/ldap/directory.ts';
import { createLdapDirectory } from '../../server/adapters/ldap/ldap-directory.ts';
import type { LdapConnection } from '../../server/adapters/ldap/wire/ldap-connection.ts';
import { BindRefused } from '../../server/adapters/ldap/wire/ldap-errors.ts';
import { FilterSyntaxError, type LdapFilter, parseFilter } from '../../server/adapters/ldap/wire/ldap-filter.ts';
import { type ConnectionSettings, openConnection } from '../../server/adapters/ldap/wire/open-connection.ts';
import { SourceError } from '../../server/adapters/user-source.ts';
import type { ListedUser } from '../../simulator/sync/plan-user.ts';
import type { UserList } from '../../simulator/sync/sync-request.ts';
import type { DirectoryAccount } from '../../simulator/sync/user-list-settings.ts';
import { CommandFailure, exitCodes } from '../exit-codes.ts';

/** Parts of an LDAP URL (RFC 4516). */
interface LdapTarget {
  readonly server: string;
  readonly host: string;
  readonly isTls: boolean;
  readonly base: string;
  readonly attribute: string | null;
  readonly scope: 'base' | 'one' | 'sub';
  readonly filter: string;
}

const timeoutMs = 60_000;
const searchLimits = { pageSize: 1000, operationTimeoutMs: timeoutMs, referrals: 'error-beside-partitions' } as const;

/**
 * Reads all users below a base: `ldaps://host/base?attribute?scope?filter`. `attribute` contains the user name; cn and mail are read too. A list that
 * may be incomplete is rejected, because missing users would be disabled. Signs of an incomplete list are an error on any page and a referral to
 * another server. Referrals to the configuration and DNS partitions of Active Directory are ignored, because these contain no users.
 *
 * @throws {CommandFailure} with exit code 2 for errors in the options, 3 if the directory does not return the list. The text contains no user data.
 */
export async function readLdapUsers(url: string, useridColumn: string, account: DirectoryAccount): Promise<UserList> {
  const target = parseTarget(url);
  const attribute = target.attribute ?? useridColumn;
  const { bindDn, password, ca } = account;
  if (password !== null && !target.isTls && !isLoopbackHost(target.host)) {
    throw refusal(exitCodes.usage, 'a password is sent only to ldaps:// URLs or to a loopback address');
  }
  const settings: ConnectionSettings = {
    ...{ connectTimeoutMs: timeoutMs, operationTimeoutMs: timeoutMs, idleSeconds: 2 * (timeoutMs / 1000) },
    tls: { startTls: false, ca: [], minVersion: 'TLSv1.2' },
    bind:
      bindDn === null
        ? { method: 'anonymous' }
        : { method: 'simple', dn: bindDn, password: new Secret(password ?? '') },
    ...(ca !== null && { caText: ca }),
  };
  const { base, scope } = target;
  const search = { purpose: 'the users', base, scope, filter: readFilter(target.filter) } as const;
  const users: ListedUser[] = [];
  let connection: LdapConnection | null = null;
  try {
    const open = await openConnection(target.server, settings, new AbortController().signal);
    connection = open;
    const directory = createLdapDirectory({ takeOpen: () => open, open: async () => open }, searchLimits);
    const attributes = [attribute, 'cn', 'mail'];
    const entries = await directory.search({ ...search, attributes }, new AbortController().signal);
    for (const entry of entries) users.push(...toUsers(entry, attribute));
  } catch (error) {
    if (error instanceof IncompleteList) {
      throw refusal(exitCodes.unreachable, `${error.message}, so the list is incomplete`);
    }
    if (!(error instanceof SourceError)) throw error;
    throw refusal(exitCodes.unreachable, `the directory did not return the list ${describeCause(error)}`, error);
  } finally {
    connection?.close();
  }
  if (users.length === 0)
    throw refusal(exitCodes.unreachable, `the directory has no entry in the search base with ${attribute}`);
  users.sort((one, other) => (one.userid < other.userid ? -1 : 1));
  const hash = createHash('sha256')
    .update(JSON.stringify([attribute, users]))
    .digest('hex');
  return { name: `${target.server}/${target.base}`, hash, users };
}

class IncompleteList extends Error {}

function readFilter(text: string): LdapFilter {
  try {
    return parseFilter(text);
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    throw refusal(exitCodes.usage, `the filter of the URL is invalid (${error.message})`, error);
  }
}

/** Returns the code of a failure, or its text if it has none. */
function describeCause(error: SourceError): string {
  if (error instanceof BindRefused || error instanceof DirectoryRefusal) return `(${error.resultCode})`;
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  return code === undefined ? `(${error.message.replace(/\.$/, '')})` : `(${code})`;
}

function parseTarget(text: string): LdapTarget {
  if (!URL.canParse(text)) throw refusal(exitCodes.usage, 'this is not an LDAP URL');
  const url = new URL(text);
  if (url.username !== '' || url.hash !== '') {
    throw refusal(exitCodes.usage, 'the URL must not contain a user name or a #');
  }
  const [attribute = '', scope = '', filter = '', ...extensions] = url.search.slice(1).split('?');
  const base = decodeURIComponent(url.pathname.slice(1));
  if (base === '' || extensions.some((extension) => extension !== '')) {
    throw refusal(
      exitCodes.usage,
      'the URL must be ldaps://host/base?attribute?scope?filter, with a base and without extensions',
    );
  }
  const scopes = { '': 'sub', base: 'base', one: 'one', sub: 'sub' } as const;
  if (!(scope in scopes)) throw refusal(exitCodes.usage, 'the scope must be base, one or sub');
  return {
    server: `${url.protocol}//${url.host}`,
    host: url.hostname,
    isTls: url.protocol === 'ldaps:',
    base,
    attribute: attribute === '' ? null : decodeURIComponent(attribute),
    scope: scopes[scope as keyof typeof scopes],
    filter: filter === '' ? '(objectClass=*)' : decodeURIComponent(filter),
  };
}

/** Returns the user of an entry; entries without the attribute, e.g. containers or machines, are not users. */
function toUsers(entry: DirectoryEntry, attribute: string): ListedUser[] {
  const [userid, ...others] = textsOf(entry, attribute);
  if (userid === undefined) return [];
  if (others.length > 0) throw new IncompleteList(`an entry has several values of ${attribute}`);
  return [{ userid, name: textsOf(entry, 'cn')[0] ?? null, email: textsOf(entry, 'mail')[0] ?? null, access: null }];
}

function refusal(exitCode: number, what: string, cause?: unknown): CommandFailure {
  return new CommandFailure(exitCode, makeVisible(`${what}.`), { cause });
}
