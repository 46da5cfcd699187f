// Reader of a user list in a file: the identity provider's users, from CSV or LDIF.
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { findClosestWord, suggest } from '../../schemas/closest-word.ts';
import { makeVisibleLine } from '../../schemas/printable-text.ts';
import { LdifError, parseLdif } from '../../server/adapters/ldap/ldif/ldif-text.ts';
import { valueKey } from '../../simulator/sync/access.ts';
import type { ListedUser } from '../../simulator/sync/plan-user.ts';
import type { UserList } from '../../simulator/sync/sync-request.ts';
import { type CommandFailure, invalidUsage } from '../exit-codes.ts';

interface Draft {
  readonly userid: string;
  name: string | null;
  email: string | null;
  readonly access: { readonly groups: Set<string>; readonly values: Set<string> } | null;
}

/** Columns other than the user name. */
const otherColumns = ['name', 'email', 'group', 'attribute', 'value'] as const;

export interface UserListOptions {
  /** The column, or the attribute of an LDIF entry, with the user name. */
  readonly useridColumn: string;
  /** CSV columns that are ignored. */
  readonly ignoreColumns: readonly string[];
}

/**
 * Reads a file according to its extension: `.ldif` as LDIF, anything else as CSV. CSV may have the columns name, email, group, attribute and value in
 * addition to the user name, with one row per group or value. Any other column is an error unless it is ignored. In LDIF, cn and mail are read, and
 * entries without the attribute are skipped. A list without users is an error.
 *
 * @throws {CommandFailure} with exit code 2; the message names lines and columns, never values.
 */
export function readUserList(file: string, { useridColumn, ignoreColumns }: UserListOptions): UserList {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw refusal(file, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  // Incorrectly decoded names would be treated as different users, and the existing users would be disabled.
  if (!isUtf8(bytes)) throw refusal(file, 'is not UTF-8. Save it as UTF-8');
  const isLdif = file.toLowerCase().endsWith('.ldif');
  const read = isLdif
    ? { users: readLdif(bytes, file, useridColumn) }
    : readCsv(bytes, file, { useridColumn, ignoreColumns });
  // A truncated file or a wrong attribute results in an empty list, which would disable all users.
  if (read.users.length === 0) {
    throw refusal(
      file,
      isLdif ? `has no entry with the attribute ${useridColumn}` : 'contains no user: there is no row below the header',
    );
  }
  const hash = createHash('sha256').update(`${useridColumn}\n`).update(bytes).digest('hex');
  return { name: basename(file), hash, ...read };
}

function refusal(place: string, what: string): CommandFailure {
  return invalidUsage(`${place} ${what}.`);
}

function readLdif(bytes: Buffer, file: string, attribute: string): ListedUser[] {
  try {
    return parseLdif(bytes).flatMap(({ attributes }) => {
      const first = (name: string) => attributes.get(name.toLowerCase())?.[0]?.toString('utf8') ?? null;
      const [userid, ...others] = attributes.get(attribute.toLowerCase()) ?? [];
      if (userid === undefined) return [];
      if (others.length > 0) throw refusal(file, `has an entry with several values of ${attribute}`);
      if (!isUtf8(userid)) throw refusal(file, `has an entry whose ${attribute} is not text`);
      return [{ userid: userid.toString('utf8'), name: first('cn'), email: first('mail'), access: null }];
    });
  } catch (error) {
    if (error instanceof LdifError) throw refusal(file, `is not valid LDIF: ${error.message}`);
    throw error;
  }
}

function readCsv(bytes: Buffer, file: string, options: UserListOptions): Pick<UserList, 'users' | 'gives'> {
  const { useridColumn } = options;
  const users = new Map<string, Draft>();
  const gives = { groups: false, values: false };

  function takeColumns(columns: string[]): string[] {
    const faults = findColumnFaults(columns, options);
    if (faults.length > 0) {
      throw invalidUsage(faults.map((fault) => `${file}:1: ${fault}`).join('\n'));
    }
    gives.groups = columns.includes('group');
    gives.values = columns.includes('attribute');
    return columns;
  }

  function takeRow(row: Readonly<Record<string, string>>, line: number): void {
    const { [useridColumn]: userid = '', name = '', email = '', group = '', attribute = '', value = '' } = row;
    const place = `${file}:${line}`;
    if (userid === '') throw refusal(place, `has no value in the column ${useridColumn}`);
    if ((attribute === '') !== (value === '')) {
      throw refusal(
        place,
        'has an attribute without a value, or a value without an attribute. Fill in both columns, or leave both empty',
      );
    }
    const known = users.get(userid);
    const hasAccess = gives.groups || gives.values;
    if (known && !hasAccess) throw refusal(place, 'repeats a user from an earlier line');
    const access = hasAccess ? { groups: new Set<string>(), values: new Set<string>() } : null;
    const user = known ?? { userid, name: null, email: null, access };
    if (!known) users.set(userid, user);
    if (name !== '') user.name = name;
    if (email !== '') user.email = email;
    if (group !== '') user.access?.groups.add(group);
    if (attribute !== '') user.access?.values.add(valueKey(attribute, value));
  }

  readRows(bytes, file, takeColumns, takeRow);
  return { users: [...users.values()], gives };
}

/** Returns all errors in a header, each with its fix. */
function findColumnFaults(columns: readonly string[], { useridColumn, ignoreColumns }: UserListOptions): string[] {
  const known = [...new Set<string>([useridColumn, ...otherColumns])];
  const [only = ''] = columns;
  const separator = /[;\t|]/.exec(only)?.[0];
  if (columns.length === 1 && separator !== undefined && only !== useridColumn) {
    const name = { ';': 'semicolons', '\t': 'tabs', '|': 'vertical bars' }[separator];
    return [`the columns are separated by ${name}. Separate them with commas.`];
  }
  if (!columns.includes(useridColumn)) {
    // Without that column, the line may not be a header, so the error quotes only a name that resembles the column.
    const similar = findClosestWord(useridColumn, columns.map(makeVisibleLine));
    return [
      `there is no column ${useridColumn}${suggest(similar) || '.'} ` +
        'The first line must be the header. Use --userid-column to name the column with the user name.',
    ];
  }
  const unknown = columns.filter((column) => !known.includes(column) && !ignoreColumns.includes(column));
  const repeated = columns.filter((column, at) => known.includes(column) && columns.indexOf(column) !== at);
  const halves = [
    ['attribute', 'value'],
    ['value', 'attribute'],
  ] as const;
  return [
    ...unknown.map((column) => {
      const name = makeVisibleLine(column);
      return `unknown column "${name}"${suggest(findClosestWord(column, known)) || '.'} Known columns: ${known.join(', ')}. Rename the column, or ignore it with --ignore-columns.`;
    }),
    ...repeated.map((column) => `the column ${column} occurs twice. Remove one.`),
    ...halves
      .filter(([one, other]) => columns.includes(one) && !columns.includes(other))
      .map(([one, other]) => `there is a column ${one}, but no column ${other}. Add ${other}, or remove ${one}.`),
  ];
}

/** Passes the rows one by one: all rows together take several times the memory of the resulting users. */
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
        // Returning null prevents the parser from keeping the row.
        return null;
      },
    });
  } catch (error) {
    // The library's own messages quote the text, which is user data.
    if (error instanceof CsvError) throw refusal(`${file}:${error.lines}`, `is not valid CSV (${error.code})`);
    throw error;
  }
  if (!hasColumns) takeColumns([]);
}
