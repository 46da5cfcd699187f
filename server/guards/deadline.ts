// Owns the time that a look-up may take, and its end when the caller has gone.
import type { ServerResponse } from 'node:http';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import { SourceError, type UserSource } from '../adapters/user-source.ts';

/** A look-up on behalf of one request. Same result and errors as `UserSource.findUser`. */
export type LookUp = (userid: string, response: ServerResponse) => Promise<UserInfo | null>;

// A source that answers from memory is done before any time could pass; a signal for each request would cost more than it.
const neverAborted = new AbortController().signal;

/**
 * Makes look-ups of `source` end after `deadlineMs`, with a SourceError 'too-slow' whatever the adapter does, or when the
 * connection closes. The adapter's signal is aborted in both cases, so that it can let go of what it holds.
 */
export function withDeadline(source: UserSource, deadlineMs: number): LookUp {
  if (source.answersFromMemory) return (userid) => source.findUser(userid, neverAborted);

  return async (userid, response) => {
    // Credentials take time: the caller may have gone meanwhile, and is not going to be told of again.
    if (response.destroyed) throw callerGone();
    const controller = new AbortController();
    let end: (error: SourceError) => void = () => undefined;
    const ended = new Promise<never>((_resolve, reject) => {
      end = (error) => {
        // The caller's answer first, so that it does not depend on what the adapter makes of the signal.
        reject(error);
        controller.abort();
      };
    });
    const leave = () => end(callerGone());
    const timer = setTimeout(() => {
      end(new SourceError('too-slow', `The source did not answer within ${deadlineMs} ms.`));
    }, deadlineMs);
    response.once('close', leave);
    try {
      return await Promise.race([ended, source.findUser(userid, controller.signal)]);
    } finally {
      clearTimeout(timer);
      response.off('close', leave);
    }
  };
}

function callerGone(): SourceError {
  return new SourceError('unavailable', 'The caller hung up before the source answered.');
}
