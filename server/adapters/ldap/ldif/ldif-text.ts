// Parser of LDIF (RFC 2849) from exports and `ldapsearch`: entries, or the first error with its line.
import type { DirectoryEntry } from '../directory.ts';
import { parseDn } from '../wire/distinguished-name.ts';

/** The file cannot be used. The message contains line numbers and rules, never the content of a line. */
export class LdifError extends Error {
  override readonly name = 'LdifError';
}

interface LdifLine {
  readonly number: number;
  readonly name: string;
  readonly value: Buffer;
}

const linePattern = /^([A-Za-z0-9][A-Za-z0-9.;=-]*):(:|<)? *(.*)$/s;
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads all entries.
 *
 * Rejects an incomplete file: one that ends within a line, contains `ldapsearch` output that ends with an error, or contains values in ranges.
 *
 * @throws {LdifError}
 */
export function parseLdif(bytes: Buffer): DirectoryEntry[] {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new LdifError('the file is not UTF-8');
  }
  // RFC 2849: every line, including the last one, has an end.
  if (text !== '' && !text.endsWith('\n')) {
    throw new LdifError(
      'the file ends within a line, so it may be truncated. Write the complete file, with a line break at its end',
    );
  }
  const entries: DirectoryEntry[] = [];
  const seen = new Set<string>();
  for (const [index, lines] of splitRecords(text).entries()) {
    const rest = index === 0 && lines[0]?.name === 'version' ? takeVersion(lines) : lines;
    const [first] = rest;
    if (first === undefined || isSearchResult(rest)) continue;
    const entry = toEntry(rest);
    const key = entry.dn.toLowerCase();
    if (seen.has(key)) throw fault(first.number, 'an entry with this name already exists above');
    seen.add(key);
    entries.push(entry);
  }
  if (entries.length === 0) throw new LdifError('the file has no entries');
  return entries;
}

function fault(line: number, rule: string): LdifError {
  return new LdifError(`line ${line}: ${rule}`);
}

function takeVersion(lines: readonly LdifLine[]): readonly LdifLine[] {
  const [version, ...rest] = lines;
  if (version?.value.toString() !== '1') throw fault(version?.number ?? 1, 'only LDIF version 1 is supported');
  return rest;
}

/** Records are separated by empty lines; a line that begins with a space continues the previous one. */
function splitRecords(text: string): LdifLine[][] {
  const records: LdifLine[][] = [[]];
  let open: { number: number; text: string } | null = null;
  const flush = () => {
    // A comment can also be folded, so it is recognized only when it is complete.
    if (open !== null && !open.text.startsWith('#')) records.at(-1)?.push(readLine(open.number, open.text));
    open = null;
  };
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    const line = raw.replace(/\r$/, '');
    if (line.startsWith(' ')) {
      if (open === null)
        throw fault(index + 1, 'a continuation line (it begins with a space) without a line before it');
      open = { number: (open as { number: number }).number, text: (open as { text: string }).text + line.slice(1) };
      continue;
    }
    flush();
    if (line === '') records.push([]);
    else open = { number: index + 1, text: line };
  }
  flush();
  return records.filter((record) => record.length > 0);
}

function readLine(number: number, text: string): LdifLine {
  const [, name, sign, value] = linePattern.exec(text) ?? [];
  if (name === undefined || value === undefined) throw fault(number, 'this line does not have the form `name: value`');
  if (sign === '<') throw fault(number, 'a value from a URL (`:<`) is not supported. Write it in base64 (`::`)');
  if (sign === undefined) return { number, name, value: Buffer.from(value) };
  const packed = value.trim();
  if (!base64Pattern.test(packed)) throw fault(number, 'the value after `::` is not base64');
  return { number, name, value: Buffer.from(packed, 'base64') };
}

/** Returns whether the lines are those that `ldapsearch` appends, which show whether the search was complete, or referrals to other servers. */
function isSearchResult(lines: readonly LdifLine[]): boolean {
  const [first] = lines;
  if (first?.name === 'ref') return true;
  if (first?.name !== 'search') return false;
  const result = lines.find(({ name }) => name === 'result');
  if (result && !/^0\b/.test(result.value.toString())) {
    throw fault(result.number, 'the search that produced this file failed, so the file is incomplete');
  }
  return true;
}

function toEntry(lines: readonly LdifLine[]): DirectoryEntry {
  const [first, ...rest] = lines;
  if (first?.name.toLowerCase() !== 'dn') throw fault(first?.number ?? 1, 'an entry must begin with `dn:`');
  const dn = first.value.toString('utf8');
  if (parseDn(dn) === null) throw fault(first.number, 'this is not a distinguished name');
  const attributes = new Map<string, Buffer[]>();
  for (const { number, name, value } of rest) {
    const key = name.toLowerCase();
    if (key === 'changetype' || key === 'control') {
      throw fault(number, `this is a change (\`${key}\`), not an entry; export the entries themselves`);
    }
    if (key.includes(';range=')) {
      throw fault(number, 'the values are in ranges, so they are incomplete. Export with a tool that reads all ranges');
    }
    const values = attributes.get(key);
    if (values) values.push(value);
    else attributes.set(key, [value]);
  }
  return { dn, attributes };
}
