// Matrix of faults: the faults, how one cell is tested on a running server, and what counts as a wrong response.
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, ask } from './ask-server.ts';
import type { FaultProxy } from './fault-proxy.ts';
import type { Alter } from './garbled-bytes.ts';
import { type ConfigSections, startTestServer, type TestServer } from './test-server.ts';

/** The rows of the table, in its order. */
export const faultNames = [
  'connection refused',
  'server accepts connections and never responds',
  'connection reset during a response',
  'response sent one byte at a time',
  'certificate for another name',
  'expired certificate',
  'rejected bind or password',
  'half a page, then an error',
  'one complete page, then an error',
  'empty page with a cookie',
  'malformed response',
  'duplicate entry',
  'server restart',
  'idle connections closed',
  'idle connections discarded silently',
  'garbage bytes',
  'response for another user repeated',
  'file half-written, or disk full',
  'file removed',
] as const;
export type FaultName = (typeof faultNames)[number];

/** Allowed results of a lookup of `ada` during a fault. */
export type Outcome =
  | '404'
  | '502'
  | '503'
  | '504'
  /** An open connection times out first, and then no new connection can be made. */
  | '504, then 503'
  /** The first lookup discovers the dead connection. */
  | '504, then 200, complete'
  | '200, without the optional source, then 200, complete'
  /** The complete response: the fault has no effect. */
  | '200, complete'
  /** For a file: the data loaded before the fault, as configured; readiness reports that the data is outdated. */
  | '200, last good data'
  /** The earlier result, within the configured limit and with the header for stale results; then the result after that limit. */
  | `200, stale and marked, then ${'503' | '200, complete'}`
  /** The response without the data of a source that the configuration declares optional. */
  | '200, without the optional source';

export interface FaultCell {
  readonly expected: Outcome;
  /** During the fault, a known user cannot be distinguished from an unknown one, so a request for an unknown user must not get 404 either. */
  readonly isOutage?: boolean;
  /** The server recovers during the fault, so requests are repeated until the response is complete. */
  readonly untilComplete?: boolean;
  inflict(): Promise<unknown>;
  /** A user to look up during the fault, before `ada`. */
  readonly firstUserid?: string;
  heal(): Promise<unknown>;
  /** Why recovery is not tested here, and where it is. */
  readonly recoversLater?: string;
}

/** A column of the table: a kind of source with its backend. */
export interface FaultSubject {
  readonly source: object;
  readonly environment?: NodeJS.ProcessEnv;
  /** Other sections of the configuration. */
  readonly sections?: ConfigSections;
  /** A cell, or why there is none. */
  readonly cells: Readonly<Partial<Record<FaultName, FaultCell | string>>>;
  /** Limits of the cache, if there is one. */
  readonly staleness?: { readonly ttlSeconds: number; readonly maxStaleSeconds: number };
  /** The fault proxy between the server and the backend. */
  readonly proxy?: FaultProxy;
  /** Connection limit in the configuration. */
  readonly maxConnections?: number;
  close(): Promise<unknown>;
}

/** Result of one cell: what happened, and what was wrong. */
export interface CellReport {
  /** For the table. */
  readonly outcome: string;
  /** Empty: no problems. */
  readonly wrongs: readonly string[];
}
export type SubjectReport = Readonly<Partial<Record<FaultName, CellReport>>> & { readonly end: CellReport };

/** Every backend contains this user. */
export const ada = { groups: ['Zürich', 'analysts'], authorizations: { region: ['apac', 'emea'] } };
export const adaId = 'ada@example.test';
/** Every network backend also contains this second user. */
export const graceId = 'grace@example.test';
const whole = JSON.stringify(ada);
/** Data of the other source of the merge for `ada`. */
const withoutOptional = JSON.stringify({ groups: ['Zürich'], authorizations: {} });
const nobodyId = 'nobody@example.test';
const staleHeader = 'user-info-stale-seconds';
const stale = '200, stale and marked';
const recoveryMs = 8000;
const maxTurns = 6;

/** Maximum duration of a lookup in the configuration of every subject. */
export const deadlineMs = 2000;
/** Maximum duration of each wait within a source; undici's clock adds up to half a second. Both are long enough for a busy machine. */
export const limitMs = 1200;

/** Starts a server with the source of the subject, and retries if the source did not respond in time on a busy machine. */
export async function startOnSubject({ source, sections, environment }: FaultSubject): Promise<TestServer> {
  for (const endMs = Date.now() + recoveryMs; ; ) {
    try {
      return await startTestServer({ ...sections, source, deadlineMs }, environment);
    } catch (error) {
      if (Date.now() > endMs) throw error;
    }
  }
}

