// Checks with generated user names (--explore): the names shrink to the smallest counterexample, and a seed repeats them.
import type { Arbitrary, default as FastCheck } from 'fast-check';
import type { Check, Topic } from '../check.ts';
import type { CheckContext, ShortRequest } from '../check-context.ts';
import { NoAnswer } from '../http/no-answer.ts';
import { assertConforms, assumeRefused, describeAnswer, type Finding } from '../report/finding.ts';
import { describeContent } from '../user-info-body.ts';
import { askKnownMeaning, assertSteady, isAccessOf } from './nobodys-name.ts';
import { askOrClosed, toSentence } from './refusal-checks.ts';

/** Maximum number of requests for smaller counterexamples, per check. */
const maxShrinks = 50;

/**
 * Throws chai's AssertionError with the finding of the smallest counterexample. Throws Untestable, or another error of `find`, if that ended the
 * search.
 *
 * @param words the common parts of all findings.
 * @param create creates the generator of inputs.
 * @param find returns what is wrong with the response to one input; null: the endpoint conforms.
 */
async function assertAll<Input>(
  context: CheckContext,
  words: Pick<Finding, 'asked' | 'expected' | 'change'>,
  create: (fc: typeof FastCheck) => Arbitrary<Input>,
  find: (input: Input) => Promise<Pick<Finding, 'seen' | 'answers'> | null>,
): Promise<void> {
  const { explore: numRuns = 0, seed } = context.options;
  // Loaded here, because most runs do not need it.
  const { default: fc } = await import('fast-check');
  let found: Pick<Finding, 'seen' | 'answers'> | undefined;
  let stopped: { readonly error: unknown } | undefined;
  let inputs = 0;
  const property = fc.asyncProperty(create(fc), async (input) => {
    // The library continues to generate inputs; without requests, it soon finishes.
    if (stopped || inputs >= numRuns + maxShrinks) return true;
    inputs += 1;
    try {
      const finding = await find(input);
      found = finding ?? found;
      return finding === null;
    } catch (error) {
      stopped = { error };
      return true;
    }
  });
  await fc.check(property, { seed, numRuns });
  if (!found && stopped) throw stopped.error;
  const finding = { ...words, seen: '', ...found };
  assertConforms(!found, { ...finding, asked: `${words.asked} (--explore ${numRuns} --seed ${seed})` });
}

/** Characters and texts with a meaning for interpreters, paths, patterns and decoders, and some without one. */
const fragments = [
  ...["'", '"', '`', '\\', '%', '_', '*', '?', '.', '..', '/', '^', '$', '(', ')', '[', ']', '{', '}', '|', '&', ';'],
  ...[':', ',', '#', '=', '!', '~', '+', '<', '>', '-', '--', '%20', '%00', '\\u0000', '{{kit}}'],
  ...['\0', '\n', '\r\n', '\t', '\u007f', '\u00a0', '\u00ad', '\u200b', '\u202e', '\u0301', '\ufeff', 'ß', '😀', 'kit'],
];

/** Text around a name. */
interface Around {
  readonly before: string;
  readonly after: string;
}

function textsOf(fc: typeof FastCheck): Arbitrary<string> {
  return fc.array(fc.constantFrom(...fragments), { maxLength: 4 }).map((parts) => parts.join(''));
}

/**
 * Generates text around a known name so that the result is not a user name, however surrounding white space is treated. Usually one fragment on one side,
 * because two can hide each other's effect.
 */
function aroundsOf(fc: typeof FastCheck): Arbitrary<Around> {
  const fragment = fc.constantFrom(...fragments);
  return fc
    .oneof(
      { weight: 2, arbitrary: fragment.map((before) => ({ before, after: '' })) },
      { weight: 2, arbitrary: fragment.map((after) => ({ before: '', after })) },
      { weight: 1, arbitrary: fc.record({ before: textsOf(fc), after: textsOf(fc) }) },
    )
    .filter(({ before, after }) => before.trim() !== '' || after.trim() !== '');
}

/** Generates names that begin with `kit-`, in any script. */
const inventionsOf = (fc: typeof FastCheck): Arbitrary<string> =>
  fc
    .oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), textsOf(fc), fc.constantFrom(...fragments))
    .map((text) => `kit-${text}`);

/** Returns the request for a name, whose curl line shows everything except the known name. */
function askAround(knownUser: string, { before, after }: Around): ShortRequest {
  const [start, end] = [encodeURIComponent(before), encodeURIComponent(after)];
  return {
    userids: [],
    query: `userid=${start}${encodeURIComponent(knownUser)}${end}`,
    shown: `userid=${start}\${KNOWN_USER_ENCODED}${end}`,
  };
}

function askInvention(name: string): ShortRequest {
  const query = `userid=${encodeURIComponent(name)}`;
  return { userids: [], query, shown: query };
}

const needs = ['control', 'explore'] as const;

