// Meaning of each column: matches the configured names with the first row of the file.
import { findClosestWord, suggest } from '../../../schemas/closest-word.ts';
import type { CsvSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { readDisabled } from '../disabled-words.ts';
import type { FaultList } from './csv-faults.ts';

/** Positions are indices into a row, starting with 0; -1: the column is not configured. */
export interface CsvRoles {
  readonly fieldCount: number;
  readonly userid: number;
  readonly disabled: number;
  /** Wide: columns of groups. */
  readonly groups: readonly { readonly place: number; readonly separator: string | null }[];
  /** Wide: columns of attribute values, in the order of the attributes in a response. */
  readonly values: readonly ValueColumn[];
  /** Long. */
  readonly group: number;
  readonly attribute: number;
  readonly value: number;
}

export interface ValueColumn {
  readonly place: number;
  /** The authorization's name; two columns may have the same name. */
  readonly name: string;
  readonly separator: string | null;
}

const shownColumns = 30;

/**
 * Finds the positions of the configured columns in the first row. Names are compared exactly.
 *
 * @param names the fields of the first row, which name the columns; or their numbers, if the file has no header.
 * @param line the first row's line.
 * @returns `null` if a column is missing or ambiguous; the errors name it.
 */
export function resolveColumns(
  { columns }: CsvSourceConfig,
  names: readonly string[],
  line: number,
  faults: FaultList,
): CsvRoles | null {
  let isComplete = true;
  const placeOf = (name: string | undefined): number => {
    if (name === undefined) return -1;
    const place = names.indexOf(name);
    const problem = place < 0 ? describeMissing(name, names) : describeRepeated(name, names);
    if (problem === null) return place;
    isComplete = false;
    faults.add(line, problem);
    return -1;
  };
  const roles = {
    fieldCount: names.length,
    userid: placeOf(columns.userid),
    disabled: placeOf(columns.disabled),
    groups: columns.groups.map(({ column, separator = null }) => ({ place: placeOf(column), separator })),
    values: inAnswerOrder(
      columns.authorizations.map(({ column, name = column, separator = null }) => ({
        place: placeOf(column),
        name,
        separator,
      })),
    ),
    group: placeOf(columns.group),
    attribute: placeOf(columns.attribute),
    value: placeOf(columns.value),
  };
  return isComplete ? roles : null;
}

function describeMissing(name: string, names: readonly string[]): string {
  const hint = suggest(findClosestWord(name, names)) || '.';
  const shown = names.slice(0, shownColumns).map((column) => JSON.stringify(column));
  if (names.length > shownColumns) shown.push(`and ${names.length - shownColumns} more`);
  return `there is no column ${JSON.stringify(name)}${hint} The columns are ${shown.join(', ')}`;
}

function describeRepeated(name: string, names: readonly string[]): string | null {
  const count = names.filter((column) => column === name).length;
  return count === 1 ? null : `the column ${JSON.stringify(name)} occurs ${count} times`;
}

function inAnswerOrder(columns: readonly ValueColumn[]): ValueColumn[] {
  const order = answerOrder(columns.map(({ name }) => name));
  return order.flatMap((name) => columns.filter((column) => column.name === name));
}

/**
 * Returns the order in which `JSON.stringify` writes the attributes of a response that were added in the order of `names`. Names that look like array
 * indices come first, in ascending order. Repeated names are returned once.
 */
export function answerOrder(names: readonly string[]): string[] {
  // The engine itself determines the order, so that the two cannot differ. fromEntries keeps a key named `__proto__`.
  return Object.keys(Object.fromEntries(names.map((name) => [name, true])));
}

/** Returns whether a field in the disabled column means that the user is disabled; an empty field means enabled. `null`: neither. */
export function findDisabled(field: string): boolean | null {
  return field === '' ? false : readDisabled(field);
}
