// Diagnosis of every source of a configuration: the adapter's own steps, then opening it, its check, and the lookup of a user.
import type {
  LoadedServerConfig,
  SharedCacheConfig,
  SourceConfig,
} from '../../schemas/generated/loaded-server-config.ts';
import { displayPath, type OptionPath } from '../../schemas/server-config-schema.ts';
import { adapterOf } from '../adapters/adapter-of.ts';
import type { AdapterLog, UserSource } from '../adapters/user-source.ts';
import type { Override } from '../config/environment-overrides.ts';
import {
  allowsNoGroupsIn,
  createGuardedSource,
  type GuardedSourceConfig,
  withoutCaches,
} from '../guards/create-guarded-source.ts';
import { GuardTallies } from '../guards/guard-tally.ts';
import { count, type Finding, type Findings, fails, failure, untried, works } from './probes/finding.ts';

export interface SourceDiagnosis {
  /** "source", the name of a merged source such as "directory", or "cache of source" for a shared cache. */
  readonly place: string;
  readonly type: SourceConfig['type'] | 'redis';
  /** Findings are created while they are read: read them only once, and read the diagnoses in order. */
  readonly findings: AsyncGenerator<Finding>;
}

/** Options for the diagnosis of each source. */
export interface DiagnosisOptions {
  /** The userid to look up, after the server's userid rules are applied; `null`: none. Never shown. */
  readonly userid: string | null;
  /** Of a lookup. */
  readonly deadlineMs: number;
  /** As in `AdapterContext`. */
  readonly allowsNoGroups: boolean;
}

/** A diagnosis with the path of the section that contains `source` and `guards`, or of the shared cache itself. */
type PlacedDiagnosis = SourceDiagnosis & { readonly path: OptionPath };

/**
 * Diagnoses every source of a configuration: merged sources first, then the merge; the shared cache of each source is diagnosed before the source. A
 * source works without its shared cache. Nothing is read from caches.
 *
 * @param overrides options that environment variables set: the overrides of a source are its first findings.
 */
export function diagnoseSources(
  { source, guards, deadlineMs }: LoadedServerConfig,
  userid: string | null,
  overrides: readonly Override[] = [],
): SourceDiagnosis[] {
  const config = { source, ...(guards && { guards }) };
  const placed = list(config, 'source', [], { userid, deadlineMs, allowsNoGroups: false }, []);
  const paths = placed.map(({ path }) => path);
  return placed.map(({ path, findings, ...diagnosis }) => ({
    ...diagnosis,
    findings: withOverrides(
      overrides.filter((override) => concerns(override, path, paths)),
      findings,
    ),
  }));
}

const startsWith = (path: OptionPath, start: OptionPath) => start.every((key, index) => key === path[index]);

/** Returns whether a variable sets the section at `path`, or an option that belongs to it and not to a section within it. */
function concerns({ path: option }: Override, path: OptionPath, paths: readonly OptionPath[]): boolean {
  if (option[0] !== 'source' && option[0] !== 'guards') return false;
  if (startsWith(path, option)) return true;
  const isInner = (other: OptionPath) => other.length > path.length && startsWith(option, other);
  return startsWith(option, path) && !paths.some(isInner);
}

async function* withOverrides(overrides: readonly Override[], findings: AsyncGenerator<Finding>) {
  for (const { path, variable } of overrides) {
    yield works('override', `${displayPath(path)} is set by the environment variable ${variable}`);
  }
  yield* findings;
}

/**
 * Lists the diagnoses. @param path path of the section that contains `config`.
 * @param failed receives each place with a failure as its findings are read.
 */
function list(
  config: GuardedSourceConfig,
  place: string,
  path: OptionPath,
  given: DiagnosisOptions,
  failed: string[],
): PlacedDiagnosis[] {
  const { source, guards } = config;
  const allowsNoGroups = allowsNoGroupsIn(guards, given.allowsNoGroups);
  const options = { ...given, allowsNoGroups };
  const shared = guards?.cache?.shared;
  const members = source.type !== 'merge' ? [] : source.sources;
  const prefix = place === 'source' ? '' : `${place}/`;
  return [
    ...members.flatMap((member, index) => {
      // If the member has the option `userid`, it identifies the user by a different userid, which only the merge can determine.
      const userid = member.userid === undefined ? options.userid : null;
      const memberOptions = { ...options, userid, allowsNoGroups: allowsNoGroups || member.gives === 'authorizations' };
      const memberPath = [...path, 'source', 'sources', String(index)];
      return list(member, `${prefix}${member.name}`, memberPath, memberOptions, failed);
    }),
    ...(shared
      ? [
          {
            place: `cache of ${place}`,
            type: 'redis' as const,
            path: [...path, 'guards', 'cache', 'shared'],
            findings: diagnoseCache(shared),
          },
        ]
      : []),
    { place, type: source.type, path, findings: diagnose(config, place, options, failed) },
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
    // Opening the merge would contact these sources once more, and a rejected account could be locked.
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

/** Opens, checks and queries the source as the server would, with the server's messages. @returns whether the source can serve. */
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
    yield works('source', `is ready${size} ${took}`);
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
      // States whether nothing, a disabled entry, or an entry with a different spelling was found. It contains no user data.
      const explained = await source.explainUser?.(userid, AbortSignal.timeout(deadlineMs));
      const reason = explained?.absent === undefined ? '' : `: ${explained.absent}`;
      return untried('user', `is unknown or disabled ${took}${reason}`);
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

/** Messages that a source would log are either reported as findings or irrelevant here. */
const silent: AdapterLog = { info: () => undefined, warn: () => undefined, error: () => undefined };
