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
    const controller = new AbortController();
    const leave = () => controller.abort();
    response.once('close', leave);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new SourceError('too-slow', `The source did not answer within ${deadlineMs} ms.`));
        controller.abort();
      }, deadlineMs);
    });
    try {
      return await Promise.race([source.findUser(userid, controller.signal), late]);
    } finally {
      clearTimeout(timer);
      response.off('close', leave);
    }
  };
}
