// Owns a list of users that is a file: the identity provider's users, from CSV or LDIF.
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { LdifError, parseLdif } from '../server/adapters/ldap/ldif/ldif-text.ts';
import { valueKey } from '../simulator/sync/access.ts';
import type { ListedUser } from '../simulator/sync/plan-user.ts';
import type { UserList } from '../simulator/sync/sync-request.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';

interface Draft {
  readonly userid: string;
  name: string | null;
  email: string | null;
  readonly access: { readonly groups: Set<string>; readonly values: Set<string> } | null;
}

/** Columns that say what the identity provider itself gives. */
const accessColumns = ['group', 'attribute', 'value'] as const;

/**
 * Reads a file by the ending of its name: `.ldif`, else CSV. `useridColumn` is the column, or the attribute of an entry, with the
 * user name. CSV may have the columns name, email, group, attribute and value too, a row a group or a value. Of LDIF cn and mail
 * are read, and entries without the attribute passed over. A list of nobody is refused.
 *
 * @throws {CommandFailure} 2; the words name lines, never what stands there.
 */
export function readUserList(file: string, useridColumn: string): UserList {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw refusal(file, `can not be read (${(error as NodeJS.ErrnoException).code})`);
  }
  // Names that come out otherwise would be other users, and those who are there be gone.
  if (!isUtf8(bytes)) throw refusal(file, 'is no UTF-8: save it in that encoding');
  const isLdif = file.toLowerCase().endsWith('.ldif');
  const users = isLdif ? readLdif(bytes, file, useridColumn) : readCsv(bytes, file, useridColumn);
  // A file that was cut, or the wrong attribute, and never an identity provider: by such a list everybody is gone.
  if (users.length === 0) {
    throw refusal(
      file,
      isLdif ? `has no entry with the attribute ${useridColumn}` : 'names no user: it has no row below its head',
    );
  }
  const hash = createHash('sha256').update(`${useridColumn}\n`).update(bytes).digest('hex');
  return { name: basename(file), hash, users };
}

function refusal(place: string, what: string): CommandFailure {
  return new CommandFailure(exitCodes.usage, `${place} ${what}.`);
}

function readLdif(bytes: Buffer, file: string, attribute: string): ListedUser[] {
  try {
    return parseLdif(bytes).flatMap(({ attributes }) => {
      const first = (name: string) => attributes.get(name.toLowerCase())?.[0]?.toString('utf8') ?? null;
      const [userid, ...others] = attributes.get(attribute.toLowerCase()) ?? [];
      if (userid === undefined) return [];
      if (others.length > 0) throw refusal(file, `has an entry with several values of ${attribute}`);
      if (!isUtf8(userid)) throw refusal(file, `has an entry whose ${attribute} is no text`);
      return [{ userid: userid.toString('utf8'), name: first('cn'), email: first('mail'), access: null }];
    });
  } catch (error) {
    if (error instanceof LdifError) throw refusal(file, `is refused: ${error.message}`);
    throw error;
  }
}

function readCsv(bytes: Buffer, file: string, useridColumn: string): ListedUser[] {
  const users = new Map<string, Draft>();
  let hasAccess = false;

  function takeColumns(columns: string[]): string[] {
    if (!columns.includes(useridColumn)) {
      throw refusal(file, `has no column ${useridColumn}; name the one with the user name`);
    }
    hasAccess = accessColumns.some((name) => columns.includes(name));
    return columns;
  }

  function takeRow(row: Readonly<Record<string, string>>, line: number): void {
    const { [useridColumn]: userid = '', name = '', email = '', group = '', attribute = '', value = '' } = row;
    const place = `${file}:${line}`;
    if (userid === '') throw refusal(place, `has nothing in the column ${useridColumn}`);
    if ((attribute === '') !== (value === '')) {
      throw refusal(place, 'has an attribute without a value, or a value without one; they belong together');
    }
    const known = users.get(userid);
    if (known && !hasAccess) throw refusal(place, 'has a user who stands above already');
    const access = hasAccess ? { groups: new Set<string>(), values: new Set<string>() } : null;
    const user = known ?? { userid, name: null, email: null, access };
    if (!known) users.set(userid, user);
    if (name !== '') user.name = name;
    if (email !== '') user.email = email;
    if (group !== '') user.access?.groups.add(group);
    if (attribute !== '') user.access?.values.add(valueKey(attribute, value));
  }

  readRows(bytes, file, takeColumns, takeRow);
  return [...users.values()];
}

/** Hands over row by row: all rows together take several times the memory of the users that are made of them. */
function readRows(
  bytes: Buffer,
  file: string,
  takeColumns: (names: string[]) => string[],
  takeRow: (row: Readonly<Record<string, string>>, line: number) => void,
): void {
  let hasColumns = false;
  try {
    parse(bytes, {
      bom: true,
      columns: (names: string[]) => {
        hasColumns = true;
        return takeColumns(names);
      },
      onRecord: (row: Readonly<Record<string, string>>, { lines }) => {
        takeRow(row, lines);
        // It is not kept.
        return null;
      },
    });
  } catch (error) {
    // The library's own messages quote the text, which is users' data.
    if (error instanceof CsvError) throw refusal(`${file}:${error.lines}`, `is no CSV (${error.code})`);
    throw error;
  }
  if (!hasColumns) takeColumns([]);
}
