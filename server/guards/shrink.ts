// Shrink guard: does not immediately accept user info that lost much of its content since the last lookup of the same user.
import { LRUCache } from 'lru-cache';
import type { ShrinkConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import { type LookUpSignal, type LookUpSource, SourceError } from '../adapters/user-source.ts';
import { type AnswerPrint, AnswerPrinter, isSamePrint, lossPercentOf } from './answer-print.ts';
import { aroundSource } from './around-source.ts';
import type { GuardTally } from './guard-tally.ts';

/** Record of a user. */
interface Remembered {
  /** The last answer that was returned. */
  readonly given: AnswerPrint;
  /** The shrunk answer that is withheld, and the time since when it has been withheld. */
  readonly pending: { readonly print: AnswerPrint; readonly sinceMs: number } | null;
}

/**
 * Compares each answer with the last answer returned for the same user, separately for groups and for values. An answer that lost more than
 * `maxLossPercent` is either requested again or withheld. With `ask-again`, the second result is returned if it lost less, or is the same as the
 * first. With `hold-back`, the answer is a bad answer until it has been the same for `holdSeconds`. Only userids and keyed hashes of answers are
 * stored, for at most `maxUsers` users. The first answer after a start is not compared. "No such user" is passed on.
 *
 * @throws {SourceError} 'bad-answer' (502) for an answer that is withheld.
 */
export function withShrinkGuard(
  source: LookUpSource,
  config: ShrinkConfig,
  tally: GuardTally,
  now: () => number,
): LookUpSource {
  const users = new LRUCache<string, Remembered>({ max: config.maxUsers });
  const printer = new AnswerPrinter();
  const countAskedAgain = tally.counter('shrink-asked-again');
  const countHeldBack = tally.counter('shrink-held-back');

  const isShrunk = (given: AnswerPrint, print: AnswerPrint) => lossPercentOf(given, print) > config.maxLossPercent;

  function give(userid: string, answer: UserInfo, print: AnswerPrint): UserInfo {
    users.set(userid, { given: print, pending: null });
    return answer;
  }

  async function lookUpAgain(userid: string, given: AnswerPrint, first: AnswerPrint, signal: LookUpSignal) {
    countAskedAgain();
    const answer = await source.findUser(userid, signal);
    if (answer === null) return null;
    const print = printer.printOf(answer);
    if (!isShrunk(given, print) || isSamePrint(first, print)) return give(userid, answer, print);
    countHeldBack();
    throw new SourceError(
      'bad-answer',
      'In two consecutive lookups, the user lost much of their access, a different part each time. The source is changing or returns partial results.',
    );
  }

  function holdBack(userid: string, { given, pending }: Remembered, answer: UserInfo, print: AnswerPrint): UserInfo {
    const sinceMs = pending && isSamePrint(pending.print, print) ? pending.sinceMs : now();
    if (now() - sinceMs >= config.holdSeconds * 1000) return give(userid, answer, print);
    users.set(userid, { given, pending: { print, sinceMs } });
    countHeldBack();
    throw new SourceError(
      'bad-answer',
      `The result lost more than guards.shrink.maxLossPercent (${config.maxLossPercent}) of the user's access. It is held back until it has remained the same for holdSeconds (${config.holdSeconds}). After a restart, it is accepted at once.`,
    );
  }

  return aroundSource(source, {
    ...(source.answersFromMemory && { answersFromMemory: true }),
    async findUser(userid, signal) {
      const answer = await source.findUser(userid, signal);
      if (answer === null) return null;
      const remembered = users.get(userid);
      if (remembered?.pending === null && printer.isPrintOf(remembered.given, answer)) return answer;
      const print = printer.printOf(answer);
      if (!remembered || !isShrunk(remembered.given, print)) return give(userid, answer, print);
      return config.action === 'ask-again'
        ? lookUpAgain(userid, remembered.given, print, signal)
        : holdBack(userid, remembered, answer, print);
    },
  });
}
