// Reader of a lookup's rows: exactly one user with groups and values, and the origin of each. Every ambiguity is a bad answer.
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import { readDisabled } from '../disabled-words.ts';
import { SourceError, type UserOrigins } from '../user-source.ts';
import type { SqlColumn, SqlResult } from './sql-driver.ts';

export interface RowRules {
  readonly useridColumn: string;
  readonly disabledColumn?: string;
  readonly attributeLayout: 'rows' | 'columns';
  readonly caseInsensitive: boolean;
}

/** A result and the option of its query, for messages. */
export interface NamedResult extends SqlResult {
  readonly option: string;
}

/** The results of one lookup; `null`: there is no such query. */
export interface UserResults {
  readonly user: NamedResult;
  readonly groups: NamedResult | null;
  readonly attributes: NamedResult | null;
}

/** A group (`attribute` is null) or a value, with its origin. */
interface Item {
  readonly attribute: string | null;
  readonly text: string;
  readonly result: NamedResult;
  /** Counted from 0. */
  readonly row: number;
  readonly column: number;
}

/** `other-spelling`: the database found a row whose userid differs in letter case, accents, width or blanks, so it belongs to another user. */
export type FoundUser = 'none' | 'other-spelling' | 'disabled' | readonly Item[];

/** How PostgreSQL writes a boolean as text. */
const postgresBooleans: ReadonlyMap<string, boolean> = new Map([
  ['t', true],
  ['f', false],
]);

/**
 * Reads the rows of one lookup.
 *
 * @throws {SourceError} 'bad-answer': two rows of one user, a missing or additional column, NULL, an empty or damaged text, a type without one exact
 * text, rows of another user. The message contains the query and the column, never a value.
 */
export function readUser(results: UserResults, userid: string, rules: RowRules): FoundUser {
  const { user, groups, attributes } = results;
  assertUserColumns(user, rules);
  const readGroups = groups && groupReader(groups, rules);
  const readAttributes = attributes && attributeReader(attributes, rules);

  const [row, second] = user.rows;
  if (row === undefined) return 'none';
  if (second !== undefined) {
    throw bad(user, 'returned more than one row. A userid must match exactly one row: compare it with a unique column');
  }
  const found = textAt(user, row, columnAt(user, rules.useridColumn));
  if (!isSame(found, userid, rules)) {
    if (isSameToSomeDatabase(found, userid)) return 'other-spelling';
    throw bad(
      user,
      `returned a row whose ${rules.useridColumn} is not the requested userid. Its WHERE clause compares a different column, or does not test for equality. Compare the column ${rules.useridColumn} with "= :userid"`,
    );
  }
  if (rules.disabledColumn !== undefined && isDisabled(user, row, rules.disabledColumn)) return 'disabled';
  return [...(readGroups?.(userid) ?? []), ...(readAttributes?.(userid) ?? [])];
}

/** Returns the user info; duplicate groups and values are returned once. */
export function userInfoOf(items: readonly Item[]): UserInfo {
  const groups = new Set<string>();
  const authorizations = new Map<string, Set<string>>();
  for (const { attribute, text } of items) {
    if (attribute === null) groups.add(text);
    else {
      const values = authorizations.get(attribute);
      if (values) values.add(text);
      else authorizations.set(attribute, new Set([text]));
    }
  }
  return {
    groups: [...groups].map((name) => ({ name })),
    // fromEntries defines keys, so that an attribute named `__proto__` remains an attribute.
    authorizations: Object.fromEntries([...authorizations].map(([name, values]) => [name, [...values]])),
  };
}

/** Returns the origins; if a group or value occurs more than once, returns the origin of its first occurrence. */
export function originsOf(items: readonly Item[]): Pick<UserOrigins, 'groups' | 'authorizations'> {
  const seen = new Set<string>();
  const groups: Array<UserOrigins['groups'][number]> = [];
  const authorizations: Array<UserOrigins['authorizations'][number]> = [];
  for (const { attribute, text, result, row, column } of items) {
    const key = JSON.stringify([attribute, text]);
    if (seen.has(key)) continue;
    seen.add(key);
    const origin = `${result.option}, row ${row + 1}, column ${result.columns[column]?.name}`;
    if (attribute === null) groups.push({ name: text, origin });
    else authorizations.push({ name: attribute, value: text, origin });
  }
  return { groups, authorizations };
}

type ReadItems = (userid: string) => Item[];

function groupReader(result: NamedResult, rules: RowRules): ReadItems {
  const { owner, others } = splitColumns(result, rules);
  const [place] = others;
  if (place === undefined || others.length > 1) {
    throw bad(result, `must return one column, the group's name${besideOwner(rules)}; it returns ${others.length}`);
  }
  return (userid) =>
    result.rows.map((row, index) => {
      assertOwner(result, row, owner, userid, rules);
      return { attribute: null, text: textAt(result, row, place), result, row: index, column: place };
    });
}

