// One measurement of the csv benchmark, in a process of its own: load, memory, lookups, and a reload during lookups.
import assert from 'node:assert/strict';
import { closeSync, copyFileSync, createReadStream, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { parse as createCsvParser } from 'csv-parse';
import Papa from 'papaparse';
import { EncodedUserInfo } from '../../schemas/encoded-user-info.ts';
import type { CsvSourceConfig } from '../../schemas/generated/loaded-server-config.ts';
import { createCsvSource } from '../../server/adapters/csv/csv-source.ts';
import { csvConfig } from '../../server/adapters/csv/testing/csv-config.ts';
import type { UserSource } from '../../server/adapters/user-source.ts';
import { attributeNames, groupSeparator, prepareUsersFile, useridOf, userOf } from './generate-users.ts';

export interface Measurement {
  readonly loadSeconds: number;
  /** Increase since before loading, measured after a garbage collection. */
  readonly residentMb: number;
  readonly peakMb: number;
  readonly bytesPerUser: number;
  readonly lookupsPerSecond: number;
  /** `null`: there is no reload. */
  readonly reloadBlockMs: number | null;
}

type FindJson = (userid: string) => Promise<Buffer | string> | Buffer | string;

const signal = new AbortController().signal;
const lookups = 400_000;
/** Far from 1, so that consecutive lookups are not adjacent in memory. */
const stride = 7919;

function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  globalThis.gc();
  globalThis.gc();
}

function configOf(path: string): CsvSourceConfig {
  const columns = {
    groups: [{ column: 'groups', separator: groupSeparator }],
    authorizations: attributeNames.map((column) => ({ column })),
  };
  return csvConfig(path, columns, { pollSeconds: 3600 });
}

function openSource(path: string): Promise<UserSource> {
  return createCsvSource(configOf(path), { log: { info() {}, warn() {}, error() {} } });
}

/** Returns a lookup like the server's: pre-encoded bytes, or JSON created on demand. */
function findJsonIn(source: UserSource): FindJson {
  return async (userid) => {
    const found = await source.findUser(userid, signal);
    return found instanceof EncodedUserInfo ? found.json : JSON.stringify(found);
  };
}

type Row = Record<string, string>;

/** Returns a lookup as an application would write it: rows as returned by the parser, and a response created on demand. */
function findJsonInRows(rows: ReadonlyMap<string, Row>): FindJson {
  return (userid) => {
    const row = rows.get(userid);
    if (row === undefined) throw new Error('an unknown user');
    const groups = (row.groups ?? '').split(groupSeparator).map((name) => ({ name }));
    const authorizations: Record<string, string[]> = {};
    for (const name of attributeNames) authorizations[name] = [row[name] ?? ''];
    return JSON.stringify({ groups, authorizations });
  };
}

async function loadCsvParse(path: string): Promise<FindJson> {
  const users = new Map<string, Row>();
  const rows = createReadStream(path).pipe(createCsvParser({ bom: true, columns: true }));
  for await (const row of rows as AsyncIterable<Row>) users.set(row.userid ?? '', row);
  return findJsonInRows(users);
}

async function loadPapaparse(path: string): Promise<FindJson> {
  const users = new Map<string, Row>();
  await new Promise<void>((resolve, reject) => {
    Papa.parse<Row>(createReadStream(path), {
      header: true,
      skipEmptyLines: true,
      step: ({ data }) => users.set(data.userid ?? '', data),
      complete: () => resolve(),
      error: reject,
    });
  });
  return findJsonInRows(users);
}

async function assertAnswers(findJson: FindJson, users: number): Promise<void> {
  for (let index = 0; index < 2000; index++) {
    const user = (index * stride) % users;
    assert.equal((await findJson(useridOf(user))).toString(), JSON.stringify(userOf(user)));
  }
}

async function measureLookups(findJson: FindJson, users: number): Promise<number> {
  const userids = Array.from({ length: lookups }, (_, index) => useridOf((index * stride) % users));
  let bytes = 0;
  const turn = async () => {
    for (const userid of userids) bytes += (await findJson(userid)).length;
  };
  await turn();
  const start = performance.now();
  await turn();
  assert.ok(bytes > 0);
  return lookups / ((performance.now() - start) / 1000);
}

/** Changes one byte of a copy during lookups, and returns the longest time for which nothing else could run. */
async function measureReload(path: string, users: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'user-info-bench-'));
  const copy = join(directory, 'users.csv');
  copyFileSync(path, copy);
  const source = await openSource(copy);
  const findJson = findJsonIn(source);
  changeLastClearance(copy);
  collectGarbage();
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  let longestMs = 0;
  let last = performance.now();
  for (let turn = 0; source.status?.().generation === 1; turn++) {
    // About a millisecond of lookups per turn, like a server under load.
    for (let index = 0; index < 200; index++) await findJson(useridOf((turn * 200 + index) % users));
    await setImmediate();
    const now = performance.now();
    longestMs = Math.max(longestMs, now - last);
    last = now;
  }
  // The first lookups in the new data are included.
  await assertAnswers(findJson, Math.min(users, 1000));
  await delay(20);
  delays.disable();
  await source.close();
  rmSync(directory, { recursive: true });
  return Math.max(longestMs, delays.max / 1e6);
}

/** Changes a letter in the last user's clearance: different bytes, same size. */
function changeLastClearance(path: string): void {
  const descriptor = openSync(path, 'r+');
  writeSync(descriptor, 'X', statSync(path).size - 3);
  closeSync(descriptor);
}

const [variant = '', userCount = ''] = process.argv.slice(2);
const users = Number(userCount);
const path = prepareUsersFile(users);
const loaders: Record<string, () => Promise<FindJson>> = {
  packed: async () => findJsonIn(await openSource(path)),
  'csv-parse': () => loadCsvParse(path),
  papaparse: () => loadPapaparse(path),
};
const load = loaders[variant];
if (load === undefined) throw new Error(`no variant ${variant}`);

await delay(100);
collectGarbage();
const before = process.memoryUsage.rss();
const start = performance.now();
const findJson = await load();
const loadSeconds = (performance.now() - start) / 1000;
await delay(100);
collectGarbage();
await delay(100);
const resident = process.memoryUsage.rss() - before;
const peakMb = (process.resourceUsage().maxRSS * 1024 - before) / 1e6;
await assertAnswers(findJson, users);
const measurement: Measurement = {
  loadSeconds,
  residentMb: resident / 1e6,
  peakMb,
  bytesPerUser: resident / users,
  lookupsPerSecond: await measureLookups(findJson, users),
  reloadBlockMs: variant === 'packed' ? await measureReload(path, users) : null,
};
process.stdout.write(JSON.stringify(measurement));
process.exit(0);
