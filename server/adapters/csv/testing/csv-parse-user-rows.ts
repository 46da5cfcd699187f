// Rows of users, read with the library csv-parse: the reference that the tests compare our own parser with.
import { setImmediate } from 'node:timers/promises';
import type { CsvSourceConfig } from '../../../../schemas/generated/loaded-server-config.ts';
import { type CsvRoles, resolveColumns } from '../csv-columns.ts';
import { createFaultList, csvRules, type FaultList } from '../csv-faults.ts';
import { type CsvText, openCsvText } from '../csv-text.ts';
import { readUserRow, type UserRow } from '../csv-user-rows.ts';
import type { CsvLoadOutcome } from '../read-csv-file.ts';
import { readRowsWithCsvParse } from './csv-parse-rows.ts';

const readBytes = 1 << 18;

/** Reads a file's rows of users; returns the meaning of the columns. `onRow` may add further errors. */
export async function readUserRows(
  config: CsvSourceConfig,
  encoding: string,
  knownDigests: readonly string[],
  onRow: (row: UserRow, faults: FaultList) => void,
): Promise<CsvLoadOutcome<CsvRoles>> {
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
): Promise<CsvRoles | null> {
  const table: { roles: CsvRoles | null } = { roles: null };
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
      const names = config.header ? header : fields.map((_, place) => `${place + 1}`);
      table.roles = resolveColumns(config, names, line, faults);
      if (table.roles !== null && !config.header) takeRow(fields, line, table.roles);
    } else if (table.roles !== null) takeRow(fields, line, table.roles);
    return table.roles !== null;
  });
  if (faults.faults.length === 0) {
    if (isFirst) faults.add(1, csvRules.noRows);
    else if (!hasUsers) faults.add(1, csvRules.noUsers);
  }
  return table.roles;
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
