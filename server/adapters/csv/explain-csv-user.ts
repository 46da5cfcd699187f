// Explanation of one user: line and column of each group and value in the file.
import { basename } from 'node:path';
import type { CsvSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { SourceError, type UserOrigins } from '../user-source.ts';
import { describeFaults } from './csv-faults.ts';
import { readUserRow, type UserRow } from './csv-user-rows.ts';
import { readCsvFile } from './read-csv-file.ts';

/**
 * Reads the file again, which takes seconds for a million users. For a duplicate group, the first position is reported.
 *
 * @throws {SourceError} if the current file cannot be used, although older data may still be served.
 */
export async function explainCsvUser(config: CsvSourceConfig, encoding: string, userid: string): Promise<UserOrigins> {
  const wanted = config.caseInsensitive ? userid.toLowerCase() : userid;
  const { outcome, rows, rowsInAll } = readRowsOf(wanted, config, encoding);
  if (outcome.kind === 'refused') {
    const faults = describeFaults(outcome.faults, outcome.isCut);
    throw new SourceError('bad-answer', `${config.path} currently has errors:\n${faults}`);
  }
  if (outcome.kind !== 'loaded') throw new SourceError('unavailable', `${config.path} is being written to; try again.`);
  if (rows.length > 1 && config.layout === 'wide' && config.duplicates === 'error') {
    throw new SourceError('bad-answer', `${config.path} currently lists this user more than once.`);
  }
  const disabled = rows.find(({ isDisabled }) => isDisabled);
  if (rows.length === 0 || disabled !== undefined) {
    const absent =
      disabled === undefined ? 'no row has this userid' : `line ${disabled.line} marks the user as disabled`;
    const outcome = `${rowsInAll} ${rowsInAll === 1 ? 'row' : 'rows'}, ${rows.length} of this user`;
    return { absent, groups: [], authorizations: [], asked: [{ query: basename(config.path), outcome }] };
  }
  const names = outcome.loaded;
  const groups = new Map<string, UserOrigins['groups'][number]>();
  const values = new Map<string, UserOrigins['authorizations'][number]>();
  for (const { line, items } of rows) {
    for (const { place, attribute, original, text } of items) {
      const change = attribute === original ? '' : `; was "${original}"`;
      const origin = `${basename(config.path)}:${line}, column ${names[place]}${change}`;
      const key = JSON.stringify([attribute, text]);
      if (attribute === null && !groups.has(key)) groups.set(key, { name: text, origin });
      if (attribute !== null && !values.has(key)) values.set(key, { name: attribute, value: text, origin });
    }
  }
  return { groups: [...groups.values()], authorizations: [...values.values()] };
}

/** Reads all rows; the `loaded` property of the result contains the names of the columns. */
function readRowsOf(wanted: string, config: CsvSourceConfig, encoding: string) {
  const rows: UserRow[] = [];
  let rowsInAll = 0;
  try {
    const outcome = readCsvFile(config, encoding, ({ scanner, field, roles, names, faults }) => ({
      take(source) {
        const row = readUserRow(config, roles, field.texts(source), scanner.rowLine, faults);
        if (row !== null) rowsInAll += 1;
        if (row?.userid === wanted) rows.push(row);
      },
      countUsers: () => rowsInAll,
      finish: () => names,
    }));
    return { outcome, rows, rowsInAll };
  } catch (error) {
    throw new SourceError('unavailable', `${config.path} cannot be read at present.`, { cause: error });
  }
}