const refusedChange =
  'compare the decoded userid with user names as a whole, and respond with 404 when there is no such user';

const namesRefused: Check = {
  id: 'generated-names-refused',
  title: 'MUST NOT respond with 200 to a generated user name that no user has',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-8', 'C-9', 'C-10'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'No list of special names is complete. A user whose name is mistaken for that of another user gets the access of that user.',
  fix: [{ stack: 'any', text: toSentence(refusedChange) }],
  needs,
  async run(context) {
    const { knownUser, unknownUser } = context;
    const known = await askKnownMeaning(context);
    await assertAll(
      context,
      {
        asked: 'a generated user name that no user has',
        expected: 'any status other than 200',
        change: refusedChange,
      },
      (fc) =>
        fc.oneof(
          { weight: 3, arbitrary: aroundsOf(fc).map((around) => askAround(knownUser, around)) },
          { weight: 1, arbitrary: inventionsOf(fc).map(askInvention) },
        ),
      async (request) => {
        const answer = await askOrClosed(context, request);
        if (answer?.status !== 200) return null;
        const isKnownUsers = isAccessOf(known, answer);
        if (!isKnownUsers) assumeRefused(await context.askOnce({ userids: [unknownUser] }), 'unknown-user-refused');
        return {
          seen: isKnownUsers ? 'the data of the known user' : `status 200: ${describeContent(answer.body)}`,
          answers: [answer],
        };
      },
    );
  },
};

const stableChange = 'keep request data in the request, and reset connections to the data source after an error';

const usersStable: Check = {
  id: 'known-user-stable-after-generated-names',
  title: 'MUST respond for a known user with the same data after a request for a generated user name',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-7'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'A name that causes an error can leave a connection or a cache in a wrong state: the response for the next user is wrong.',
  fix: [{ stack: 'any', text: toSentence(stableChange) }],
  needs,
  async run(context) {
    const { knownUser } = context;
    const known = await askKnownMeaning(context);
    const words = {
      asked: 'a generated user name, and then the known user',
      expected: 'the same data for the known user as before',
      change: stableChange,
    };
    await assertAll(context, words, inventionsOf, async (name) => {
      await askOrClosed(context, askInvention(name));
      const came = await context.ask({ userids: [knownUser] }).catch((error: unknown) => {
        if (error instanceof NoAnswer && error.metEndpoint) return error;
        throw error;
      });
      const isAnswer = !(came instanceof NoAnswer);
      if (isAnswer && isAccessOf(known, came)) return null;
      if (isAnswer && came.status === 200) await assertSteady(context, knownUser, known);
      // Both requests, because one alone shows nothing.
      const shown = await askOrClosed(context, askInvention(name));
      return {
        seen: !isAnswer ? `no response (${came.code})` : came.status === 200 ? 'other data' : describeAnswer(came),
        answers: [...(shown ? [shown] : []), ...(isAnswer ? [came] : [])],
      };
    });
  },
};

const encodingChange =
  'decode the query before names are compared, and accept hexadecimal digits in either letter case';

const encodings: Check = {
  id: 'generated-encodings-decoded',
  title: 'MAY respond with 200 for a known user whose name is percent-encoded in any equivalent way',
  ruleSet: 'standards',
  level: 'MAY',
  clauses: ['S-10'],
  impact: 'refused',
  why: 'HTTP clients differ in the characters that they encode, and in the letter case of hexadecimal digits.',
  fix: [{ stack: 'any', text: toSentence(encodingChange) }],
  needs,
  async run(context) {
    const { knownUser } = context;
    const known = await askKnownMeaning(context);
    const bytes = [...Buffer.from(knownUser)];
    const usual = (byte: number) => encodeURIComponent(String.fromCharCode(byte));
    /** 0: as the platform encodes it. 1, 2: encoded with lower-case or upper-case digits. */
    const write = (byte: number, way: number) => {
      const hex = byte.toString(16).padStart(2, '0');
      if (way === 0) return byte < 0x80 ? usual(byte) : `%${hex.toUpperCase()}`;
      return `%${way === 1 ? hex : hex.toUpperCase()}`;
    };
    await assertAll(
      context,
      {
        asked: 'a known user, percent-encoded in an equivalent way',
        expected: 'status 200 with the data of this user',
        change: encodingChange,
      },
      (fc) => fc.array(fc.integer({ min: 0, max: 2 }), { minLength: bytes.length, maxLength: bytes.length }),
      async (ways) => {
        const query = `userid=${bytes.map((byte, index) => write(byte, ways[index] ?? 0)).join('')}`;
        const answer = await askOrClosed(context, { userids: [], query });
        if (isAccessOf(known, answer)) return null;
        return {
          seen: answer === null ? 'a closed connection' : describeAnswer(answer),
          ...(answer ? { answers: [answer] } : {}),
        };
      },
    );
  },
};

export const generatedInputs: Topic = {
  title: 'Generated inputs',
  checks: [namesRefused, usersStable, encodings],
};
