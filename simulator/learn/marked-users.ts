// Requests for test users whose names have a plus sign, an at sign or a letter beyond ASCII. Their encoding is a fact about the connection.
import { Unanswered } from './platform-driver.ts';
import { type LearnSession, playStep } from './play-step.ts';

/** Requests these users; if the platform has none of them, nothing is recorded. @throws {Correction} @throws {PlatformError} @throws {Stopped} */
export async function requestMarkedUsers(session: LearnSession): Promise<void> {
  const { markedUsers: users, driver } = session;
  const script = { respond: { groups: ['learn-first'] } };
  try {
    for (const [at, userid] of users.entries()) {
      const { voidReason } = await playStep(session, 'space-in-userid', userid, script, {
        step: at + 1,
        of: users.length,
      });
      if (voidReason === null) continue;
      session.voidTries++;
      // An operator who has not created the first of them should not wait for the others.
      if (driver.source === 'answered') return;
    }
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
  }
}
