// Checks of the groups, attributes and values that users are expected to have, ignoring order.
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import { validateUserInfoLenient } from '../../schemas/validators.ts';
import type { Check, Topic } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { assertConforms, describeAnswer } from '../report/finding.ts';
import { decodeBody, describeContent, findJson, isUtf8 } from '../user-info-body.ts';

const needs = ['expected-data', 'control'] as const;

interface Expectation {
  /** The user, as text that reports may show. */
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
  title: 'MUST respond with 200 for each expected user',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-1'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'With any other status, the platform gets no user info for this user.',
  fix: [{ stack: 'any', text: 'Check that this user is enabled and occurs exactly once in the data source.' }],
  needs,
  async run(context) {
    for (const { asked, answer } of await askExpected(context)) {
      assertConforms(answer.status === 200, {
        asked,
        expected: 'status 200',
        seen: describeAnswer(answer),
        change:
          'check that this user is enabled and occurs exactly once in the data source; or remove the user from --expect',
        answers: [answer],
      });
    }
  },
};

const listed = 10;

/** Returns the differences as text, with names and values only if reports may show them. Null: none. */
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
  const words = [...word('missing', missing), ...word('unexpected', surplus)];
  return words.length === 0 ? null : `${words.join('; ')} (${expected.size} expected)`;
}

/** Throws if the facts of one part of a response differ from the expected ones. `list` returns each fact as a separate string. */
async function assertSameFacts(
  context: CheckContext,
  part: string,
  list: (user: UserInfo) => readonly string[],
): Promise<void> {
  let untestable: Untestable | undefined;
  for (const { asked, isKnownUser, expected, answer } of await askExpected(context)) {
    // The check expected-user-200 reports any other status.
    if (answer.status !== 200) continue;
    const body = isUtf8(answer.body) ? findJson(decodeBody(answer.body))?.value : null;
    if (!validateUserInfoLenient(body)) {
      assertConforms(isKnownUser, {
        asked,
        expected: `the ${part} of --expect`,
        seen: `${describeAnswer(answer)}: ${describeContent(answer.body)}, from which the ${part} cannot be read`,
        change: 'send user info in the documented shape, as JSON in UTF-8',
        answers: [answer],
      });
      // The checks of each known user's 200 report such a body.
      untestable ??= new Untestable(
        `The response for ${asked} is not user info: see known-user-whole, known-user-utf-8, known-user-byte-order-mark, known-user-json and known-user-schema.`,
      );
      continue;
    }
    const difference = describeDifference(new Set(list(expected)), new Set(list(body)), context.options.showData);
    assertConforms(difference === null, {
      asked,
      expected: `the ${part} of --expect`,
      seen: difference ?? '',
      change:
        'check which data source provides this data, and whether each query, page and range was read completely; or correct --expect',
      answers: [answer],
    });
  }
  if (untestable) throw untestable;
}

const fix: Check['fix'] = [
  {
    stack: 'any',
    text: 'Compare the response with each data source. Look for unread pages and ranges, a filter that is too broad or too narrow, and differences in letter case.',
  },
];

const groups: Check = {
  id: 'expected-groups',
  title: 'MUST respond with exactly the expected groups for each expected user',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-7'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'A missing group silently removes access, and an additional group silently grants access.',
  fix,
  needs,
  run: (context) =>
    assertSameFacts(context, 'groups', ({ groups: list }) => list.map(({ name }) => JSON.stringify(name))),
};

const authorizations: Check = {
  id: 'expected-authorizations',
  title: 'MUST respond with exactly the expected attributes and values for each expected user',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-7'],
  impact: 'silently-wrong-access',
  sentByPlatform: true,
  why: 'A missing value silently removes access, and an additional value silently grants access.',
  fix,
  needs,
  run: (context) =>
    assertSameFacts(context, 'attributes and values', ({ authorizations: attributes }) =>
      Object.entries(attributes).flatMap(([name, values]) =>
        values.map((value) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`),
      ),
    ),
};

export const expectedData: Topic = { title: 'Expected data', checks: [answered, groups, authorizations] };