/** Tests each cell of a subject on its server, and stops both. */
export async function tryFaults(subject: FaultSubject, server: TestServer): Promise<SubjectReport> {
  const reports = new Map<string, CellReport>();
  try {
    const cells = Object.entries(subject.cells) as [FaultName, FaultCell | string][];
    const isLast = (cell: FaultCell | string) => Number(typeof cell !== 'string' && cell.recoversLater !== undefined);
    for (const [name, cell] of cells.sort(([, a], [, b]) => isLast(a) - isLast(b))) {
      if (typeof cell === 'string') {
        reports.set(name, { outcome: `– ${cell}`, wrongs: [] });
        continue;
      }
      const report = await tryCell(server, cell, subject).catch((error: unknown) => String(error));
      reports.set(name, typeof report === 'string' ? { outcome: 'not tried', wrongs: [report] } : report);
    }
  } finally {
    await server.stop();
  }
  await settle(() => (subject.proxy?.connections() ?? 0) === 0);
  const leaked = subject.proxy?.connections() ?? 0;
  await subject.close();
  reports.set('end', { outcome: '', wrongs: leaked > 0 ? [`${leaked} connections are open after the end`] : [] });
  return Object.fromEntries(reports) as SubjectReport;
}

async function tryCell(server: TestServer, cell: FaultCell, subject: FaultSubject): Promise<CellReport> {
  const { proxy, maxConnections = Number.POSITIVE_INFINITY } = subject;
  const wrongs: string[] = [];
  const before = await recovered(server);
  const knownAtMs = performance.now();
  if (before !== null) wrongs.push(`before the fault: ${before}`);
  const bytesBefore = proxy?.bytesToNowhere() ?? 0;
  await cell.inflict();
  if (cell.firstUserid !== undefined) await lookUp(server, cell.firstUserid);
  const seen = await askWhileItLasts(server, cell, subject, knownAtMs, wrongs);
  if (proxy && proxy.bytesToNowhere() > bytesBefore) wrongs.push('a server with a bad certificate received data');
  await cell.heal();
  if (cell.recoversLater === undefined) {
    const after = await recovered(server);
    if (after !== null) wrongs.push(`after the fault: ${after}`);
    const open = proxy?.connections() ?? 0;
    if (open > maxConnections) wrongs.push(`${open} connections are open`);
  }
  const outcome = seen.filter((each, index) => each !== seen[index - 1]).join(', then ');
  if (outcome !== cell.expected) wrongs.push(`${outcome} instead of ${cell.expected}`);
  return { outcome, wrongs };
}

/** @param knownAtMs when the last response before the fault arrived. @returns the responses for `ada`, in order. */
async function askWhileItLasts(
  server: TestServer,
  cell: FaultCell,
  { staleness }: FaultSubject,
  knownAtMs: number,
  wrongs: string[],
): Promise<string[]> {
  const { ttlSeconds = 0, maxStaleSeconds = 0 } = staleness ?? {};
  const maxAgeSeconds = ttlSeconds + maxStaleSeconds;
  const turns = staleness ? Number.POSITIVE_INFINITY : cell.untilComplete ? maxTurns : 2;
  const seen: string[] = [];
  await delay(ttlSeconds * 1000);
  for (let turn = 0; turn < turns; turn++) {
    const ageSeconds = (performance.now() - knownAtMs) / 1000;
    const [answer, nobody] = await Promise.all([lookUp(server, adaId), lookUp(server, nobodyId)]);
    seen.push(outcomeOf(answer, cell.expected));
    if (cell.isOutage && nobody.status < 500)
      wrongs.push(`an unknown user gets ${nobody.status} while nobody can know`);
    if (cell.untilComplete && seen.at(-1) === '200, complete') break;
    if (staleness === undefined) continue;
    if (seen.at(-1) !== stale) break;
    const declared = Number(answer.headers[staleHeader]);
    if (ageSeconds > maxAgeSeconds) wrongs.push(`an answer ${ageSeconds} s old is still given`);
    if (!(declared >= ttlSeconds && declared <= maxAgeSeconds)) wrongs.push(`the header says ${declared} s`);
    await delay(100);
  }
  return seen;
}

function lookUp(server: TestServer, userid: string): Promise<Answer> {
  return ask(`${server.url}?userid=${encodeURIComponent(userid)}`);
}

/** Returns the text for a response; a 200 counts only when its body is exactly as expected. */
function outcomeOf({ status, headers, body }: Answer, expected: Outcome): string {
  if (status !== 200) return String(status);
  const content = contentOf(body);
  if (content === withoutOptional) return '200, without the optional source';
  if (content !== whole) return `200 ${content}`;
  if (staleHeader in headers) return stale;
  return expected === '200, last good data' ? expected : '200, complete';
}

/** Returns a body without the order of its groups and values, which has no meaning. */
function contentOf(body: string): string {
  const { groups, authorizations } = JSON.parse(body) as {
    groups: { name: string }[];
    authorizations: Record<string, string[]>;
  };
  const sorted = Object.entries(authorizations).map(([name, values]) => [name, values.sort()]);
  return JSON.stringify({ groups: groups.map(({ name }) => name).sort(), authorizations: Object.fromEntries(sorted) });
}

