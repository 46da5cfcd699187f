// Owns the checks that an outsider, who is refused, can't tell users who are known from those who are not.
import type { Check, Topic } from '../check.ts';
import type { CheckContext, ShortQuestion } from '../check-context.ts';
import { assertConforms, assumeRefused, findMediaType } from '../finding.ts';
import type { Answer } from '../question.ts';
import { decodeBody, findJson } from '../user-info-body.ts';
import { basicShared, wrongUsername } from './basic.ts';
import { askOrRefusedByTls, askRefusal, toSentence } from './refusal-checks.ts';
import { asStranger, assertGuarded, strangerShared } from './strangers.ts';

const firstSource = 'User info contract, semantics: credentials are checked before anything else';
const firstChange = 'check the credentials before the userid is looked at';

/** A name within an answer that is as long as a word and no number, time or id of a request. */
const word = /(?<![\p{L}\p{N}_+/=-])\p{L}{4,}(?![\p{L}\p{N}_+/=-])/gu;

/** The paths of the keys of a JSON value, with the kind of each. */
function* listShape(value: unknown, path = ''): Generator<string> {
  yield `json ${path}: ${Array.isArray(value) ? 'array' : typeof value}`;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) yield* listShape(item, `${path}/${key}`);
}

/** All that an outsider sees of an answer but what may differ each time; `names` are those that it may repeat. */
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

/** What kind of trait is in one set and in none of the others, in words without it; null: none. */
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
      header: 'headers',
      json: 'shape of the body',
      closed: 'end of the connection',
    }[kind ?? ''] ?? 'words of the body'
  );
}

/** Who is asked for, known and unknown in turn. */
interface Pair {
  known(context: CheckContext): Promise<Answer | null>;
  unknown(context: CheckContext): Promise<Answer | null>;
}

/**
 * By what an outsider tells known users from unknown; null: by nothing. What was seen once is looked at again, the other way round:
 * of two replicas that answer in turn one would otherwise have all the known ones.
 */
async function findTell(context: CheckContext, { known, unknown }: Pair): Promise<string | null> {
  const names = `${context.knownUser} ${context.unknownUser}`.toLowerCase();
  const knownTraits: ReadonlySet<string>[] = [];
  const unknownTraits: ReadonlySet<string>[] = [];
  for (let round = 0; round < 2; round++) {
    const askKnown = async () => knownTraits.push(listTraits(await known(context), names));
    const askUnknown = async () => unknownTraits.push(listTraits(await unknown(context), names));
    for (const ask of round === 0 ? [askKnown, askUnknown] : [askUnknown, askKnown]) await ask();
    const tell = findDifference(knownTraits, unknownTraits) ?? findDifference(unknownTraits, knownTraits);
    if (tell === null || round === 1) return tell;
  }
  return null;
}

const why =
  'Whoever reaches the port could try names until one is answered otherwise, and so learn who works here, without any password.';
const mend: Check['mend'] = [
  { stack: 'any', text: toSentence(firstChange) },
  { stack: 'express', text: 'Put the middleware that guards before the one that reads the query.' },
  { stack: 'spring', text: 'Let the security filter chain guard: a handler that looks up first has told already.' },
];

const strangersAlike: Check = {
  ...strangerShared,
  id: 'stranger-known-unknown-alike',
  level: 'MUST',
  platformVerdict: 'information-leak',
  title: 'MUST refuse strangers alike, whether the user they ask for is known or not',
  source: firstSource,
  why,
  mend,
  async run(context) {
    await assertGuarded(context);
    const ask = (userid: string) => askOrRefusedByTlsAfresh(context, asStranger(context, { userids: [userid] }));
    const tell = await findTell(context, {
      known: ({ knownUser }) => ask(knownUser),
      unknown: ({ unknownUser }) => ask(unknownUser),
    });
    assertConforms(tell === null, {
      asked: 'a known user and an unknown one, without credentials, each twice',
      expected: 'the same status, headers and body',
      seen: `another ${tell}`,
      change: firstChange,
    });
  },
};

/** As askOrRefusedByTls, but each time anew. */
async function askOrRefusedByTlsAfresh(context: CheckContext, question: ShortQuestion): Promise<Answer | null> {
  const afresh: CheckContext = { ...context, askOnce: context.ask };
  return askOrRefusedByTls(afresh, question);
}

