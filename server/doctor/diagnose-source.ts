// Diagnosis of every source of a configuration: the adapter's own steps, then opening it, its check, and the lookup of a user.
import type {
  LoadedServerConfig,
  SharedCacheConfig,
  SourceConfig,
} from '../../schemas/generated/loaded-server-config.ts';
import { adapterOf } from '../adapters/registry.ts';
import type { AdapterLog, UserSource } from '../adapters/user-source.ts';
import {
  allowsNoGroupsIn,
  createGuardedSource,
  type GuardedSourceConfig,
  withoutCaches,
} from '../guards/create-guarded-source.ts';
import { GuardTallies } from '../guards/guard-tally.ts';
import { count, type Finding, type Findings, fails, failure, untried, works } from './probes/finding.ts';

export interface SourceDiagnosis {
  /** "source", or the name of a merged source: "directory"; of a shared cache "cache of source". */
  readonly place: string;
  readonly type: SourceConfig['type'] | 'redis';
  /** Made while they are read; to be read once, and those of one source after those before it. */
  readonly findings: AsyncGenerator<Finding>;
}

/** What is asked of each source beside its check. */
export interface DiagnosisOptions {
  /** A user to look up, as the server's rules leave it; `null`: nobody. Never shown. */
  readonly userid: string | null;
  /** Of a lookup. */
  readonly deadlineMs: number;
  /** As in `AdapterContext`. */
  readonly allowsNoGroups: boolean;
}

/**
 * Diagnoses every source of a configuration: merged sources first, then the merge, and before each its shared cache. A source
 * works without its shared cache. Nothing is read from caches.
 */
export function diagnoseSources(
  { source, guards, deadlineMs }: LoadedServerConfig,
  userid: string | null,
): SourceDiagnosis[] {
  const failed: string[] = [];
  return list({ source, ...(guards && { guards }) }, 'source', { userid, deadlineMs, allowsNoGroups: false }, failed);
}

/** @param failed places that did not work, filled as their findings are read. */
function list(
  config: GuardedSourceConfig,
  place: string,
  given: DiagnosisOptions,
  failed: string[],
): SourceDiagnosis[] {
  const { source, guards } = config;
  const allowsNoGroups = allowsNoGroupsIn(guards, given.allowsNoGroups);
  const options = { ...given, allowsNoGroups };
  const shared = guards?.cache?.shared;
  const members = source.type !== 'merge' ? [] : source.sources;
  const prefix = place === 'source' ? '' : `${place}/`;
  return [
    ...members.flatMap((member) => {
      // Another source knows the user by another name: only the merge can ask.
      const userid = member.userid === undefined ? options.userid : null;
      const memberOptions = { ...options, userid, allowsNoGroups: allowsNoGroups || member.gives === 'authorizations' };
      return list(member, `${prefix}${member.name}`, memberOptions, failed);
    }),
    ...(shared ? [{ place: `cache of ${place}`, type: 'redis' as const, findings: diagnoseCache(shared) }] : []),
    { place, type: source.type, findings: diagnose(config, place, options, failed) },
  ];
}

async function* diagnose(
  config: GuardedSourceConfig,
  place: string,
  options: DiagnosisOptions,
  failed: string[],
): AsyncGenerator<Finding> {
  const { source } = config;
  if (source.type === 'merge' && failed.length > 0) {
    // Opening it would try them once more, and an account that was refused is soon locked.
    yield fails('source', `not tried, since ${failed.join(', ')} failed`, 'fix these first');
    return;
  }
  const steps = source.type === 'merge' ? undefined : adapterOf(source).diagnose?.(source, options);
  if ((steps === undefined || (yield* steps)) && (yield* tryOut(config, options))) return;
  failed.push(place);
}

async function* diagnoseCache(config: SharedCacheConfig): AsyncGenerator<Finding> {
  yield* (await import('./diagnose-shared-cache.ts')).diagnoseSharedCache(config);
}

/** The source as the server would have it, in the server's own words. @returns whether it can be served from. */
async function* tryOut(
  config: GuardedSourceConfig,
  { userid, deadlineMs, allowsNoGroups }: DiagnosisOptions,
): Findings {
  let source: UserSource | null = null;
  try {
    const startMs = performance.now();
    const context = { log: silent, guardTallies: new GuardTallies(), allowsNoGroups };
    source = await createGuardedSource(withoutCaches(config), context);
    await source.check();
    const took = `(${Math.round(performance.now() - startMs)} ms)`;
    const status = source.status?.();
    const size = status === undefined ? '' : `, with ${count(status.users, 'user')}`;
    yield works('source', `can be served from${size} ${took}`);
    if (userid !== null) yield await lookUp(source, userid, deadlineMs);
    return true;
  } catch (error) {
    yield failure('source', error);
    return false;
  } finally {
    await source?.close();
  }
}

async function lookUp(source: UserSource, userid: string, deadlineMs: number): Promise<Finding> {
  const startMs = performance.now();
  try {
    const user = await source.findUser(userid, AbortSignal.timeout(deadlineMs));
    const took = `(${Math.round(performance.now() - startMs)} ms)`;
    if (user === null) {
      // Says whether nothing was found, or an entry that is disabled, or one of another spelling. It holds no user's data.
      const explained = await source.explainUser?.(userid, AbortSignal.timeout(deadlineMs));
      const reason = explained?.absent === undefined ? '' : `: ${explained.absent}`;
      return untried('user', `is not known, or disabled ${took}${reason}`);
    }
    const lists = Object.values(user.authorizations);
    const values = lists.reduce((sum, { length }) => sum + length, 0);
    const groups = count(user.groups.length, 'group');
    const authorizations = `${count(values, 'value')} of ${count(lists.length, 'authorization')}`;
    return works('user', `is found: ${groups}, ${authorizations} ${took}`);
  } catch (error) {
    return failure('user', error);
  }
}

/** What a source would log here is a finding, or nobody's business. */
const silent: AdapterLog = { info: () => undefined, warn: () => undefined, error: () => undefined };
