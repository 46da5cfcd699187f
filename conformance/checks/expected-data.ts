// Owns the checks against what users are expected to have: every group and every value, none missing and none too many, order apart.
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import { validateUserInfoLenient } from '../../schemas/validators.ts';
import type { Check, Topic } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import { assertConforms, describeAnswer } from '../finding.ts';
import type { Answer } from '../question.ts';
import { decodeBody, findJson, isUtf8 } from '../user-info-body.ts';

const source = 'User info contract, semantics: 200 is sent only when every required source has completed';
const needs = ['expected-data', 'control'] as const;

interface Expectation {
  /** The user, in words that may be shown. */
  readonly asked: string;
  readonly isKnownUser: boolean;
  readonly expected: UserInfo;
  readonly answer: Answer;
}

async function askExpected(context: CheckContext): Promise<Expectation[]> {
  const { expectedData = {}, knownUsers, showData } = context.options;
  const expectations: Expectation[] = [];
  for (const [index, [userid, expected]] of Object.entries(expectedData).entries()) {
    const asked = showData ? `the user ${JSON.stringify(userid)}` : `user ${index + 1} of --expect`;
    const answer = await context.askOnce({ userids: [userid] });
    expectations.push({ asked, isKnownUser: knownUsers.includes(userid), expected, answer });
  }
  return expectations;
}

const answered: Check = {
  id: 'expected-user-200',
  level: 'MUST',
  platformVerdict: 'refused',
  title: 'MUST answer each expected user with 200',
  source: 'User info contract, the call: 200 carries the user info, anything else means that it could not be retrieved',
  why: 'With anything else the platform has no user info for this user.',
  mend: [{ stack: 'any', text: 'See that the sources of the endpoint have this user, enabled and once.' }],
  needs,
  async run(context) {
    for (const { asked, answer, isKnownUser } of await askExpected(context)) {
      // Of the known ones known-user-200 says it.
      assertConforms(isKnownUser || answer.status === 200, {
        asked,
        expected: 'status 200',
        seen: describeAnswer(answer),
        change:
          'see that the sources of the endpoint have this user, enabled and once; or take the user out of --expect',
        answers: [answer],
      });
    }
  },
};

const listed = 10;

/** What is there once and not the other time, in words; names and values only where they may be shown. Null: nothing. */
function describeDifference(
  expected: ReadonlySet<string>,
  seen: ReadonlySet<string>,
  showData: boolean,
): string | null {
  const missing = [...expected].filter((each) => !seen.has(each));
  const surplus = [...seen].filter((each) => !expected.has(each));
  const word = (fact: string, names: readonly string[]) => {
    if (names.length === 0) return [];
    const shown = showData ? `: ${names.slice(0, listed).join(', ')}${names.length > listed ? ', …' : ''}` : '';
    return [`${names.length} ${fact}${shown}`];
  };
  const words = [...word('missing', missing), ...word('too many', surplus)];
  return words.length === 0 ? null : `${words.join('; ')}, of ${expected.size} that are expected`;
}

/** A check of one part of the answer. `list`: the facts of that part, each as a text of its own. */
function sameFacts(id: string, part: string, fact: string, list: (user: UserInfo) => readonly string[]): Check {
  const change = `see which source should have brought it, and whether each query, page and range of it has completed; or correct --expect`;
  return {
    id,
    level: 'MUST',
    platformVerdict: 'silently-wrong-access',
    title: `MUST answer each expected user with exactly the expected ${part}, order apart`,
    source,
    why: `A ${fact} that is missing takes access away in silence, one too many gives it.`,
    mend: [
      {
        stack: 'any',
        text: 'Compare with what each source holds: pages and ranges that were not followed, a filter that is too wide or too narrow, letter case.',
      },
    ],
    needs,
    async run(context) {
      for (const { asked, expected, answer } of await askExpected(context)) {
        // No 200 is another check's finding.
        if (answer.status !== 200) continue;
        const body = isUtf8(answer.body) ? findJson(decodeBody(answer.body))?.value : null;
        if (!validateUserInfoLenient(body))
          throw new Untestable(
            `What was answered for ${asked} is no user info: see known-user-utf-8, known-user-json and known-user-schema.`,
          );
        const difference = describeDifference(new Set(list(expected)), new Set(list(body)), context.options.showData);
        assertConforms(difference === null, {
          asked,
          expected: `the ${part} of --expect`,
          seen: difference ?? '',
          change,
          answers: [answer],
        });
      }
    },
  };
}

export const expectedData: Topic = {
  title: 'Expected data',
  checks: [
    answered,
    sameFacts('expected-groups', 'groups', 'group', ({ groups }) => groups.map(({ name }) => JSON.stringify(name))),
    sameFacts('expected-authorizations', 'attributes and values', 'value', ({ authorizations }) =>
      Object.entries(authorizations).flatMap(([name, values]) =>
        values.map((value) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`),
      ),
    ),
  ],
};
