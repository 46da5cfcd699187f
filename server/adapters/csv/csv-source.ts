// Adapter `csv`: a file of users, served from memory and reloaded when it changes.
import { statSync } from 'node:fs';
import type { CsvSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { invalidOptions } from '../adapter.ts';
import { keepFile, type LoadOutcome } from '../kept-file.ts';
import type { AdapterContext, LookUpSource } from '../user-source.ts';
import { describeFaults } from './csv-faults.ts';
import { csvOptionRules, findEncoding } from './csv-option-rules.ts';
import { loadInWorker } from './load-in-worker.ts';
import { loadPacked } from './packed-engine.ts';
import { createPackedUsers } from './packed-users.ts';
import type { CsvLoadOutcome, CsvUsers } from './read-csv-file.ts';

/** Up to this size, a load takes a few milliseconds: less than starting a thread, which would delay the startup of the server. */
const maxBytesWithoutThread = 512 * 1024;

/**
 * Loads the file and keeps it loaded, as `keepFile` does.
 *
 * @throws {SourceError} `unavailable`: the file cannot be read, or an option is invalid; `bad-answer`: the file is invalid, and the message contains
 * each error with its line.
 */
export async function createCsvSource(config: CsvSourceConfig, { log }: AdapterContext): Promise<LookUpSource> {
  const optionFaults = csvOptionRules.flatMap(({ findFaults }) => findFaults(config));
  const encoding = findEncoding(config.encoding);
  if (encoding === null || optionFaults.length > 0) throw invalidOptions(optionFaults);
  const { path, pollSeconds, maxShrinkPercent } = config;
  const file = await keepFile<CsvUsers>(
    {
      ...{ kind: 'csv', path, pollSeconds, maxShrinkPercent },
      load: async (knownDigests, signal) => describeRefusals(await loadUsers(config, encoding, knownDigests, signal)),
      sizesOf: ({ size }) => ({ users: size }),
    },
    log,
  );
  return {
    answersFromMemory: true,
    takesLookUpSignal: true,
    findUserInMemory: (userid) => file.data.find(userid),
    async findUser(userid) {
      return file.data.find(userid);
    },
    isDisabled: async (userid) => file.data.isDisabled(userid),
    async explainUser(userid) {
      const { explainCsvUser } = await import('./explain-csv-user.ts');
      return explainCsvUser(config, encoding, userid);
    },
    // There are always users to serve, possibly old ones: readiness shows the age in `status`.
    async check() {},
    close: () => file.close(),
    status: () => ({
      users: file.data.size,
      generation: file.generation,
      loadedAtMs: file.loadedAtMs,
      staleReason: file.staleReason,
    }),
  };
}

async function loadUsers(
  config: CsvSourceConfig,
  encoding: string,
  knownDigests: readonly string[],
  signal: AbortSignal,
): Promise<CsvLoadOutcome<CsvUsers>> {
  const outcome = isLarge(config.path)
    ? await loadInWorker({ config, encoding, knownDigests }, signal)
    : await unreadableAsOutcome(async () => loadPacked(config, encoding, knownDigests));
  if (outcome.kind !== 'loaded') return outcome;
  return { ...outcome, loaded: createPackedUsers(outcome.loaded, config.caseInsensitive) };
}

/** Returns whether a file is large. A file that cannot be examined counts as small, and the load reports the reason. */
function isLarge(path: string): boolean {
  try {
    return statSync(path).size > maxBytesWithoutThread;
  } catch {
    return false;
  }
}

async function unreadableAsOutcome<Users>(load: () => Promise<CsvLoadOutcome<Users>>): Promise<CsvLoadOutcome<Users>> {
  try {
    return await load();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { kind: 'unreadable', code };
  }
}

function describeRefusals(outcome: CsvLoadOutcome<CsvUsers>): LoadOutcome<CsvUsers> {
  if (outcome.kind !== 'refused') return outcome;
  const { kind, digest, faults, isCut } = outcome;
  const [first] = faults;
  const more = faults.length > 1 ? ` (and ${isCut ? 'at least ' : ''}${faults.length - 1} more)` : '';
  const reason =
    first === undefined ? 'the file is invalid' : `the file is invalid: line ${first.line}: ${first.rule}${more}`;
  return { kind, digest, reason, report: `it has errors:\n${describeFaults(faults, isCut)}` };
}