const wrongAlike: Check = {
  id: 'wrong-credentials-known-unknown-alike',
  level: 'MUST',
  platformVerdict: 'information-leak',
  title: 'MUST refuse wrong credentials alike, whether the user that is asked for is known or not',
  source: firstSource,
  why,
  mend,
  needs: basicShared.needs,
  auth: basicShared.auth,
  async run(context) {
    for (const answer of await askRefusal(wrongUsername, context)) assumeRefused(answer, 'wrong-username-refused');
    const ask = (userid: string) => context.ask({ userids: [userid], credentials: context.credentials.wrongUsername });
    const tell = await findTell(context, {
      known: ({ knownUser }) => ask(knownUser),
      unknown: ({ unknownUser }) => ask(unknownUser),
    });
    assertConforms(tell === null, {
      asked: 'a known user and an unknown one, with a wrong user name, each twice',
      expected: 'the same status, headers and body',
      seen: `another ${tell}`,
      change: firstChange,
    });
  },
};

const withoutUserid: Check = {
  ...strangerShared,
  id: 'stranger-without-userid-alike',
  level: 'SHOULD',
  platformVerdict: 'cosmetic',
  title: 'SHOULD refuse strangers who send no userid as it refuses all strangers',
  source: firstSource,
  why: 'A 400 in place of the 401 says that the query is read before the credentials are: the order that tells strangers of users.',
  mend,
  async run(context) {
    await assertGuarded(context);
    const usual = await askOrRefusedByTls(context, asStranger(context, { userids: [context.knownUser] }));
    const answer = await askOrRefusedByTls(context, asStranger(context, { userids: [] }));
    assertConforms(answer?.status === usual?.status, {
      asked: 'without userid and without credentials',
      expected: usual ? `status ${usual.status}, as for a known user` : 'a refusal by TLS',
      seen: answer ? `status ${answer.status}` : 'a closed connection',
      change: firstChange,
      ...(answer ? { answers: [answer] } : {}),
    });
  },
};

/** For each of the two users. That all of six are slower than all of six others is chance in 1 of 462 runs. */
const samples = 6;
/** Less than this is the noise of a network, whatever the order. */
const minDifferenceMs = 5;

/** Which of the two is answered slower each time; null: neither, or by too little. */
async function findSlower(context: CheckContext): Promise<'known' | 'unknown' | null> {
  const times = { known: [] as number[], unknown: [] as number[] };
  for (let round = 0; round < samples; round++) {
    for (const [kind, userid] of [
      ['known', context.knownUser],
      ['unknown', context.unknownUser],
    ] as const) {
      const answer = await askOrRefusedByTlsAfresh(context, asStranger(context, { userids: [userid] }));
      if (answer === null) return null;
      times[kind].push(answer.firstByteMs);
    }
  }
  const isSlower = (slow: number[], fast: number[]) => Math.min(...slow) > Math.max(...fast) + minDifferenceMs;
  if (isSlower(times.known, times.unknown)) return 'known';
  return isSlower(times.unknown, times.known) ? 'unknown' : null;
}

const time: Check = {
  ...strangerShared,
  id: 'stranger-known-unknown-time',
  level: 'MAY',
  platformVerdict: 'information-leak',
  title: 'MAY refuse strangers in the same time, whether the user they ask for is known or not',
  source: firstSource,
  why: 'A look-up that comes before the credentials takes its time, and the time tells what it has found.',
  mend,
  async run(context) {
    await assertGuarded(context);
    const slower = await findSlower(context);
    // Seen twice in a row by chance: once in 400,000 runs.
    const isSeenAgain = slower !== null && (await findSlower(context)) === slower;
    assertConforms(!isSeenAgain, {
      asked: `a known user and an unknown one in turn, without credentials, ${samples} times each, and all of it twice`,
      expected: 'times that overlap',
      seen: `each answer for the ${slower} user slower than each for the other, by more than ${minDifferenceMs} ms`,
      change: firstChange,
    });
  },
};

export const knownToStrangers: Topic = {
  title: 'What strangers learn of users',
  checks: [strangersAlike, withoutUserid, time, wrongAlike],
};
