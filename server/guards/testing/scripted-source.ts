// Scripted source for the tests of guards: each lookup waits until the test settles it.
import { setImmediate } from 'node:timers/promises';
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import {
  type AdapterLog,
  type LookUpSignal,
  type LookUpSource,
  SourceError,
  type SourceErrorKind,
} from '../../adapters/user-source.ts';
import { GuardTally } from '../guard-tally.ts';

export interface AskedLookUp {
  readonly userid: string;
  readonly signal: LookUpSignal;
  answer(user: UserInfo | null): void;
  fail(kind: SourceErrorKind): void;
}

export interface ScriptedSource extends LookUpSource {
  /** Every lookup that reached the source, in order. */
  readonly asked: AskedLookUp[];
  /** The version in `status`; the test increases it to simulate a reload. */
  generation: number;
}

export function createScriptedSource(): ScriptedSource {
  const asked: AskedLookUp[] = [];
  return {
    takesLookUpSignal: true,
    asked,
    generation: 1,
    findUser: (userid, signal) =>
      new Promise((resolve, reject) => {
        asked.push({
          userid,
          signal,
          answer: resolve,
          fail: (kind) => reject(new SourceError(kind, `scripted: ${kind}`)),
        });
      }),
    async check() {},
    async close() {},
    status() {
      return { users: 1, generation: this.generation, loadedAtMs: 0, staleReason: null };
    },
  };
}

/** Creates a source that answers each lookup with the result of `answer`, and counts the lookups. */
export function createAnsweringSource(answer: (userid: string) => UserInfo | null): LookUpSource & { calls: number } {
  return {
    takesLookUpSignal: true,
    calls: 0,
    async findUser(userid) {
      this.calls += 1;
      return answer(userid);
    },
    async check() {},
    async close() {},
  };
}

/** Returns a user in these groups. */
export function userIn(...groups: string[]): UserInfo {
  return { groups: groups.map((name) => ({ name })), authorizations: {} };
}

export function groupsOf(user: UserInfo | null): string[] | null {
  return user === null ? null : user.groups.map(({ name }) => name);
}

/** Returns the result of a lookup: the names of the user's groups, `null`, or the kind of the SourceError. */
export async function outcomeOf(lookUp: Promise<UserInfo | null>): Promise<string[] | null | SourceErrorKind> {
  try {
    return groupsOf(await lookUp);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return error.kind;
  }
}

/** Lets all pending work continue. */
export async function settle(): Promise<void> {
  await setImmediate();
}

/** Waits until the source has been called this many times. @throws after five seconds. */
export async function untilAsked(source: ScriptedSource, times: number): Promise<AskedLookUp> {
  for (const endMs = Date.now() + 5000; Date.now() < endMs; await settle()) {
    const asked = source.asked[times - 1];
    if (asked) return asked;
  }
  throw new Error(`the source was asked ${source.asked.length} times, not ${times}`);
}

export function neverAborted(): AbortSignal {
  return new AbortController().signal;
}

/** Creates a clock that only the test advances. */
export function createStillClock(): { readonly now: () => number; advance(seconds: number): void } {
  let nowMs = 1_000_000;
  return {
    now: () => nowMs,
    advance(seconds) {
      nowMs += seconds * 1000;
    },
  };
}

export interface GuardSurroundings {
  readonly tally: GuardTally;
  readonly log: AdapterLog;
  /** Logged messages. */
  readonly lines: string[];
  /** Returns the count of each event. */
  counts(): Record<string, number>;
}

export function createSurroundings(): GuardSurroundings {
  const tally = new GuardTally('whole');
  const lines: string[] = [];
  const keep = (_details: object, message: string) => void lines.push(message);
  return {
    tally,
    lines,
    log: { info: keep, warn: keep, error: keep },
    counts: () => Object.fromEntries(tally.counts()),
  };
}
