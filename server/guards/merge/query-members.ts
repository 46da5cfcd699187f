// Calls the merged sources concurrently, each with its own userid, under one deadline.
import { type LookUpSignal, SourceError } from '../../adapters/user-source.ts';
import { LookUpAbort, onAbort } from '../lookup-abort.ts';
import type { Answer, Member } from './member.ts';
import { failureOf, type Outcome } from './outcome.ts';

/** Notified of failures that the answer does not show. */
export interface MergeObserver {
  /** Reports that the answer is sent without this member. */
  onOptionalFailed(member: Member, error: SourceError): void;
  onFallback(fallback: Member, instead: Member): void;
}

/**
 * Requests `members`, and the fallback of each one that needs it. When a required member fails, the others are aborted at once.
 *
 * @param checksDisabled whether to check, in a source that returns no user info, if the user is disabled there.
 * @returns one answer per member, in their order; only optional members can be failures.
 * @throws the failure of a required member, and any error that is not a SourceError, whichever member throws it.
 */
export async function queryMembers(
  members: readonly Member[],
  userid: string,
  signal: LookUpSignal,
  observer: MergeObserver,
  checksDisabled = false,
): Promise<Answer[]> {
  const own = new LookUpAbort();
  if (signal.aborted) own.abort(signal.reason);
  const stop = onAbort(signal, () => own.abort(signal.reason));
  const answers = new Map<string, Promise<Answer>>();

  async function queryOnce(member: Member, place = member.config.name): Promise<Answer> {
    const { from } = member.config.userid ?? {};
    let ownId: string | null = null;
    try {
      const origin = from === undefined ? null : ((await answers.get(from))?.outcome ?? null);
      ownId = member.translate(userid, origin);
      const found = ownId === null ? null : await member.source.findUser(ownId, own);
      if (found !== null) return { place, member, userid: ownId, outcome: { kind: 'found', user: found } };
      const isDisabled = ownId !== null && checksDisabled && ((await member.source.isDisabled?.(ownId, own)) ?? false);
      const outcome: Outcome = { kind: 'unknown', isDisabled };
      return { place, member, userid: ownId, outcome };
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return { place, member, userid: ownId, outcome: { kind: 'failed', error } };
    }
  }

  async function query(member: Member): Promise<Answer> {
    let answer = await queryOnce(member);
    const { fallback } = member;
    if (fallback && callsFor(fallback, answer.outcome) && !own.aborted) {
      observer.onFallback(fallback, member);
      answer = await queryOnce(fallback, member.config.name);
    }
    const { outcome } = answer;
    if (outcome.kind !== 'failed') return answer;
    if (member.config.required) throw failureOf(answer.member.config.name, outcome.error);
    return answer;
  }

  try {
    for (const member of members) answers.set(member.config.name, query(member));
    const all = await Promise.all(answers.values());
    for (const [index, { outcome }] of all.entries()) {
      const member = members[index];
      if (member && outcome.kind === 'failed') observer.onOptionalFailed(member, outcome.error);
    }
    return all;
  } catch (error) {
    // The abort reason states that the result is no longer needed, because the other members have not failed.
    own.abort(new SourceError('unavailable', 'merge: another source failed.'));
    throw error;
  } finally {
    stop();
  }
}

function callsFor(fallback: Member, outcome: Outcome): boolean {
  if (outcome.kind === 'failed') return outcome.error.kind === 'unavailable';
  // A disabled user was found: a fallback must not restore the access.
  return outcome.kind === 'unknown' && !outcome.isDisabled && fallback.config.fallbackOn === 'unavailable-or-not-found';
}
