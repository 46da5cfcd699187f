// Owns the adapter `csv`: a file of users, served from memory and reloaded when it changes.
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CsvSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { type AdapterContext, type LookUpSource, SourceError } from '../user-source.ts';
import { findOptionFaults } from './csv-columns.ts';
import { describeFaults } from './csv-faults.ts';
import { loadWithCsvParse } from './csv-parse-engine.ts';
import { findEncoding } from './csv-text.ts';
import type { CsvUsers, LoadOutcome } from './csv-users.ts';
import { explainCsvUser } from './explain-csv-user.ts';
import { type ChangeHint, watchFile } from './file-watcher.ts';
import { loadInWorker } from './load-in-worker.ts';
import { createPackedUsers } from './packed-users.ts';

/** What is served. */
interface Served {
  readonly users: CsvUsers;
  readonly digest: string;
  readonly generation: number;
  readonly loadedAtMs: number;
}

const changingRetryMs = 300;
const changingRetriesAtStart = 20;

/**
 * Loads the file and keeps it loaded. A file that can't be used never replaces the data in use: `status().staleReason` says
 * why, until a good one comes.
 *
 * @throws {SourceError} `unavailable`: the file can't be read, or an option is wrong; `bad-answer`: it is faulty, and the
 *   message has each fault with its line.
 */
export async function createCsvSource(config: CsvSourceConfig, { log }: AdapterContext): Promise<LookUpSource> {
  const encoding = assertOptions(config);
  const closing = new AbortController();
  const fileName = basename(config.path);
  const load = (knownDigests: readonly string[]) => loadUsers(config, encoding, knownDigests, closing.signal);

  let served = await loadFirst(config, load);
  let staleReason: string | null = null;
  /** Of bytes that were refused, so that a poll does not refuse, and report, them again. */
  let refusedDigest: string | null = null;
  let lastSignature = fileSignature(config.path);
  let wanted: ChangeHint | null = null;
  let reloading: Promise<void> | null = null;
  log.info({ file: fileName, users: served.users.size }, 'csv: loaded');

  function refuse(reason: string, details: object): void {
    if (reason === staleReason) return;
    staleReason = reason;
    log.error({ file: fileName, ...details }, `csv: ${reason}; the data in use goes on being served`);
  }

  function accept(message: string): void {
    staleReason = null;
    refusedDigest = null;
    log.info({ file: fileName, users: served.users.size, generation: served.generation }, `csv: ${message}`);
  }

  function take(outcome: LoadOutcome<CsvUsers>): void {
    switch (outcome.kind) {
      case 'unchanged':
        if (outcome.digest === served.digest && staleReason !== null) accept('the file is again what is served');
        break;
      case 'changing':
        // An event follows when the writer is done, but not on every mount.
        void delay(changingRetryMs, undefined, { ref: false }).then(() => requestReload('poll'));
        break;
      case 'unreadable':
        refuse(`the file can't be read (${outcome.code})`, { code: outcome.code });
        break;
      case 'refused':
        refusedDigest = outcome.digest;
        refuse(summarise(outcome), { faults: describeFaults(outcome.faults, outcome.isCut) });
        break;
      case 'loaded': {
        const { size } = outcome.loaded;
        if (size * 100 < served.users.size * (100 - config.maxShrinkPercent)) {
          refusedDigest = outcome.digest;
          const counts = `${size} users where ${served.users.size} are in use`;
          refuse(`the file shrank by more than maxShrinkPercent (${config.maxShrinkPercent}): ${counts}`, {
            users: size,
          });
          break;
        }
        served = {
          users: outcome.loaded,
          digest: outcome.digest,
          generation: served.generation + 1,
          loadedAtMs: Date.now(),
        };
        accept('reloaded');
      }
    }
  }

  async function reload(hint: ChangeHint): Promise<void> {
    const signature = fileSignature(config.path);
    // Folders are noisy; a poll looks at the content whatever the signature says.
    if (hint === 'event' && signature === lastSignature) return;
    lastSignature = signature;
    try {
      take(await load([served.digest, ...(refusedDigest === null ? [] : [refusedDigest])]));
    } catch (error) {
      if (!closing.signal.aborted) refuse('loading the file failed', { error: String(error) });
    }
  }

  /** One reload at a time; what is asked for during one is done after it. */
  function requestReload(hint: ChangeHint): void {
    if (closing.signal.aborted) return;
    wanted = wanted === 'poll' ? 'poll' : hint;
    reloading ??= (async () => {
      while (wanted !== null && !closing.signal.aborted) {
        const next = wanted;
        wanted = null;
        await reload(next);
      }
    })().finally(() => {
      reloading = null;
    });
  }

  const watcher = watchFile(config.path, config.pollSeconds, requestReload);
  // What happened between the load and the watch.
  requestReload('event');

  return {
    answersFromMemory: true,
    takesLookUpSignal: true,
    recallUser: (userid) => served.users.find(userid),
    async findUser(userid) {
      return served.users.find(userid);
    },
    explainUser: (userid) => explainCsvUser(config, encoding, userid),
    // There are always users to serve, if old ones: readiness sees the age in `status`.
    async check() {},
    async close() {
      closing.abort();
      watcher.close();
      await reloading;
    },
    status: () => ({
      users: served.users.size,
      generation: served.generation,
      loadedAtMs: served.loadedAtMs,
      staleReason,
    }),
  };
}

