// Checks at startup that a server supports what the configuration needs. A server responds to unknown names and rules
// with no result instead of an error.
import { type AdapterLog, type LookUpSignal, SourceError } from '../../user-source.ts';
import type { AttributeType, AttributeTypes } from '../attribute-names.ts';
import { type Directory, type DirectoryEntry, DirectoryRefusal, readEntry, textsOf } from '../directory.ts';
import type { DirectorySettings } from '../directory-settings.ts';
import { inChain } from '../ldif/match-filter.ts';
import type { LdapFilter } from './ldap-filter.ts';
import { pagedResultsOid } from './ldap-messages.ts';

const activeDirectoryOid = '1.2.840.113556.1.4.800';

/**
 * Queries the server at startup, before the first lookup.
 *
 * @returns the attribute types of the server; `null`: they cannot be read.
 * @throws {SourceError} `unavailable`, with the remedy, if a result could be incomplete.
 */
export async function probeServer(
  directory: Directory,
  settings: DirectorySettings,
  { pageSize, log, signal }: { readonly pageSize: number; readonly log: AdapterLog; readonly signal: LookUpSignal },
): Promise<AttributeTypes | null> {
  const { groups } = settings;
  await assertBases(directory, settings, signal);
  const root = await readRootEntry(directory, signal);
  const controls = root === null ? [] : textsOf(root, 'supportedControl');
  if (pageSize > 0 && controls.length > 0 && !controls.includes(pagedResultsOid)) {
    throw refuse('The server does not support paging. Set source.pageSize to 0.');
  }
  if (groups.strategy === 'tokenGroups' && !isActiveDirectory(root)) {
    throw refuse(
      'This server is not Active Directory and has no tokenGroups. Set groups.strategy to another strategy.',
    );
  }
  if (groups.strategy === 'inChain' && !(await knowsInChain(directory, settings, signal))) {
    throw refuse('The server does not support inChain and would find no groups. Set groups.strategy to recursive.');
  }
  const schema = await readAttributeTypes(directory, root, signal);
  if (schema === null) log.warn({}, "ldap: the server's schema cannot be read, so attribute names are not checked");
  else assertAttributes(settings, schema);
  return schema;
}

function refuse(message: string): SourceError {
  return new SourceError('unavailable', message);
}

/** Reads the root DSE of the server (RFC 4512, 5.1); only Active Directory has `currentTime`. Returns `null` if it cannot be read. */
export function readRootEntry(directory: Directory, signal: LookUpSignal): Promise<DirectoryEntry | null> {
  const attributes = ['supportedControl', 'supportedCapabilities', 'subschemaSubentry', 'currentTime'];
  return readEntry(directory, { purpose: 'the server itself', base: '', attributes }, signal);
}

/** Returns whether the server supports tokenGroups. */
export function isActiveDirectory(root: DirectoryEntry | null): boolean {
  return root !== null && textsOf(root, 'supportedCapabilities').includes(activeDirectoryOid);
}

/**
 * Verifies that the bind account can see the bases of users and groups.
 *
 * @throws {SourceError} `unavailable`: a base is not visible; also the errors of `Directory.search`.
 */
export async function assertBases(
  directory: Directory,
  { user, groups }: DirectorySettings,
  signal: LookUpSignal,
): Promise<void> {
  for (const [option, base] of [['user.base', user.base] as const, ['groups.base', groups.base] as const]) {
    if (base !== '' && (await readEntry(directory, { purpose: `source.${option}`, base }, signal)) === null) {
      throw refuse(`source.${option} is not visible to this account; every search below it could return no entries.`);
    }
  }
}

/** Returns whether the server supports the rule: if so, "not a member in chain" is true for the base, otherwise neither true nor false. */
export async function knowsInChain(
  directory: Directory,
  { user, groups }: DirectorySettings,
  signal: LookUpSignal,
): Promise<boolean> {
  const { memberAttribute: attribute } = groups;
  const base = groups.base === '' ? user.base : groups.base;
  const value = Buffer.from(base);
  const filter: LdapFilter = {
    kind: 'not',
    filter: { kind: 'extensible', rule: inChain, attribute, dnAttributes: false, value },
  };
  try {
    return (await readEntry(directory, { purpose: 'the strategy', base, filter }, signal)) !== null;
  } catch (error) {
    // With a rule that it does not support, OpenLDAP finds nothing; 389 Directory Server refuses the search.
    if (error instanceof DirectoryRefusal && error.kind === 'bad-answer') return false;
    throw error;
  }
}

/** Returns the attribute types of the server's schema; `null`: it cannot be read. */
export async function readAttributeTypes(
  directory: Directory,
  root: DirectoryEntry | null,
  signal: LookUpSignal,
): Promise<AttributeTypes | null> {
  const [base] = root === null ? [] : textsOf(root, 'subschemaSubentry');
  if (base === undefined) return null;
  const toRead = { purpose: 'the schema', base, attributes: ['attributeTypes'] };
  const entry = await readEntry(directory, toRead, signal).catch((error: unknown) => {
    if (error instanceof SourceError && error.kind === 'bad-answer') return null;
    throw error;
  });
  const types = entry === null ? [] : textsOf(entry, 'attributeTypes');
  if (types.length === 0) return null;
  const known = new Map<string, AttributeType>();
  for (const type of types) {
    // One name in quotes, or several in parentheses, of which the first is in use (RFC 4512, 4.1).
    const [, list = ''] = /\sNAME\s+(\([^)]*\)|'[^']*')/.exec(type) ?? [];
    const all = [...list.matchAll(/'([^']+)'/g)].map(([, name = '']) => name);
    const supertype = /\sSUP\s+([^\s)]+)/.exec(type)?.[1] ?? null;
    const oid = /^\(?\s*([\d.]+)/.exec(type)?.[1];
    for (const name of [...all, ...(oid === undefined ? [] : [oid])]) {
      known.set(name.toLowerCase(), { name: all[0] ?? name, supertype });
    }
  }
  return known;
}

/** Validates attribute names: a server returns no value for a misspelled attribute, or under an alternative name of an attribute. */
function assertAttributes(settings: DirectorySettings, schema: AttributeTypes): void {
  for (const [option, attribute] of namedAttributes(settings)) {
    const [name = ''] = attribute.toLowerCase().split(';');
    if (name === 'dn' || name === 'sid') continue;
    const known = schema.get(name)?.name;
    if (known === undefined) {
      throw refuse(
        `source.${option}: the server's schema has no attribute ${attribute}, so lookups would find no value.`,
      );
    }
    if (known.toLowerCase() !== name) {
      throw refuse(`source.${option}: the server returns ${attribute} under the name ${known}. Use that name.`);
    }
  }
}

function namedAttributes({
  user,
  groups,
  authorizations,
}: DirectorySettings): ReadonlyArray<readonly [option: string, attribute: string]> {
  const { strategy, name, memberAttribute, memberValue } = groups;
  return [
    ...user.useridAttributes.map((attribute) => ['user.attributes', attribute] as const),
    ...user.enabledAttributes.map((attribute) => ['user.enabledFilter', attribute] as const),
    ...authorizations.flatMap(({ attribute = 'dn' }) => [['authorizations', attribute] as const]),
    ...(strategy === 'memberOf' ? [['groups.strategy', 'memberOf'] as const] : []),
    ...(strategy === 'none' ? [] : [['groups.name', name] as const]),
    ...(['search', 'recursive', 'inChain'].includes(strategy)
      ? [['groups.memberAttribute', memberAttribute] as const, ['groups.memberValue', memberValue] as const]
      : []),
  ];
}
