// Owns asking the merged sources: all at once, each for its own userid, with one end for all.
import { SourceError } from '../../adapters/user-source.ts';
import type { Answer, Member } from './member.ts';
import type { Outcome } from './outcome.ts';

/** Told of what the answer does not show. */
export interface MergeObserver {
  /** The answer goes without this member. */
  onOptionalFailed(member: Member, error: SourceError): void;
  onFallback(fallback: Member, instead: Member): void;
}

/**
 * Asks `members` (fallbacks are behind theirs). When a required one fails, the others are let go at once.
 *
 * @returns one answer a member, in their order; only those that are not required can be failures.
 * @throws the failure of a required member; anything that is not a SourceError, whoever throws it.
 */
export async function askMembers(
  members: readonly Member[],
  userid: string,
  signal: AbortSignal,
  observer: MergeObserver,
): Promise<Answer[]> {
  const controller = new AbortController();
  const abort = () => controller.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  const answers = new Map<string, Promise<Answer>>();

  async function askOnce(member: Member, place = member.config.name): Promise<Answer> {
    const { from } = member.config.userid ?? {};
    let own: string | null = null;
    try {
      const origin = from === undefined ? null : ((await answers.get(from))?.outcome ?? null);
      own = member.translate(userid, origin);
      const found = own === null ? null : await member.source.findUser(own, controller.signal);
      const outcome: Outcome = found === null ? { kind: 'unknown' } : { kind: 'found', user: found };
      return { place, member, userid: own, outcome };
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return { place, member, userid: own, outcome: { kind: 'failed', error } };
    }
  }

  async function ask(member: Member): Promise<Answer> {
    let answer = await askOnce(member);
    const { fallback } = member;
    if (fallback && callsFor(fallback, answer.outcome) && !controller.signal.aborted) {
      observer.onFallback(fallback, member);
      answer = await askOnce(fallback, member.config.name);
    }
    const { outcome } = answer;
    if (outcome.kind !== 'failed') return answer;
    if (member.config.required) throw outcome.error;
    return answer;
  }

  try {
    for (const member of members) answers.set(member.config.name, ask(member));
    const all = await Promise.all(answers.values());
    for (const [index, { outcome }] of all.entries()) {
      const member = members[index];
      if (member && outcome.kind === 'failed') observer.onOptionalFailed(member, outcome.error);
    }
    return all;
  } catch (error) {
    // The reason says that nobody waits any more; it is not the others' fault.
    controller.abort(new SourceError('unavailable', 'merge: another source failed.'));
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function callsFor(fallback: Member, outcome: Outcome): boolean {
  if (outcome.kind === 'failed') return outcome.error.kind === 'unavailable';
  return outcome.kind === 'unknown' && fallback.config.fallbackOn === 'unavailable-or-not-found';
}
