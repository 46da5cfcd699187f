// Harmless requests that lead to errors. Other checks use the same requests, so each request is sent only once per run.
import type { CheckContext, ShortRequest } from '../check-context.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { askOrClosed } from './refusal-checks.ts';

/** A harmless request that leads to an error. */
export interface ErrorCase {
  readonly asked: string;
  readonly request: ShortRequest;
}

/** Returns a path that does not exist. */
export function otherPath({ options, knownUser }: CheckContext): ErrorCase {
  const path = `${options.url.pathname.replace(/\/$/, '')}-kit-no-such-path`;
  return { asked: 'another path', request: { userids: [knownUser], path } };
}

/** Returns errors whose bodies no other check covers. */
export function otherErrors(context: CheckContext): readonly ErrorCase[] {
  const { knownUser, unknownUser } = context;
  return [
    { asked: 'an empty userid', request: { userids: [''] } },
    { asked: 'a repeated userid', request: { userids: [knownUser, unknownUser] } },
    {
      asked: 'a known user name followed by NUL',
      request: {
        userids: [],
        query: `userid=${encodeURIComponent(knownUser)}%00`,
        shown: `userid=\${KNOWN_USER_ENCODED}%00`,
      },
    },
    { asked: 'another method', request: { userids: [knownUser], method: 'PROPFIND' } },
    otherPath(context),
  ];
}

/** Returns errors whose bodies another check covers too. */
export function usualErrors({ unknownUser }: CheckContext): readonly ErrorCase[] {
  return [
    { asked: 'an unknown user', request: { userids: [unknownUser] } },
    { asked: 'a request without userid', request: { userids: [] } },
  ];
}

export function everyError(context: CheckContext): readonly ErrorCase[] {
  return [...usualErrors(context), ...otherErrors(context)];
}

export interface ErrorAnswer {
  readonly asked: string;
  readonly answer: Answer;
}

/** Returns the responses that are not successful; other checks report a 200. */
export async function askErrors(cases: readonly ErrorCase[], context: CheckContext): Promise<readonly ErrorAnswer[]> {
  const errors: ErrorAnswer[] = [];
  for (const { asked, request } of cases) {
    const answer = await askOrClosed(context, request);
    if (answer && answer.status >= 300) errors.push({ asked, answer });
  }
  return errors;
}
