// Adapter suite for `csv`, run with both layouts.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CsvSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { describeUserSource, type SuiteUser } from '../user-source.suite.ts';
import type { AdapterLog } from '../user-source.ts';
import { createCsvSource } from './csv-source.ts';
import { csvConfig, toCsv } from './testing/csv-config.ts';

const silentLog: AdapterLog = { info() {}, warn() {}, error() {} };
/** Does not occur in any text of the suite. */
const separator = '\u00a7\u00a7';

function wideFile(path: string, users: readonly SuiteUser[]): { text: string; config: CsvSourceConfig } {
  const names = [...new Set(users.flatMap(({ authorizations }) => Object.keys(authorizations)))];
  const header = ['the userid', 'is disabled', 'the groups', ...names.map((name) => `attribute ${name}`)];
  const rows = users.map(({ userid, disabled = false, groups, authorizations }) => {
    const values = new Map(Object.entries(authorizations));
    return [
      userid,
      String(disabled),
      groups.join(separator),
      ...names.map((name) => (values.get(name) ?? []).join(separator)),
    ];
  });
  const config = csvConfig(path, {
    userid: 'the userid',
    disabled: 'is disabled',
    groups: [{ column: 'the groups', separator }],
    authorizations: names.map((name) => ({ column: `attribute ${name}`, name, separator })),
  });
  return { text: toCsv([header, ...rows]), config };
}

function longFile(path: string, users: readonly SuiteUser[]): { text: string; config: CsvSourceConfig } {
  const rows = users.flatMap(({ userid, disabled = false, groups, authorizations }) => [
    [userid, String(disabled), '', '', ''],
    ...groups.map((group) => [userid, '', group, '', '']),
    ...Object.entries(authorizations).flatMap(([name, values]) => values.map((value) => [userid, '', '', name, value])),
  ]);
  // The rows of one user need not be consecutive.
  rows.sort((a, b) => (a.join() < b.join() ? -1 : 1));
  const columns = { disabled: 'disabled', group: 'group', attribute: 'attribute', value: 'value' };
  return {
    text: toCsv([['userid', 'disabled', 'group', 'attribute', 'value'], ...rows]),
    config: csvConfig(path, columns, { layout: 'long' }),
  };
}

for (const [layout, makeFile] of [
  ['wide', wideFile],
  ['long', longFile],
] as const) {
  describeUserSource(`csv (${layout})`, {
    async open(users) {
      const directory = await mkdtemp(join(tmpdir(), 'user-info-csv-'));
      const path = join(directory, 'users.csv');
      const { text, config } = makeFile(path, users);
      await writeFile(path, text);
      const source = await createCsvSource(config, { log: silentLog });
      return {
        source,
        async close() {
          await source.close();
          await rm(directory, { recursive: true, force: true });
        },
      };
    },
  });
}
