// Signs that the platform locked users out, and the control request that shows them between experiments.
import type { LockOutFound } from '../../schemas/generated/platform-profile.ts';
import { rankOf } from './experiment-order.ts';
import type { LearnRun } from './learn-run.ts';
import { Unanswered } from './platform-driver.ts';
import { type LearnSession, playStep } from './play-step.ts';
import { accessCheck } from './questions.ts';

type Sign = LockOutFound['sign'];

/** Error that stops the run before it does more harm. */
export class LockOut extends Error {
  override readonly name = 'LockOut';

  constructor({ sign, after }: LockOutFound) {
    super(`After ${after}: ${seen[sign]}`);
  }
}

const seen: Readonly<Record<Sign, string>> = {
  'no-request':
    'no more requests arrive for a test user that was synchronized before. Check in the platform whether the IAM is locked or disabled.',
  'control-user':
    'a test user that received only valid responses is disabled, missing or without the group of its last response. Check the IAM and its users in the platform.',
  'test-user':
    'a test user is disabled, although no experiment so far should remove access from a user. The platform seems to disable users after a response that it rejects. Check the IAM and its users in the platform. With --resume, disabled test users do not stop the run again.',
};

export interface Progress {
  /** The experiment that ended last; null: none has ended since the first sync. */
  readonly last: string | null;
  /** The next experiment. */
  readonly next: string;
  /** Whether the number of tries of the last experiment that did not count exceeds the number that may be repeated. */
  readonly isSuspicious: boolean;
}

/**
 * Verifies that the platform still grants a test user access. It does so before a more harmful experiment, and after an experiment with too many
 * tries that did not count. With the REST API, it also does so before each experiment that may do harm.
 *
 * @throws {LockOut}, which is also recorded in the run. @throws {PlatformError} @throws {Stopped}
 */
export async function assertNoLockOut(session: LearnSession, run: LearnRun, progress: Progress): Promise<void> {
  const { last, next, isSuspicious } = progress;
  if (last === null) return;
  const doesMoreHarm = rankOf(next) > rankOf(last);
  const isCheap = session.driver.source === 'read-by-api' && rankOf(next) > 0;
  if (!doesMoreHarm && !isCheap && !isSuspicious) return;
  const after = session.disabledBy ?? last;
  const sign = doesMoreHarm && (await hasDisabledUsers(session, run)) ? 'test-user' : await findControlSign(session);
  if (sign === null) return;
  run.lockOut = { sign, after: sign === 'test-user' ? after : last };
  throw new LockOut(run.lockOut);
}

/** Returns whether an experiment unexpectedly disabled a user. A sign that has stopped the run once does not stop it again. */
async function hasDisabledUsers(session: LearnSession, { lockOut, found, readFacts }: LearnRun): Promise<boolean> {
  if (lockOut?.sign === 'test-user') return false;
  if (session.disabledBy !== null) return true;
  const hasTakenAccess = Object.keys(found).length > 0 || [...readFacts.keys()].some((name) => rankOf(name) === 2);
  if (hasTakenAccess) return false;
  try {
    return await session.driver.showsDisabledUsers();
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    return false;
  }
}

/** Returns a sign of a lockout if enough tries show it to make it a fact; null: the user has access, or this is unknown. */
async function findControlSign(session: LearnSession): Promise<Sign | null> {
  const { unanimous, maxVoidTries } = session.driver.agreement;
  let shown = 0;
  for (let tries = 0; tries < unanimous + maxVoidTries; tries++) {
    const sign = await tryControl(session);
    if (sign === null) return null;
    if (sign !== 'unclear' && ++shown === unanimous) return sign;
  }
  return null;
}

async function tryControl(session: LearnSession): Promise<Sign | 'unclear' | null> {
  const group = `learn-control-${++session.controlRequests}`;
  const questions = [
    { kind: 'state', names: [] },
    { kind: 'group', names: [group] },
  ] as const;
  const script = { respond: { groups: [group] } };
  try {
    const { attempts, voidReason, user } = await playStep(session, accessCheck, session.controlUser, script, {
      ...{ mayFail: true, questions },
    });
    if (attempts.length === 0) return 'no-request';
    if (voidReason !== null || attempts.some(({ isComplete }) => !isComplete)) return 'unclear';
    const hasAccess = user?.isDisabled === false && user.groups.some((name) => name.toLowerCase() === group);
    return hasAccess ? null : 'control-user';
  } catch (error) {
    if (error instanceof Unanswered) return 'unclear';
    throw error;
  }
}
