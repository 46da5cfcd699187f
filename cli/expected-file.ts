// The --expect file: expected access of users, from YAML, JSON or CSV.
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { CsvError, parse } from 'csv-parse/sync';
import { loadValidator } from '../schemas/compile-schema.ts';
import type { ExpectedUser } from '../schemas/generated/expected-user.ts';
import type { UserInfo } from '../schemas/generated/user-info.ts';
import { describeSchemaErrors, validateUserInfo } from '../schemas/validators.ts';
import { parseConfigDocument } from '../server/config/config-document.ts';
import { ConfigError, describeFault } from '../server/config/config-error.ts';

/** Map from user name to expected access. */
type ExpectedUsers<User> = Readonly<Record<string, User>>;

const validateExpectedUser = loadValidator<ExpectedUser>('expected-user');

const columns = ['userid', 'group', 'attribute', 'value'] as const;
type Row = Readonly<Record<(typeof columns)[number], string>>;

/** A user under construction; each list has no duplicates and keeps the order of the file. */
interface Draft {
  readonly groups: Set<string>;
  readonly attributes: Map<string, Set<string>>;
}

const csvHeader = columns.join(',');

/** Adds one row to its user. Returns the error, or null. */
function addRow(users: Map<string, Draft>, { userid, group, attribute, value }: Row): string | null {
  if (userid === '') return 'the column userid is empty';
  if ((attribute === '') !== (value === ''))
    return 'only one of attribute and value is empty: fill in both columns, or leave both empty';
  const user: Draft = users.get(userid) ?? { groups: new Set(), attributes: new Map() };
  users.set(userid, user);
  if (group !== '') user.groups.add(group);
  if (attribute !== '') user.attributes.set(attribute, (user.attributes.get(attribute) ?? new Set()).add(value));
  return null;
}

function readCsv(text: string, file: string, faults: string[]): ExpectedUsers<UserInfo> | undefined {
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
    // The library's own messages quote the text, which is user data.
    if (error instanceof RangeError) faults.push(`--expect: the first line of ${file} must be ${csvHeader}.`);
    else if (error instanceof CsvError)
      faults.push(`--expect: ${file}:${error.lines} is not valid CSV (${error.code}).`);
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

function readDocument<User>(
  text: string,
  file: string,
  faults: string[],
  validate: ValidateFunction<User>,
): ExpectedUsers<User> | undefined {
  try {
    const { value } = parseConfigDocument(text, file);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      faults.push(`--expect: ${file} must be a map of userids, each with groups and authorizations.`);
      return undefined;
    }
    const users = Object.entries(value);
    const complaints = users.flatMap(([, user], index) =>
      validate(user) ? [] : [`--expect: ${file}: user ${index + 1}: ${describeSchemaErrors(validate.errors)}.`],
    );
    faults.push(...complaints);
    return complaints.length > 0 ? undefined : (Object.fromEntries(users) as ExpectedUsers<User>);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    faults.push(...error.faults.map((fault) => `--expect: ${describeFault(fault)}`));
    return undefined;
  }
}

/**
 * Reads the body that an endpoint is expected to send for each user, for `conform`. `.csv`: the columns userid, group, attribute and value. There is
 * one row per group or value, and a row with only the userid for a user who has neither. Other extensions: YAML or JSON with a map from user name to
 * body.
 *
 * Returns undefined if the file is invalid, and adds the reasons to `faults`. The reasons contain line numbers and never quote the content.
 */
export function readExpectedUsers(file: string, faults: string[]): ExpectedUsers<UserInfo> | undefined {
  return readFile(file, faults, validateUserInfo);
}

/** Reads the access that users are expected to have after a sync: the file has the same format, plus the options of `expected-user.schema.json`. */
export function readExpectedAccess(file: string, faults: string[]): ExpectedUsers<ExpectedUser> | undefined {
  return readFile(file, faults, validateExpectedUser);
}

function readFile<User>(
  file: string,
  faults: string[],
  validate: ValidateFunction<User>,
): ExpectedUsers<User | UserInfo> | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    faults.push(`--expect: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
    return undefined;
  }
  if (!isUtf8(bytes)) {
    faults.push(`--expect: ${file} is not valid UTF-8. Save it as UTF-8.`);
    return undefined;
  }
  const text = bytes.toString('utf8');
  const expected = file.toLowerCase().endsWith('.csv')
    ? readCsv(text, file, faults)
    : readDocument(text, file, faults, validate);
  // An empty file, e.g. because it was truncated or never filled, would match every result.
  if (expected === undefined || Object.keys(expected).length > 0) return expected;
  faults.push(`--expect: ${file} contains no users. Add the expected access of at least one user.`);
  return undefined;
}
