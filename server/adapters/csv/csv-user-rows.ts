// Rows of users, read with the library csv-parse: `lookup --explain` finds the place of each group in them, and the tests compare
// our own parser with them.
import { setImmediate } from 'node:timers/promises';
import type { CsvSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { type CsvRoles, findDisabled, resolveColumns } from './csv-columns.ts';
import { createFaultList, csvRules, type FaultList } from './csv-faults.ts';
import { readRowsWithCsvParse } from './csv-parse-rows.ts';
import { type CsvText, openCsvText } from './csv-text.ts';
import type { CsvLoadOutcome } from './csv-users.ts';

/** One group or value of a row, with the position of its field. */
export interface RowItem {
  readonly place: number;
  /** The authorization's name; `null`: a group. */
  readonly attribute: string | null;
  /** The name in the file, before `columns.rename`. */
  readonly original: string | null;
  readonly text: string;
}

export interface UserRow {
  readonly line: number;
  /** In lower case if letter case is ignored. */
  readonly userid: string;
  readonly isDisabled: boolean;
  readonly items: readonly RowItem[];
}

const readBytes = 1 << 18;

/** Reads a file's rows of users; the result contains the meaning of the columns. `onRow` may add further errors. */
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
