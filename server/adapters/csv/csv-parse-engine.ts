// Owns the engine `csv-parse`: the same users as the packed engine, read by the library and kept as objects. It is what the
// packed engine is compared with, and what explains where each group of a user comes from.
import { setImmediate } from 'node:timers/promises';
import type { CsvSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import { answerOrder, type CsvRoles, findDisabled, resolveColumns } from './csv-columns.ts';
import { createFaultList, csvRules, type FaultList } from './csv-faults.ts';
import { readRowsWithCsvParse } from './csv-parse-rows.ts';
import { type CsvText, openCsvText } from './csv-text.ts';
import type { CsvLoadOutcome, CsvUsers } from './csv-users.ts';

/** One group or value of a row, and the place of the field that it stands in. */
export interface RowItem {
  readonly place: number;
  /** The authorization's name; `null`: a group. */
  readonly attribute: string | null;
  /** That name in the file, before `columns.rename`. */
  readonly original: string | null;
  readonly text: string;
}

export interface UserRow {
  readonly line: number;
  /** In lower case where letter case does not matter. */
  readonly userid: string;
  readonly isDisabled: boolean;
  readonly items: readonly RowItem[];
}

interface ReadUser {
  readonly firstLine: number;
  isDisabled: boolean;
  readonly groups: Set<string>;
  readonly values: Map<string, Set<string>>;
}

const readBytes = 1 << 18;

/**
 * Reads the file at `config.path`, leaving the event loop its turns.
 *
 * @param encoding a name that `findEncoding` gave.
 * @throws what `node:fs` throws.
 */
export async function loadWithCsvParse(
  config: CsvSourceConfig,
  encoding: string,
  knownDigests: readonly string[],
): Promise<CsvLoadOutcome<CsvUsers>> {
  const joinsRows = config.layout === 'long' || config.duplicates === 'merge';
  const users = new Map<string, ReadUser>();
  const attributes = new Set<string>();
  const outcome = await readUserRows(config, encoding, knownDigests, (row, faults) => {
    const known = users.get(row.userid);
    if (known !== undefined && !joinsRows) {
      faults.add(row.line, csvRules.useridRepeated(known.firstLine));
      return;
    }
    const user = known ?? { firstLine: row.line, isDisabled: false, groups: new Set(), values: new Map() };
    users.set(row.userid, user);
    user.isDisabled ||= row.isDisabled;
    for (const { attribute, text } of row.items) {
      if (attribute === null) user.groups.add(text);
      else {
        attributes.add(attribute);
        user.values.set(attribute, (user.values.get(attribute) ?? new Set()).add(text));
      }
    }
  });
  if (outcome.kind !== 'loaded') return outcome;
  const order = answerOrder([
    ...(config.layout === 'wide' ? outcome.loaded.values.map(({ name }) => name) : attributes),
  ]);
  return { ...outcome, loaded: toCsvUsers(users, order, config.caseInsensitive) };
}

/** Empties `read` on the way: both at once would be gigabytes. */
function toCsvUsers(read: Map<string, ReadUser>, order: readonly string[], folds: boolean): CsvUsers {
  const answers = new Map<string, UserInfo>();
  const disabled = new Set<string>();
  for (const [userid, { isDisabled, groups, values }] of read) {
    read.delete(userid);
    if (isDisabled) {
      disabled.add(userid);
      continue;
    }
    const named = order.flatMap((name): [string, string[]][] =>
      values.has(name) ? [[name, [...(values.get(name) ?? [])]]] : [],
    );
    answers.set(userid, { groups: [...groups].map((name) => ({ name })), authorizations: Object.fromEntries(named) });
  }
  return {
    size: answers.size,
    isDisabled: (userid) => disabled.has(folds ? userid.toLowerCase() : userid),
    find: (userid) => structuredClone(answers.get(folds ? userid.toLowerCase() : userid) ?? null),
  };
}

/** Reads a file's rows of users; the outcome carries which column means what. `onRow` may add faults of its own. */
export async function readUserRows(
  config: CsvSourceConfig,
  encoding: string,
  knownDigests: readonly string[],
  onRow: (row: UserRow, faults: FaultList) => void,
): Promise<CsvLoadOutcome<CsvRoles & { readonly names: readonly string[] }>> {
  const source = openCsvText(config.path, encoding, config.delimiter);
  try {
    const text = await readWholeText(source);
    if (source.hasChanged()) return { kind: 'changing' };
    const digest = source.digest();
    if (knownDigests.includes(digest)) return { kind: 'unchanged', digest };
    const textFaults = source.findFaults(config.maxErrors);
    const faults = createFaultList(config.maxErrors);
    const table = textFaults.length > 0 ? null : await readTable(config, text, faults, onRow);
    const found = textFaults.length > 0 ? textFaults : faults.faults;
    if (found.length > 0 || table === null) {
      return { kind: 'refused', digest, faults: found, isCut: found.length === config.maxErrors };
    }
    return { kind: 'loaded', digest, loaded: table };
  } finally {
    source.close();
  }
}

async function readTable(
  config: CsvSourceConfig,
  text: Buffer,
  faults: FaultList,
  onRow: (row: UserRow, faults: FaultList) => void,
): Promise<(CsvRoles & { names: readonly string[] }) | null> {
  const table: { roles: CsvRoles | null; names: readonly string[] } = { roles: null, names: [] };
  let isFirst = true;
  let hasUsers = false;
  const takeRow = (fields: string[], line: number, roles: CsvRoles) => {
    const row = readUserRow(config, roles, fields, line, faults);
    if (row === null) return;
    hasUsers = true;
    onRow(row, faults);
  };
  await readRowsWithCsvParse(text, config, faults, (fields, line) => {
    if (isFirst) {
      isFirst = false;
      const header = config.trim ? fields.map((field) => field.trim()) : fields;
      table.names = config.header ? header : fields.map((_, index) => `${index + 1}`);
      table.roles = resolveColumns(config, config.header ? header : fields.length, line, faults);
      if (table.roles !== null && !config.header) takeRow(fields, line, table.roles);
    } else if (table.roles !== null) takeRow(fields, line, table.roles);
    return table.roles !== null;
  });
  if (faults.faults.length === 0) {
    if (isFirst) faults.add(1, csvRules.noRows);
    else if (!hasUsers) faults.add(1, csvRules.noUsers);
  }
  return table.roles && { ...table.roles, names: table.names };
}

// Unicode category Cc, as in the server's rules for the userid.
const controlCharacter = /\p{Cc}/u;

function readUserRow(
  { trim: trims, caseInsensitive: folds, layout, columns }: CsvSourceConfig,
  roles: CsvRoles,
  fields: readonly string[],
  line: number,
  faults: FaultList,
): UserRow | null {
  if (fields.length !== roles.fieldCount) {
    faults.add(line, csvRules.fieldCount(fields.length, roles.fieldCount));
    return null;
  }
  const tidy = (text: string) => (trims ? text.trim() : text);
  const fieldAt = (place: number) => (place < 0 ? '' : tidy(fields[place] ?? ''));
  const userid = fieldAt(roles.userid);
  if (userid === '' || controlCharacter.test(userid)) {
    faults.add(line, userid === '' ? csvRules.useridEmpty : csvRules.useridControl);
    return null;
  }
  const isDisabled = findDisabled(fieldAt(roles.disabled));
  if (isDisabled === null) faults.add(line, csvRules.disabledWord);
  const items: RowItem[] = [];
  const add = (place: number, attribute: string | null, separator: string | null, original = attribute) => {
    const field = fieldAt(place);
    for (const piece of separator === null ? [field] : field.split(separator)) {
      const text = tidy(piece);
      if (text !== '') items.push({ place, attribute, original, text });
    }
  };
  if (layout === 'wide') {
    for (const { place, separator } of roles.groups) add(place, null, separator);
    for (const { place, name, separator } of roles.values) add(place, name, separator);
  } else {
    const attribute = fieldAt(roles.attribute);
    add(roles.group, null, null);
    const renamed = new Map(Object.entries(columns.rename)).get(attribute) ?? attribute;
    if (attribute !== '') add(roles.value, renamed, null, attribute);
    else if (fieldAt(roles.value) !== '') faults.add(line, csvRules.valueWithoutAttribute);
  }
  return { line, userid: folds ? userid.toLowerCase() : userid, isDisabled: isDisabled === true, items };
}

async function readWholeText(source: CsvText): Promise<Buffer> {
  let text = Buffer.allocUnsafeSlow(source.fileBytes + readBytes);
  let length = 0;
  while (!source.isEnded()) {
    if (text.length - length < readBytes) text = Buffer.concat([text], text.length * 2);
    length += source.readInto(text.subarray(0, length + readBytes), length);
    await setImmediate();
  }
  return text.subarray(0, length);
}
