// Ranged values: Active Directory truncates a long list, and the rest has to be requested.
import { SourceError } from '../../user-source.ts';
import type { DirectoryEntry, DirectorySearch } from '../directory.ts';
import { anyEntry } from './ldap-filter.ts';

const rangePattern = /^(.+);range=(\d+)-(\d+|\*)$/;

/** Returns whether a list of the entry is truncated. */
export function hasRanges({ attributes }: DirectoryEntry): boolean {
  for (const name of attributes.keys()) if (name.includes(';range=')) return true;
  return false;
}

/** Returns the entry with each truncated list left incomplete: `member;range=0-1499` becomes `member`. For samples only. */
export function cutRanges({ dn, attributes }: DirectoryEntry): DirectoryEntry {
  const cut = new Map(attributes);
  for (const [name, values] of attributes) {
    const [, attribute] = rangePattern.exec(name) ?? [];
    if (attribute === undefined) continue;
    cut.delete(name);
    cut.set(attribute, values);
  }
  return { dn, attributes: cut };
}

/**
 * Returns the entry with every truncated list completed: `memberof;range=0-1499` becomes `memberof`.
 *
 * @throws {SourceError} `bad-answer`: the ranges are not consecutive up to the last one.
 */
export async function completeRanges(
  entry: DirectoryEntry,
  search: (search: DirectorySearch) => Promise<readonly DirectoryEntry[]>,
): Promise<DirectoryEntry> {
  const attributes = new Map(entry.attributes);
  for (const name of entry.attributes.keys()) {
    const [, attribute] = rangePattern.exec(name) ?? [];
    if (attribute === undefined) continue;
    const values: Buffer[] = [];
    let part = entry;
    for (;;) {
      const { rangeValues, isLast } = takeRange(part, attribute, values.length);
      for (const value of rangeValues) values.push(value);
      if (isLast) break;
      const next = await search({
        purpose: `the rest of ${attribute}`,
        base: entry.dn,
        scope: 'base',
        filter: anyEntry,
        attributes: [`${attribute};range=${values.length}-*`],
      });
      const [only] = next;
      if (only === undefined || next.length !== 1) throw brokenRange(attribute);
      part = only;
    }
    attributes.delete(name);
    attributes.set(attribute, values);
  }
  return { dn: entry.dn, attributes };
}

function takeRange(
  { attributes }: DirectoryEntry,
  attribute: string,
  start: number,
): { rangeValues: readonly Buffer[]; isLast: boolean } {
  for (const [name, rangeValues] of attributes) {
    const [, of, from, to] = rangePattern.exec(name) ?? [];
    if (of !== attribute || Number(from) !== start) continue;
    if (to === '*') return { rangeValues, isLast: true };
    if (rangeValues.length > 0 && Number(to) - start + 1 === rangeValues.length) return { rangeValues, isLast: false };
  }
  throw brokenRange(attribute);
}

function brokenRange(attribute: string): SourceError {
  return new SourceError(
    'bad-answer',
    `The ranges of ${attribute} are not contiguous; the attribute may have changed during the search.`,
  );
}
