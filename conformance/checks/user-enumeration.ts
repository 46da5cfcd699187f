// Checks that an unauthenticated client cannot find out which users exist.
import type { Check, Topic } from '../check.ts';
import type { CheckContext, ShortRequest } from '../check-context.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { assertConforms, assumeRefused, findMediaType } from '../report/finding.ts';
import { decodeBody, findJson } from '../user-info-body.ts';
import { basicShared, wrongUsername } from './basic.ts';
import { askOrClosed, askRefusal, toSentence } from './refusal-checks.ts';
import { assertGuarded, unauthenticatedShared, withoutCredentials } from './unauthenticated-clients.ts';

const firstChange = 'check the credentials before reading the userid';

/** A word in a response that is not a number, a time or a request id. */
const word = /(?<![\p{L}\p{N}_+/=-])\p{L}{4,}(?![\p{L}\p{N}_+/=-])/gu;

/** Yields the paths of the keys of a JSON value, with their types. */
function* listShape(value: unknown, path = ''): Generator<string> {
  yield `json ${path}: ${Array.isArray(value) ? 'array' : typeof value}`;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) yield* listShape(item, `${path}/${key}`);
}

/** Returns the traits of a response, without those that may differ each time; `names` are texts that it may repeat. */
function listTraits(answer: Answer | null, names: string): ReadonlySet<string> {
  if (answer === null) return new Set(['closed']);
  const text = decodeBody(answer.body);
  const json = findJson(text);
  return new Set([
    `status ${answer.status}`,
    `type ${findMediaType(answer)}`,
    ...answer.rawHeaders.map(([name]) => `header ${name.toLowerCase()}`),
    ...(json ? listShape(json.value) : []),
    ...[...text.matchAll(word)].map(([found]) => found.toLowerCase()).filter((found) => !names.includes(found)),
  ]);
}

/** Returns the kind of a trait that all of the first sets contain and none of the other sets contain; null: there is none. */
function findDifference(ofAll: readonly ReadonlySet<string>[], ofNone: readonly ReadonlySet<string>[]): string | null {
  const [first = new Set<string>(), ...rest] = ofAll;
  const found = [...first].find(
    (trait) => rest.every((set) => set.has(trait)) && !ofNone.some((set) => set.has(trait)),
  );
  if (found === undefined) return null;
  const kind = /^(status|type|header|json|closed)\b/.exec(found)?.[1];
  return (
    {
      status: 'status',
      type: 'content type',
      header: 'set of headers',
      json: 'structure of the body',
      closed: 'outcome: a closed connection instead of a response',
    }[kind ?? ''] ?? 'text of the body'
  );
}

/** Requests for a known and an unknown user. */
interface Pair {
  known(context: CheckContext): Promise<Answer | null>;
  unknown(context: CheckContext): Promise<Answer | null>;
}

/**
 * Returns what distinguishes known users from unknown ones; null: nothing. Verifies a difference once more in the reverse order, because two
 * alternating replicas would otherwise look like a difference.
 */
async function findRevealingTrait(context: CheckContext, { known, unknown }: Pair): Promise<string | null> {
  const names = `${context.knownUser} ${context.unknownUser}`.toLowerCase();
  const knownTraits: ReadonlySet<string>[] = [];
  const unknownTraits: ReadonlySet<string>[] = [];
  for (let round = 0; round < 2; round++) {
    const askKnown = async () => knownTraits.push(listTraits(await known(context), names));
    const askUnknown = async () => unknownTraits.push(listTraits(await unknown(context), names));
    for (const ask of round === 0 ? [askKnown, askUnknown] : [askUnknown, askKnown]) await ask();
    const trait = findDifference(knownTraits, unknownTraits) ?? findDifference(unknownTraits, knownTraits);
    if (trait === null || round === 1) return trait;
  }
  return null;
}

const why = 'A client without the right credentials could try user names and find out which ones exist.';
const fix: Check['fix'] = [
  { stack: 'any', text: toSentence(firstChange) },
  { stack: 'express', text: 'Put the authentication middleware before the middleware that reads the query.' },
  { stack: 'spring', text: 'Authenticate in the security filter chain, not in the handler.' },
];

const unauthenticatedAlike: Check = {
  ...unauthenticatedShared,
  id: 'stranger-known-unknown-alike',
  title: 'SHOULD respond to unauthenticated requests the same way for known and unknown users',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-22'],
  impact: 'information-leak',
  why,
  fix,
  async run(context) {
    await assertGuarded(context);
    const ask = (userid: string) => askAgainOrClosed(context, withoutCredentials(context, { userids: [userid] }));
    const trait = await findRevealingTrait(context, {
      known: ({ knownUser }) => ask(knownUser),
      unknown: ({ unknownUser }) => ask(unknownUser),
    });
    assertConforms(trait === null, {
      asked: 'a known user and an unknown one, without credentials, each twice',
      expected: 'the same status, headers and body',
      seen: `a different ${trait}`,
      change: firstChange,
    });
  },
};

