// Builder of checks of user names that no user has and that careless code mistakes for a known one.
import type { Check, CheckHead } from '../check.ts';
import type { CheckContext, ShortRequest } from '../check-context.ts';
import { MissingInput, Untestable } from '../check-endings.ts';
import { quoteForShell } from '../http/curl-line.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { NoAnswer } from '../http/no-answer.ts';
import { assertConforms, assumeRefused, describeAnswer } from '../report/finding.ts';
import { describeContent, findMeaning } from '../user-info-body.ts';
import { readMeaning } from './known-meaning.ts';
import { askOrClosed, toSentence } from './refusal-checks.ts';

/** User names that careless code mistakes for a known one, and that no user has by chance. */
export interface NobodysName extends CheckHead, Pick<Check, 'why'> {
  /** The name, as text. */
  readonly request: string;
  /** What to change; completes "To change: …". */
  readonly change: string;
  /** Advice for stacks that differ; the advice for any stack is `change`. */
  readonly fix?: Check['fix'];
  /** Default: `control` alone. */
  readonly needs?: Check['needs'];
  /** Returns the requests, derived from the known user's name; each must be refused. Throws MissingInput if this name is not suitable. */
  requests(knownUser: string): readonly ShortRequest[];
}

/** Returns the known user's name with text around it, in a form that evidence can show. */
export function around(before: string, knownUser: string, after: string): ShortRequest {
  return {
    userids: [`${before}${knownUser}${after}`],
    shown: `${quoteForShell(before)}\${KNOWN_USER}${quoteForShell(after)}`,
  };
}

/** Returns the known user's name with its last character (code point) replaced. */
export function withLast(knownUser: string, last: string): ShortRequest {
  return {
    userids: [[...knownUser].slice(0, -1).join('') + last],
    // Shell expression for the name without its last character.
    shown: `\${KNOWN_USER%?}${quoteForShell(last)}`,
  };
}

/**
 * Returns a name with the first letter that `pattern` matches replaced. Throws MissingInput if no letter matches; `needed` describes what is missing.
 */
export function withLetter(name: string, pattern: RegExp, needed: string, replace: (letter: string) => string): string {
  if (!pattern.test(name)) throw new MissingInput(`Add a known user whose name contains ${needed}: --known-user ID.`);
  return name.replace(pattern, replace);
}

/** Returns the groups and authorizations of a known user, ignoring order. Throws Untestable if the response is not a 200 with JSON. */
export async function askKnownMeaning(context: CheckContext, userid: string = context.knownUser): Promise<string> {
  return readMeaning(await context.askOnce({ userids: [userid] }));
}

/** Throws Untestable if the known user gets different data each time, because the responses for two names then prove nothing. */
export async function assertSteady(context: CheckContext, userid: string, meaning: string): Promise<void> {
  if (!isAccessOf(meaning, await context.ask({ userids: [userid] })))
    throw new Untestable('The known user gets different data each time: see same-question-same-answer.');
}

/** Returns whether a response contains the groups and authorizations `meaning`. */
export function isAccessOf(meaning: string, answer: Answer | null): boolean {
  return answer?.status === 200 && findMeaning(answer.body) === meaning;
}

/** Returns whether a known user got a 200. */
async function isAnswered(context: CheckContext, userid: string): Promise<boolean> {
  try {
    return (await context.askOnce({ userids: [userid] })).status === 200;
  } catch (error) {
    if (error instanceof NoAnswer && error.metEndpoint) return false;
    throw error;
  }
}

/**
 * Returns the first known user who got a 200 and whose name suits a check, with what `make` returned for the name.
 *
 * @param make throws MissingInput if a name is not suitable.
 * @throws {MissingInput} if no name is suitable.
 * @throws {Untestable} if no known user with a suitable name got a 200.
 */
export async function findSuitableUser<Made>(
  context: CheckContext,
  make: (userid: string) => Made,
): Promise<{ readonly userid: string; readonly made: Made }> {
  let missing: MissingInput | undefined;
  let isRefused = false;
  for (const userid of context.options.knownUsers) {
    try {
      const made = make(userid);
      if (await isAnswered(context, userid)) return { userid, made };
      isRefused = true;
    } catch (error) {
      if (!(error instanceof MissingInput)) throw error;
      missing ??= error;
    }
  }
  if (missing === undefined || isRefused)
    throw new Untestable('No known user with a suitable name got a 200: see known-user-200.');
  throw missing;
}

/** Returns a request derived from the name of `userid`, whose evidence uses that user's shell variable instead of the first known user's. */
export function showFor(context: CheckContext, userid: string, endpointRequest: ShortRequest): ShortRequest {
  const variable = context.userVariables.get(userid) ?? 'KNOWN_USER';
  if (endpointRequest.shown === undefined) return endpointRequest;
  return { ...endpointRequest, shown: endpointRequest.shown.replace(/(?<=\$\{#?|"\$)KNOWN_USER/g, variable) };
}

/** Builds a check that each of the names gets a non-200 status. */
export function nobodysNameCheck(data: NobodysName): Check {
  const { request, change, fix = [], needs = ['control'], requests, ...rest } = data;
  return {
    ...rest,
    fix: [{ stack: 'any', text: toSentence(change) }, ...fix],
    needs,
    async run(context) {
      const { userid, made } = await findSuitableUser(context, requests);
      const known = findMeaning((await context.askOnce({ userids: [userid] })).body);
      for (const endpointRequest of made.map((each) => showFor(context, userid, each))) {
        // A filter in front of the endpoint may close the connection when it sees such a name.
        const answer = await askOrClosed(context, endpointRequest);
        const isAnswered = answer?.status === 200;
        const isKnownUsers = known !== null && isAccessOf(known, answer);
        // An endpoint that responds with 200 to every name has one defect, not one per name.
        if (isAnswered && !isKnownUsers)
          assumeRefused(await context.askOnce({ userids: [context.unknownUser] }), 'unknown-user-refused');
        const content = isKnownUsers ? 'the data of the known user' : describeContent(answer?.body ?? Buffer.alloc(0));
        assertConforms(!isAnswered, {
          asked: request,
          expected: 'any status other than 200, since no user has this name',
          seen: answer === null ? 'a closed connection' : `${describeAnswer(answer)}: ${content}`,
          change,
          ...(answer ? { answers: [answer] } : {}),
        });
      }
    },
  };
}