function attributeReader(result: NamedResult, rules: RowRules): ReadItems {
  const { owner, others } = splitColumns(result, rules);
  if (rules.attributeLayout === 'columns') {
    const names = others.map((place) => result.columns[place]?.name ?? '');
    if (names.includes('') || new Set(names).size !== names.length || names.length === 0) {
      throw bad(result, 'must return each attribute in a column with its own name (attributeLayout is columns)');
    }
    return (userid) =>
      result.rows.flatMap((row, index) => {
        assertOwner(result, row, owner, userid, rules);
        // A user without a value in a column does not have the attribute.
        return others
          .filter((place) => row[place] !== null)
          .map((place) => ({
            attribute: result.columns[place]?.name ?? '',
            text: textAt(result, row, place),
            result,
            row: index,
            column: place,
          }));
      });
  }
  const [name, value] = others;
  if (name === undefined || value === undefined || others.length > 2) {
    const wanted = `two columns, the attribute's name and its value${besideOwner(rules)}`;
    throw bad(result, `must return ${wanted}; it returns ${others.length} (attributeLayout is rows)`);
  }
  return (userid) =>
    result.rows.map((row, index) => {
      assertOwner(result, row, owner, userid, rules);
      const attribute = textAt(result, row, name);
      return { attribute, text: textAt(result, row, value), result, row: index, column: value };
    });
}

function besideOwner({ useridColumn }: RowRules): string {
  return ` (and optionally ${useridColumn})`;
}

/** Splits and validates columns: the column with the configured name identifies the user to whom a row belongs; the other columns are the result. */
function splitColumns(result: NamedResult, { useridColumn }: RowRules): { owner: number | null; others: number[] } {
  const places = [...result.columns.keys()];
  const owners = places.filter((place) => result.columns[place]?.name === useridColumn);
  if (owners.length > 1) throw bad(result, `returns the column ${useridColumn} more than once`);
  for (const column of result.columns) assertUsable(result, column);
  return { owner: owners[0] ?? null, others: places.filter((place) => place !== owners[0]) };
}

/** Detects rows of another user that a loose collation of a membership table returned. */
function assertOwner(
  result: NamedResult,
  row: readonly (string | null)[],
  owner: number | null,
  userid: string,
  rules: RowRules,
): void {
  if (owner === null || isSame(textAt(result, row, owner), userid, rules)) return;
  throw bad(
    result,
    `returned a row with a different userid in ${rules.useridColumn}; compare userids exactly, and check the collation of the column`,
  );
}

function assertUserColumns(user: NamedResult, { useridColumn, disabledColumn }: RowRules): void {
  for (const name of [useridColumn, ...(disabledColumn === undefined ? [] : [disabledColumn])]) {
    const column = user.columns[columnAt(user, name)];
    if (column) assertUsable(user, column);
  }
}

function columnAt(result: NamedResult, name: string): number {
  const places = [...result.columns.keys()].filter((place) => result.columns[place]?.name === name);
  const [place] = places;
  if (place !== undefined && places.length === 1) return place;
  const returned = result.columns.map((column) => column.name).join(', ');
  throw bad(result, `must return the column ${name} once; it returns ${returned || 'no columns'}`);
}

function assertUsable(result: NamedResult, { name, refusal }: SqlColumn): void {
  if (refusal !== null) throw bad(result, `returns the column ${name}, which ${refusal}`);
}

function textAt(result: NamedResult, row: readonly (string | null)[], place: number): string {
  const text = row[place] ?? null;
  const column = result.columns[place]?.name ?? '';
  if (text === null)
    throw bad(
      result,
      `returned NULL in the column ${column}. Exclude such rows (IS NOT NULL), or return a value instead (COALESCE)`,
    );
  if (text === '') throw bad(result, `returned an empty string in the column ${column}. Exclude such rows`);
  // The text could not be decoded, so two different names could become one.
  if (text.includes('\ufffd')) throw bad(result, `returned damaged characters in the column ${column}`);
  return text;
}

function isDisabled(user: NamedResult, row: readonly (string | null)[], name: string): boolean {
  const text = textAt(user, row, columnAt(user, name));
  const disabled = postgresBooleans.get(text.toLowerCase()) ?? readDisabled(text);
  if (disabled !== null) return disabled;
  throw bad(
    user,
    `returned a value in ${name} that is neither true, t, yes, y, 1, disabled nor false, f, no, n, 0, enabled`,
  );
}

function isSame(found: string, userid: string, { caseInsensitive }: RowRules): boolean {
  return found === userid || (caseInsensitive && found.toLowerCase() === userid.toLowerCase());
}

/** Compares base letters only, like the loosest collations of databases: it ignores everything that they ignore. */
const collator = new Intl.Collator('und', { sensitivity: 'base' });

function isSameToSomeDatabase(found: string, userid: string): boolean {
  return collator.compare(found.normalize('NFKC').trim(), userid.normalize('NFKC').trim()) === 0;
}

function bad({ option }: NamedResult, message: string): SourceError {
  return new SourceError('bad-answer', `${option} ${message}.`);
}
