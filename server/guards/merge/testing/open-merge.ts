// Opens a merge for tests: its configuration is read as if from a file, and its sources come from the test.
import type { MergeSourceConfig, StaticUserConfig } from '../../../../schemas/generated/loaded-server-config.ts';
import type { UserInfo } from '../../../../schemas/generated/user-info.ts';
import { parseConfig } from '../../../../tests/start-server.ts';
import { createStaticSource } from '../../../adapters/static/static-source.ts';
import { SourceError, type SourceErrorKind, type UserSource } from '../../../adapters/user-source.ts';
import { GuardTallies } from '../../guard-tally.ts';
import { neverAborted } from '../../testing/scripted-source.ts';
import { createMergeSource } from '../merge-source.ts';

/** The options of a merged source as in a file; its `source` comes from the test. */
export type MemberOptions = { readonly name: string } & Readonly<Record<string, unknown>>;

/** @throws {ConfigError} as at startup. */
export function mergeConfigOf(options: object, members: readonly MemberOptions[]): MergeSourceConfig {
  const nobody = { type: 'static', users: {} };
  const sources = members.map((member) => ({ source: nobody, ...member }));
  const whole = { authentication: { mode: 'none' }, source: { type: 'merge', identity: 'any', ...options, sources } };
  const context = { fileName: 'merge.json', baseDirectory: '/', environment: {} };
  const { source } = parseConfig(JSON.stringify(whole), context);
  if (source.type !== 'merge') throw new Error('not a merge');
  return source;
}

export interface OpenMerge {
  readonly source: UserSource;
  readonly lines: ReadonlyArray<Readonly<Record<string, unknown>>>;
  /** Returns the count of an event for a source. */
  count(name: string, event: string): number | undefined;
}

export async function openMerge(
  config: MergeSourceConfig,
  sources: Readonly<Record<string, UserSource>>,
): Promise<OpenMerge> {
  const tallies = new GuardTallies();
  const lines: Array<Record<string, unknown>> = [];
  const keep = (details: object, message: string) => void lines.push({ ...details, message });
  const source = await createMergeSource(config, {
    log: { info: keep, warn: keep, error: keep },
    tallyOf: (name) => tallies.of(name),
    async open({ name }) {
      const own = sources[name];
      if (!own) throw new Error(`the test has no source ${name}`);
      return own;
    },
  });
  return { source, lines, count: (name, event) => Object.fromEntries(tallies.of(name).counts())[event] };
}

type Users = Readonly<Record<string, Partial<StaticUserConfig>>>;

/** Creates a real source with these users. */
export function knows(users: Users): UserSource {
  const whole = Object.entries(users).map(([userid, user]): [string, StaticUserConfig] => [
    userid,
    { disabled: false, groups: [], authorizations: {}, ...user },
  ]);
  return createStaticSource({ type: 'static', users: Object.fromEntries(whole) });
}

/** Creates a source whose lookups all fail. */
export function fails(kind: SourceErrorKind, message: string = kind): UserSource {
  return { ...knows({}), findUser: () => Promise.reject(new SourceError(kind, message)) };
}

/** A source without users. */
export const nobody = knows({});
/** Options of an optional source. */
export const optional = { required: false, mayShrinkAccess: true };

/** Opens a merge of these sources and looks up a user once. @returns the answer, or the kind of its SourceError. */
export async function find(
  options: object,
  members: ReadonlyArray<readonly [MemberOptions, UserSource]>,
  userid = 'ada',
): Promise<UserInfo | null | SourceErrorKind> {
  const config = mergeConfigOf(
    options,
    members.map(([member]) => member),
  );
  const { source } = await openMerge(config, Object.fromEntries(members.map(([{ name }, own]) => [name, own])));
  try {
    const found = await source.findUser(userid, neverAborted());
    // Returns only the content, because an answer that lacks a source has its own class.
    return found && { groups: found.groups, authorizations: found.authorizations };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return error.kind;
  }
}