/** Works like askOrClosed, but always sends the request. */
async function askAgainOrClosed(context: CheckContext, request: ShortRequest): Promise<Answer | null> {
  const afresh: CheckContext = { ...context, askOnce: context.ask };
  return askOrClosed(afresh, request);
}

const wrongAlike: Check = {
  id: 'wrong-credentials-known-unknown-alike',
  title: 'SHOULD respond to wrong credentials the same way for known and unknown users',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-22'],
  impact: 'information-leak',
  why,
  fix,
  needs: basicShared.needs,
  auth: basicShared.auth,
  async run(context) {
    for (const answer of await askRefusal(wrongUsername, context)) assumeRefused(answer, 'wrong-username-refused');
    const ask = (userid: string) =>
      askAgainOrClosed(context, { userids: [userid], credentials: context.credentials.wrongUsername });
    const trait = await findRevealingTrait(context, {
      known: ({ knownUser }) => ask(knownUser),
      unknown: ({ unknownUser }) => ask(unknownUser),
    });
    assertConforms(trait === null, {
      asked: 'a known user and an unknown one, with a wrong user name, each twice',
      expected: 'the same status, headers and body',
      seen: `a different ${trait}`,
      change: firstChange,
    });
  },
};

const withoutUserid: Check = {
  ...unauthenticatedShared,
  id: 'stranger-without-userid-alike',
  title: 'SHOULD respond to unauthenticated requests the same way with and without userid',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-22'],
  impact: 'cosmetic',
  why: 'A 400 instead of a 401 shows that the endpoint reads the query before the credentials. This order can reveal which users exist.',
  fix,
  async run(context) {
    await assertGuarded(context);
    const usual = await askOrClosed(context, withoutCredentials(context, { userids: [context.knownUser] }));
    const answer = await askOrClosed(context, withoutCredentials(context, { userids: [] }));
    assertConforms(answer?.status === usual?.status, {
      asked: 'a request without userid and without credentials',
      expected: usual ? `status ${usual.status}, as for a known user` : 'a closed connection',
      seen: answer ? `status ${answer.status}` : 'a closed connection',
      change: firstChange,
      ...(answer ? { answers: [answer] } : {}),
    });
  },
};

/** Requests for each of the two users in each of the two rounds. */
const samples = 6;
/** Smaller differences are network noise. */
const minDifferenceMs = 5;
/**
 * Maximum Mann–Whitney U at which two sets of 12 times differ; with equal treatment, 1 of 1,500 runs reaches it by chance. One response
 * that was delayed by something else adds up to 12.
 */
const maxOverlap = 16;

interface Times {
  readonly known: number[];
  readonly unknown: number[];
}

/** Adds the times of one round to `times`. Returns false if a connection was closed without a response. */
async function measureRound(context: CheckContext, times: Times): Promise<boolean> {
  for (let round = 0; round < samples; round++) {
    for (const [kind, userid] of [
      ['known', context.knownUser],
      ['unknown', context.unknownUser],
    ] as const) {
      const answer = await askAgainOrClosed(context, withoutCredentials(context, { userids: [userid] }));
      if (answer === null) return false;
      times[kind].push(answer.firstByteMs);
    }
  }
  return true;
}

function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.floor(sorted.length / 2)] ?? 0)) / 2;
}

/** Returns which of the two has the slower responses; null: their medians are too close. */
function findSlower({ known, unknown }: Times): 'known' | 'unknown' | null {
  const difference = median(known) - median(unknown);
  if (Math.abs(difference) <= minDifferenceMs) return null;
  return difference > 0 ? 'known' : 'unknown';
}

/** Returns the Mann–Whitney U: the number of pairs in which the response that should be slower is not. */
function countOverlap(slow: readonly number[], fast: readonly number[]): number {
  return slow.reduce((sum, one) => sum + fast.filter((other) => other >= one).length, 0);
}

const time: Check = {
  ...unauthenticatedShared,
  id: 'stranger-known-unknown-time',
  title: 'MAY respond to unauthenticated requests in the same time for known and unknown users',
  ruleSet: 'hardening',
  level: 'MAY',
  clauses: ['H-23'],
  impact: 'information-leak',
  why: 'A lookup before the credentials are checked takes time, and its duration reveals the result.',
  fix,
  async run(context) {
    await assertGuarded(context);
    const times: Times = { known: [], unknown: [] };
    // Most endpoints need no second round.
    const isMeasured =
      (await measureRound(context, times)) && findSlower(times) !== null && (await measureRound(context, times));
    const slower = isMeasured ? findSlower(times) : null;
    const isSlower =
      slower !== null && countOverlap(times[slower], times[slower === 'known' ? 'unknown' : 'known']) <= maxOverlap;
    assertConforms(!isSlower, {
      asked: `a known user and an unknown one in turn, without credentials, ${2 * samples} times each`,
      expected: 'response times that overlap',
      seen: `a median response time for the ${slower} user that exceeds that for the other user by more than ${minDifferenceMs} ms`,
      change: firstChange,
    });
  },
};

export const userEnumeration: Topic = {
  title: 'User enumeration',
  checks: [unauthenticatedAlike, withoutUserid, time, wrongAlike],
};