/** Waits until all responses are as expected. @returns `null`, or the difference. */
async function recovered(server: TestServer): Promise<string | null> {
  let trouble = '';
  const isWell = await settle(async () => {
    const [answer, nobody] = await Promise.all([lookUp(server, adaId), lookUp(server, nobodyId)]);
    trouble = `${answer.status} ${answer.body}, ${nobody.status} for nobody`;
    return answer.status === 200 && contentOf(answer.body) === whole && nobody.status === 404;
  });
  return isWell ? null : trouble;
}

/** Waits until a condition is true. @returns false when it did not become true. */
export async function settle(holds: () => boolean | Promise<boolean>): Promise<boolean> {
  for (const endMs = Date.now() + recoveryMs; Date.now() < endMs; await delay(50)) {
    if (await holds()) return true;
  }
  return false;
}

type NetworkFaultName = Extract<
  FaultName,
  | 'connection refused'
  | 'server accepts connections and never responds'
  | 'connection reset during a response'
  | 'response sent one byte at a time'
  | 'certificate for another name'
  | 'expired certificate'
  | 'idle connections closed'
  | 'idle connections discarded silently'
  | 'garbage bytes'
  | 'response for another user repeated'
>;

/** Expectations for a source with its own timeouts, which are shorter than the deadline. */
export const ownTimeOuts = {
  'server accepts connections and never responds': '504, then 503',
  'response sent one byte at a time': '504, then 503',
} as const;

/** Returns the cells of every network backend, tested through its proxy. */
export function networkCells(
  proxy: FaultProxy,
  shown: { readonly good: ShownPair; readonly wrongName: ShownPair; readonly expired: ShownPair },
  expected: Partial<Record<NetworkFaultName, Outcome>> = {},
  renumber: Renumber = (repeated) => repeated,
): Record<NetworkFaultName, FaultCell> {
  const cell = (name: NetworkFaultName, outcome: Outcome, inflict: () => unknown): FaultCell => ({
    expected: expected[name] ?? outcome,
    isOutage: !outcome.includes('200') && name !== 'response for another user repeated',
    untilComplete: outcome.includes('200'),
    inflict: async () => inflict(),
    heal: () => proxy.set({ kind: 'none' }),
    ...(name === 'response for another user repeated' && { firstUserid: graceId }),
  });
  const names = {
    'connection refused': ['503', () => proxy.set({ kind: 'refused' })],
    'server accepts connections and never responds': ['504', () => proxy.set({ kind: 'black-hole' })],
    'connection reset during a response': ['503', () => proxy.set({ kind: 'reset', afterBytes: 9 })],
    'response sent one byte at a time': ['504', () => proxy.set({ kind: 'drip', everyMs: 40 })],
    'certificate for another name': ['503', () => proxy.set({ kind: 'tls-here', shown: shown.wrongName })],
    'expired certificate': ['503', () => proxy.set({ kind: 'tls-here', shown: shown.expired })],
    'idle connections closed': ['200, complete', () => proxy.dropIdle()],
    'idle connections discarded silently': ['504, then 200, complete', () => proxy.set({ kind: 'forgotten' })],
    'garbage bytes': ['502', () => proxy.set({ kind: 'altered', createAlter: () => invert, shown: shown.good })],
    // The entry of another user counts as malformed data.
    'response for another user repeated': [
      '502',
      () => proxy.set({ kind: 'altered', createAlter: createRepeater(renumber), shown: shown.good }),
    ],
  } as const;
  const made = Object.entries(names) as [NetworkFaultName, readonly [Outcome, () => unknown]][];
  return Object.fromEntries(made.map(([name, [outcome, inflict]]) => [name, cell(name, outcome, inflict)])) as Record<
    NetworkFaultName,
    FaultCell
  >;
}

const invert: Alter = (bytes) => Buffer.from(bytes.map((byte) => byte ^ 0xff));

/** In protocols with message numbers, gives a repeated response the number of the response that it replaces. */
export type Renumber = (repeated: Buffer, current: Buffer) => Buffer;

/** Replaces responses for one user with the latest response for another. */
function createRepeater(renumber: Renumber): () => Alter {
  let repeated: Buffer | null = null;
  return () => (bytes) => {
    if (bytes.includes(graceId)) repeated = Buffer.from(bytes);
    return repeated !== null && bytes.includes(adaId) ? renumber(repeated, bytes) : bytes;
  };
}

type ShownPair = { readonly certificate: string; readonly key: string };

/** Returns the same reason for several faults. */
export function none<Name extends FaultName>(reason: string, ...names: Name[]): Record<Name, string> {
  return Object.fromEntries(names.map((name) => [name, reason])) as Record<Name, string>;
}
