// Owns the file of --expect: what users are to be answered with, from YAML, JSON or CSV.
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse/sync';
import type { UserInfo } from '../schemas/generated/user-info.ts';
import { describeSchemaErrors, validateUserInfo } from '../schemas/validators.ts';
import { parseConfigDocument } from '../server/config/config-document.ts';
import { ConfigError, describeFault } from '../server/config/config-error.ts';

/** User id → what is to be answered. */
export type ExpectedUsers = Readonly<Record<string, UserInfo>>;

const columns = ['userid', 'group', 'attribute', 'value'] as const;
type Row = Readonly<Record<(typeof columns)[number], string>>;

/** A user under construction: each list without repeats, in the order of the file. */
interface Draft {
  readonly groups: Set<string>;
  readonly attributes: Map<string, Set<string>>;
}

const csvHeader = columns.join(',');

/** Adds one row to its user. Returns what is wrong with it, or null. */
function addRow(users: Map<string, Draft>, { userid, group, attribute, value }: Row): string | null {
  if (userid === '') return 'the column userid is empty';
  if ((attribute === '') !== (value === '')) return 'attribute and value belong together: fill both columns, or none';
  const user: Draft = users.get(userid) ?? { groups: new Set(), attributes: new Map() };
  users.set(userid, user);
  if (group !== '') user.groups.add(group);
  if (attribute !== '') user.attributes.set(attribute, (user.attributes.get(attribute) ?? new Set()).add(value));
  return null;
}

function readCsv(text: string, file: string, faults: string[]): ExpectedUsers | undefined {
  const users = new Map<string, Draft>();
  try {
    const rows: { record: Row; info: { lines: number } }[] = parse(text, {
      bom: true,
      info: true,
      columns: (names: string[]) => {
        if (names.join() !== csvHeader) throw new RangeError();
        return names;
      },
    });
    const complaints = rows.flatMap(({ record, info }) => {
      const wrong = addRow(users, record);
      return wrong === null ? [] : [`--expect: ${file}:${info.lines}: ${wrong}.`];
    });
    if (complaints.length > 0) {
      faults.push(...complaints);
      return undefined;
    }
  } catch (error) {
    // The library's own messages quote the text, which is users' data.
    if (error instanceof RangeError) faults.push(`--expect: the first line of ${file} must be ${csvHeader}.`);
    else if (error instanceof CsvError) faults.push(`--expect: ${file}:${error.lines} is no CSV (${error.code}).`);
    else throw error;
    return undefined;
  }
  return Object.fromEntries(
    [...users].map(([userid, { groups, attributes }]) => [
      userid,
      {
        groups: [...groups].map((name) => ({ name })),
        authorizations: Object.fromEntries([...attributes].map(([name, values]) => [name, [...values]])),
      },
    ]),
  );
}

function readDocument(text: string, file: string, faults: string[]): ExpectedUsers | undefined {
  try {
    const { value } = parseConfigDocument(text, file);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      faults.push(`--expect: ${file} must hold a map of user ids, each with groups and authorizations.`);
      return undefined;
    }
    const users = Object.entries(value);
    const complaints = users.flatMap(([, user], index) =>
      validateUserInfo(user)
        ? []
        : [`--expect: ${file}: user ${index + 1}: ${describeSchemaErrors(validateUserInfo.errors)}.`],
    );
    faults.push(...complaints);
    return complaints.length > 0 ? undefined : (Object.fromEntries(users) as ExpectedUsers);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    faults.push(...error.faults.map((fault) => `--expect: ${describeFault(fault)}`));
    return undefined;
  }
}

/**
 * Reads a file by the ending of its name. `.csv`: the columns userid, group, attribute and value, a row a group or a value, a row
 * with the userid alone for a user who has neither. Others: YAML or JSON, user id → the body of the 200.
 *
 * Undefined, with all that is wrong added to `faults`, when it can't be used; the words name lines, never what stands there.
 */
export function readExpectedUsers(file: string, faults: string[]): ExpectedUsers | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    faults.push(`--expect: ${file} can not be read (${(error as NodeJS.ErrnoException).code}).`);
    return undefined;
  }
  if (!isUtf8(bytes)) {
    faults.push(`--expect: ${file} is no UTF-8: save it in that encoding.`);
    return undefined;
  }
  const read = file.toLowerCase().endsWith('.csv') ? readCsv : readDocument;
  const expected = read(bytes.toString('utf8'), file, faults);
  // By a file that was cut, or never filled, everything would be as expected.
  if (expected === undefined || Object.keys(expected).length > 0) return expected;
  faults.push(`--expect: ${file} names no user: give what at least one is to be answered with.`);
  return undefined;
}