/** Returns the encoding's canonical name. */
function assertOptions(config: CsvSourceConfig): string {
  const encoding = findEncoding(config.encoding);
  const faults = findOptionFaults(config);
  if (encoding === null) {
    faults.push(
      `There is no encoding \`${config.encoding}\`; names are those of the WHATWG, e.g. utf-8 or windows-1252.`,
    );
  }
  if (encoding === null || faults.length > 0) {
    throw new SourceError('unavailable', `The options of the csv source are wrong. ${faults.join(' ')}`);
  }
  return encoding;
}

async function loadUsers(
  config: CsvSourceConfig,
  encoding: string,
  knownDigests: readonly string[],
  signal: AbortSignal,
): Promise<LoadOutcome<CsvUsers>> {
  if (config.engine === 'packed') {
    const outcome = await loadInWorker({ config, encoding, knownDigests }, signal);
    if (outcome.kind !== 'loaded') return outcome;
    return { ...outcome, loaded: createPackedUsers(outcome.loaded, config.caseInsensitive) };
  }
  try {
    return await loadWithCsvParse(config, encoding, knownDigests);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { kind: 'unreadable', code };
  }
}

async function loadFirst(
  config: CsvSourceConfig,
  load: (knownDigests: readonly string[]) => Promise<LoadOutcome<CsvUsers>>,
): Promise<Served> {
  for (let retry = 0; retry < changingRetriesAtStart; retry++) {
    const outcome = await load([]).catch((error: unknown) => {
      throw new SourceError('unavailable', `Loading ${config.path} failed.`, { cause: error });
    });
    switch (outcome.kind) {
      case 'loaded':
        return { users: outcome.loaded, digest: outcome.digest, generation: 1, loadedAtMs: Date.now() };
      case 'unreadable':
        throw new SourceError('unavailable', `${config.path} can't be read (${outcome.code}).`);
      case 'refused':
        throw new SourceError(
          'bad-answer',
          `${config.path} is refused, it has faults:\n${describeFaults(outcome.faults, outcome.isCut)}`,
        );
      default:
        await delay(changingRetryMs);
    }
  }
  throw new SourceError('unavailable', `${config.path} is being written to all the time; replace it by renaming.`);
}

function summarise({ faults, isCut }: { faults: readonly { line: number; rule: string }[]; isCut: boolean }): string {
  const [first] = faults;
  const more = faults.length > 1 ? ` (and ${faults.length - 1}${isCut ? ' or more' : ''} more)` : '';
  return first === undefined ? 'the file is faulty' : `the file is faulty: line ${first.line}: ${first.rule}${more}`;
}

/** Differs when the file was replaced or written to, as far as its file system tells. Symlinks are followed. */
function fileSignature(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? 'missing' : [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(':');
}
