// Deadline of a lookup, which also ends when the client disconnects.
import type { ServerResponse } from 'node:http';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import { type LookUpSource, SourceError, type UserSource } from '../adapters/user-source.ts';
import { withAbortSignals } from './around-source.ts';
import { LookUpAbort } from './lookup-abort.ts';
import { StaleUserInfo, staleHeader } from './passing-user-info.ts';

/**
 * A lookup on behalf of one request, which may add headers to its response. Same result and errors as `UserSource.findUser`; cached answers are
 * returned without a promise.
 */
export type LookUp = (userid: string, response: ServerResponse) => UserInfo | null | Promise<UserInfo | null>;

/** Called for each lookup that had to wait. `failed`: the lookup ended with an error. */
export type OnLookedUp = (durationMs: number, failed: boolean) => void;

// A source that answers from memory needs no deadline; a signal for each request would cost more than the lookup.
const neverAborted = new AbortController().signal;

/**
 * Creates lookups of `source` that end after `deadlineMs`, with a SourceError 'too-slow' whatever the adapter does, or when the connection closes. In
 * both cases the adapter's signal is aborted with that error as its reason, so that the adapter can release its resources. A cached answer takes
 * no time, so it may replace the failure at the deadline.
 */
export function withDeadline(source: UserSource, deadlineMs: number, onLookedUp: OnLookedUp = () => undefined): LookUp {
  const findUser = source.answersFromMemory
    ? async (userid: string) => source.findUser(userid, neverAborted)
    : findWithin(withAbortSignals(source), deadlineMs, onLookedUp);
  if (!source.findUserInMemory) return findUser;
  const findUserInMemory = source.findUserInMemory.bind(source);
  return (userid, response) => {
    const known = findUserInMemory(userid, null);
    return known === undefined ? findUser(userid, response) : known;
  };
}

function findWithin(source: LookUpSource, deadlineMs: number, onLookedUp: OnLookedUp) {
  return async (userid: string, response: ServerResponse): Promise<UserInfo | null> => {
    // Authentication takes time: the caller may have disconnected in the meantime, in which case no further event is emitted.
    if (response.destroyed) throw callerGone();
    const abort = new LookUpAbort();
    let settle: (instead: UserInfo | null | undefined, error: SourceError) => void = () => undefined;
    const ended = new Promise<UserInfo | null>((resolve, reject) => {
      settle = (instead, error) => {
        // The caller's answer is settled first, so that it does not depend on how the adapter reacts to the signal.
        if (instead === undefined) reject(error);
        else resolve(instead);
        abort.abort(error);
      };
    });
    const leave = () => settle(undefined, callerGone());
    const timer = setTimeout(() => {
      const error = new SourceError('too-slow', `The source did not respond within ${deadlineMs} ms.`);
      settle(source.findUserInMemory?.(userid, error), error);
    }, deadlineMs);
    response.once('close', leave);
    const startedAt = performance.now();
    let failed = true;
    try {
      const found = await Promise.race([ended, source.findUser(userid, abort)]);
      if (found instanceof StaleUserInfo) response.setHeader(staleHeader, String(Math.ceil(found.ageSeconds)));
      failed = false;
      return found;
    } finally {
      clearTimeout(timer);
      response.off('close', leave);
      onLookedUp(performance.now() - startedAt, failed);
    }
  };
}

function callerGone(): SourceError {
  return new SourceError('unavailable', 'The caller disconnected before the source responded.');
}
