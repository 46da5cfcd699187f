// Source `merge`: several sources as one.
import { bufferOf } from '../../../schemas/encoded-user-info.ts';
import type { MergedSourceConfig, MergeSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import {
  type AdapterLog,
  type LookUpSource,
  SourceError,
  type SourceStatus,
  type UserSource,
} from '../../adapters/user-source.ts';
import { encodeUserInfo } from '../../answer.ts';
import { withAnswerRules } from '../answer-rules.ts';
import { withAbortSignals } from '../around-source.ts';
import type { GuardTally } from '../guard-tally.ts';
import { PassingUserInfo, StaleUserInfo } from '../passing-user-info.ts';
import { createSparingLog } from '../sparing-log.ts';
import { combineAnswers, isDisabled } from './combine-answers.ts';
import { explainMerge } from './explain-merge.ts';
import { type Answer, createMember, type Member } from './member.ts';
import { failureOf } from './outcome.ts';
import { type MergeObserver, queryMembers } from './query-members.ts';

export interface MergeContext {
  readonly log: AdapterLog;
  /** Creates the source of one member, with its own guards. */
  open(member: MergedSourceConfig, log: AdapterLog): Promise<UserSource>;
  tallyOf(name: string): GuardTally;
}

/** An opened source, with its position in the configuration. */
interface Opened {
  readonly config: MergedSourceConfig;
  readonly source: UserSource;
}

/**
 * Opens all sources and combines them into one. A source that cannot be opened, even an optional one, prevents the server from starting, because the
 * configuration has an error. The check of a source may fail if the source is optional, or is unavailable and has a fallback whose check succeeds.
 *
 * @throws {SourceError} the error of the first source that cannot be opened; the sources opened before it are closed.
 */
export async function createMergeSource(config: MergeSourceConfig, context: MergeContext): Promise<LookUpSource> {
  const opened = await openAll(config.sources, context);
  const memberOf = ({ config: own, source }: Opened): Member => {
    const fallback = opened.find(({ config: { fallbackFor } }) => fallbackFor === own.name);
    // Answers are validated before they are merged: a part of an invalid answer must not be taken for a complete answer.
    const validated = withAnswerRules(withAbortSignals(source), undefined, context.tallyOf(own.name));
    return createMember(own, validated, fallback ? memberOf(fallback) : null);
  };
  const members = opened.filter(({ config: { fallbackFor } }) => fallbackFor === undefined).map(memberOf);
  const observer = createObserver(config.sources, context);
  const checksDisabled = config.disabled === 'any';

  return {
    takesLookUpSignal: true,
    ...(opened.every(({ source }) => source.answersFromMemory) && { answersFromMemory: true }),
    async findUser(userid, signal) {
      const answers = await queryMembers(members, userid, signal, observer, checksDisabled);
      const merged = combineAnswers(answers, config);
      return merged && markAsPassing(merged, answers);
    },
    async explainUser(userid, signal) {
      const answers = await queryMembers(members, userid, signal, observer, checksDisabled);
      return explainMerge(combineAnswers(answers, config), answers, signal);
    },
    async isDisabled(userid, signal) {
      return (await queryMembers(members, userid, signal, observer, checksDisabled)).some(isDisabled);
    },
    async check() {
      await Promise.all(members.map((member) => checkMember(member, context.log)));
    },
    async close() {
      for (const { source } of opened) await source.close();
    },
    ...(opened.some(({ source }) => source.status) && { status: () => statusOf(config, opened) }),
  };
}

/** Marks an answer that lacks a source or contains an expired part as incomplete or expired as a whole. */
function markAsPassing(merged: UserInfo, answers: readonly Answer[]): UserInfo {
  let isPassing = false;
  let ageSeconds: number | null = null;
  for (const { outcome } of answers) {
    if (outcome.kind === 'failed') isPassing = true;
    if (outcome.kind !== 'found' || !(outcome.user instanceof PassingUserInfo)) continue;
    isPassing = true;
    if (outcome.user instanceof StaleUserInfo) ageSeconds = Math.max(ageSeconds ?? 0, outcome.user.ageSeconds);
  }
  if (!isPassing) return merged;
  const json = bufferOf(encodeUserInfo(merged));
  return ageSeconds === null ? new PassingUserInfo(json) : new StaleUserInfo(json, ageSeconds);
}

async function openAll(members: readonly MergedSourceConfig[], { log, open }: MergeContext): Promise<Opened[]> {
  const opened: Opened[] = [];
  try {
    for (const config of members) opened.push({ config, source: await open(config, namedLog(log, config.name)) });
    return opened;
  } catch (error) {
    for (const { source } of opened) await source.close();
    throw error;
  }
}

/** Prefixes each line with its source. */
function namedLog(log: AdapterLog, source: string): AdapterLog {
  return {
    info: (details, message) => log.info({ source, ...details }, message),
    warn: (details, message) => log.warn({ source, ...details }, message),
    error: (details, message) => log.error({ source, ...details }, message),
  };
}

function createObserver(members: readonly MergedSourceConfig[], { log, tallyOf }: MergeContext): MergeObserver {
  const warnOf = new Map(members.map(({ name }) => [name, createSparingLog(log)]));
  // Each counter exists from the start, at 0, so that alerts can use it.
  const countFailed = new Map(
    members
      .filter(({ required }) => !required)
      .map(({ name }) => [name, tallyOf(name).counter('optional-source-failed')]),
  );
  const countFallback = new Map(
    members
      .filter(({ fallbackFor }) => fallbackFor !== undefined)
      .map(({ name }) => [name, tallyOf(name).counter('fallback-used')]),
  );
  return {
    onOptionalFailed({ config: { name } }, error) {
      countFailed.get(name)?.();
      warnOf.get(name)?.(
        { source: name, reason: error.message },
        'merge: responses lack the data of an optional source',
      );
    },
    onFallback({ config: { name } }, instead) {
      countFallback.get(name)?.();
      warnOf.get(name)?.({ source: name, instead: instead.config.name }, 'merge: a fallback is in use');
    },
  };
}

async function checkMember(member: Member, log: AdapterLog): Promise<void> {
  const { name, required } = member.config;
  try {
    await member.source.check();
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    if (member.fallback && error.kind === 'unavailable') await checkMember(member.fallback, log);
    else if (required) throw failureOf(name, error);
    log.warn({ source: name, reason: error.message }, 'merge: the check of a source failed');
  }
}

/** Returns the combined status: as old as the oldest data, with a new generation as soon as any source has a new generation. */
function statusOf({ identity }: MergeSourceConfig, opened: readonly Opened[]): SourceStatus {
  const known = opened.flatMap(({ config: { name }, source }) => {
    const status = source.status?.();
    return status ? [{ name, ...status }] : [];
  });
  const deciding = known.find(({ name }) => name === identity);
  const reasons = known.flatMap(({ name, staleReason }) => (staleReason === null ? [] : [`${name}: ${staleReason}`]));
  return {
    // The overlap is unknown, but there are at least as many users as in the largest source.
    users: deciding?.users ?? Math.max(...known.map(({ users }) => users)),
    generation: known.reduce((sum, { generation }) => sum + generation, 0),
    loadedAtMs: Math.min(...known.map(({ loadedAtMs }) => loadedAtMs)),
    staleReason: reasons.length === 0 ? null : reasons.join(' '),
  };
}
