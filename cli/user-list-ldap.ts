// Owns a list of users that is an LDAP URL: the directory's own list, page by page, whole or not at all.
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { Client, type Entry } from 'ldapts';
import { makeVisible } from '../schemas/printable-text.ts';
import type { ListedUser } from '../simulator/sync/plan-user.ts';
import type { UserList } from '../simulator/sync/sync-request.ts';
import type { DirectoryAccount } from '../simulator/sync/user-list-settings.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';

/** Of an URL of RFC 4516. */
interface LdapTarget {
  readonly server: string;
  readonly host: string;
  readonly isTls: boolean;
  readonly base: string;
  readonly attribute: string | null;
  readonly scope: 'base' | 'one' | 'sub';
  readonly filter: string;
}

const pageSize = 1000;
const timeoutMs = 60_000;

/**
 * Reads all users below a base: `ldaps://host/base?attribute?scope?filter`. The attribute has the user name; cn and mail are read
 * too. A list that may not be whole is refused: whoever is not in it would be disabled.
 *
 * @throws {CommandFailure} 2 for what is wrong here, 3 when the directory does not give the list. No user's data in the words.
 */
export async function readLdapUsers(url: string, useridColumn: string, account: DirectoryAccount): Promise<UserList> {
  const target = parseTarget(url);
  const attribute = target.attribute ?? useridColumn;
  const { bindDn, password, ca } = account;
  if (password !== null && !target.isTls && !isLoopback(target.host)) {
    throw refusal(exitCodes.usage, 'a password is sent to ldaps:// only, or to a loopback address');
  }
  const client = new Client({
    url: target.server,
    timeout: timeoutMs,
    connectTimeout: timeoutMs,
    ...(target.isTls && { tlsOptions: { ...(ca !== null && { ca }) } }),
  });
  const users: ListedUser[] = [];
  try {
    if (bindDn !== null) await client.bind(bindDn, password ?? '');
    const { scope, filter } = target;
    const options = { scope, filter, attributes: [attribute, 'cn', 'mail'], paged: { pageSize } };
    for await (const { searchEntries, searchReferences } of client.searchPaginated(target.base, options)) {
      if (searchReferences.length > 0) throw new IncompleteList('a part of the tree is on another server');
      for (const entry of searchEntries) users.push(...toUsers(entry, attribute));
    }
  } catch (error) {
    if (error instanceof IncompleteList)
      throw refusal(exitCodes.unreachable, `${error.message}, so the list is not whole`);
    const { code, name } = error as NodeJS.ErrnoException;
    throw refusal(exitCodes.unreachable, `the directory did not give the list (${code ?? name})`, error);
  } finally {
    await client.unbind().catch(() => undefined);
  }
  if (users.length === 0) throw refusal(exitCodes.unreachable, `the directory has no entry there with ${attribute}`);
  users.sort((one, other) => (one.userid < other.userid ? -1 : 1));
  const hash = createHash('sha256')
    .update(JSON.stringify([attribute, users]))
    .digest('hex');
  return { name: `${target.server}/${target.base}`, hash, users };
}

class IncompleteList extends Error {}

function parseTarget(text: string): LdapTarget {
  if (!URL.canParse(text)) throw refusal(exitCodes.usage, 'this is no LDAP URL');
  const url = new URL(text);
  if (url.username !== '' || url.hash !== '') {
    throw refusal(exitCodes.usage, 'the URL has no place for a user name or a #');
  }
  const [attribute = '', scope = '', filter = '', ...extensions] = url.search.slice(1).split('?');
  const base = decodeURIComponent(url.pathname.slice(1));
  if (base === '' || extensions.some((extension) => extension !== '')) {
    throw refusal(
      exitCodes.usage,
      'the URL is ldaps://host/base?attribute?scope?filter, with a base and without extensions',
    );
  }
  const scopes = { '': 'sub', base: 'base', one: 'one', sub: 'sub' } as const;
  if (!(scope in scopes)) throw refusal(exitCodes.usage, 'the scope is base, one or sub');
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

/** Entries without the attribute are no users: folders, machines. */
function toUsers(entry: Entry, attribute: string): ListedUser[] {
  const valuesOf = (name: string) => {
    const key = Object.keys(entry).find((known) => known.toLowerCase() === name.toLowerCase());
    const value = key === undefined ? [] : entry[key];
    return [value ?? []].flat().map(String);
  };
  const [userid, ...others] = valuesOf(attribute);
  if (userid === undefined) return [];
  if (others.length > 0) throw new IncompleteList(`an entry has several values of ${attribute}`);
  return [{ userid, name: valuesOf('cn')[0] ?? null, email: valuesOf('mail')[0] ?? null, access: null }];
}

function isLoopback(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, '');
  return host === 'localhost' || address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}

function refusal(exitCode: number, what: string, cause?: unknown): CommandFailure {
  return new CommandFailure(exitCode, makeVisible(`${what}.`), { cause });
}
