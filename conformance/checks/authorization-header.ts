// Checks of unusual Authorization headers: letter case, spaces, Base64 and non-ASCII letters.
import { randomBytes } from 'node:crypto';
import type { Check } from '../check.ts';
import type { CheckContext, ShortRequest } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import { basicValue, type Credentials } from '../http/credentials.ts';
import { assertConforms, describeAnswer } from '../report/finding.ts';
import { basicShared } from './basic.ts';
import { askOrClosed } from './refusal-checks.ts';
import { assertGuarded } from './unauthenticated-clients.ts';

/**
 * Returns a request for the known user with the credentials of `withoutBasic` and this Authorization header. `failedLoginOf` and `shown` as in
 * Credentials.
 */
export function presenting(
  { credentials, knownUser }: CheckContext,
  authorization: string,
  failedLoginOf: string | null,
  shown: string,
): ShortRequest {
  const wrong: Credentials = { ...credentials.withoutBasic, authorization, failedLoginOf, shown };
  return { userids: [knownUser], credentials: wrong };
}

/** Shared fields of the checks of unusual headers. */
const headerShared = { needs: basicShared.needs, auth: basicShared.auth } as const;

/** Returns the right Authorization header. */
const right = ({ credentials }: CheckContext): string => credentials.basicAlone.authorization ?? '';

/** Throws if the status of the response to an unusual header does not satisfy `isExpected`. */
async function assertHeaderStatus(
  context: CheckContext,
  rule: {
    readonly asked: string;
    readonly expected: string;
    readonly change: string;
    readonly request: ShortRequest;
    isExpected(status: number): boolean;
  },
): Promise<void> {
  await assertGuarded(context);
  const { credentials, knownUser } = context;
  const usual = context.auth === 'both' ? credentials.right : credentials.basicAlone;
  const { status } = await context.askOnce({ userids: [knownUser], credentials: usual });
  if (status !== 200) throw new Untestable('Basic credentials alone are not sufficient: see either-basic-alone.');
  const { request, isExpected, ...words } = rule;
  const answer = await askOrClosed(context, request);
  // A closed connection is a refusal, like a 401.
  assertConforms(isExpected(answer?.status ?? 401), {
    ...words,
    seen: answer === null ? 'a closed connection' : describeAnswer(answer),
    ...(answer === null ? {} : { answers: [answer] }),
  });
}

export const schemeCase: Check = {
  id: 'scheme-letter-case',
  title: 'MUST accept the scheme Basic in any letter case',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-22'],
  impact: 'refused',
  why: 'Some clients and proxies send basic or BASIC. The platform documentation does not say which form the platform sends.',
  fix: [{ stack: 'any', text: 'Compare the scheme without regard to letter case.' }],
  ...headerShared,
  run: (context) =>
    assertHeaderStatus(context, {
      asked: 'a known user with the right credentials after the scheme bASIC',
      expected: 'status 200',
      change: 'compare the scheme without regard to letter case',
      request: presenting(
        context,
        right(context).replace('Basic', 'bASIC'),
        null,
        '--header "Authorization: bASIC $BASIC"',
      ),
      isExpected: (status) => status === 200,
    }),
};

export const twoSpaces: Check = {
  id: 'scheme-two-spaces',
  title: 'SHOULD accept two spaces after the scheme, or reject the request in the same way as wrong credentials',
  ruleSet: 'standards',
  level: 'SHOULD',
  clauses: ['S-23'],
  impact: 'cosmetic',
  why: 'A different error shows that the header bypasses the code that checks credentials.',
  fix: [{ stack: 'any', text: 'Accept one or more spaces, or respond with 401.' }],
  ...headerShared,
  run: (context) =>
    assertHeaderStatus(context, {
      asked: 'a known user with the right credentials after two spaces',
      expected: 'status 200, 400, 401 or 403',
      change: 'accept one or more spaces, or respond with 401',
      request: presenting(context, right(context).replace(' ', '  '), null, '--header "Authorization: Basic  $BASIC"'),
      isExpected: (status) => [200, 400, 401, 403].includes(status),
    }),
};

export const lenientBase64: Check = {
  id: 'base64-with-other-signs',
  title: 'MUST respond with a non-200 status when the credentials contain a character that is not Base64',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-24'],
  impact: 'cosmetic',
  why: 'A filter in front of the endpoint may interpret the header differently than the endpoint does.',
  fix: [{ stack: 'any', text: 'Decode Base64 strictly, or compare the whole token with the expected one.' }],
  needs: [...basicShared.needs, 'more-failed-logins'],
  auth: basicShared.auth,
  run: (context) =>
    assertHeaderStatus(context, {
      asked: 'a known user with the right credentials and an exclamation mark in their Base64 encoding',
      expected: 'any status other than 200',
      change: 'decode Base64 strictly, or compare the whole token with the expected one',
      request: presenting(
        context,
        right(context).replace(/.{4}$/, '!$&'),
        '',
        `--header "Authorization: Basic $(printf %s "$BASIC" | sed 's/....$/!&/')"`,
      ),
      isExpected: (status) => status !== 200,
    }),
};

export const beyondAscii: Check = {
  id: 'credentials-beyond-ascii-401',
  title: 'SHOULD respond with 401 or 403 to wrong credentials with non-ASCII letters',
  ruleSet: 'standards',
  level: 'SHOULD',
  clauses: ['S-18'],
  impact: 'cosmetic',
  why: 'A 500 shows that a non-ASCII letter breaks the code that checks credentials: passwords with such letters cannot be used.',
  fix: [{ stack: 'any', text: 'Decode credentials as UTF-8, and make sure that no character causes an error.' }],
  ...headerShared,
  run: (context) => {
    const name = `nöbody-${randomBytes(8).toString('hex')}`;
    return assertHeaderStatus(context, {
      asked: 'a known user with a wrong user name and password that contain non-ASCII letters',
      expected: 'status 401 or 403',
      change: 'decode credentials as UTF-8, and make sure that no character causes an error',
      request: presenting(context, basicValue(`${name}:wörd-😀`), name, `--user "${name}:wörd-😀"`),
      // The check wrong-username-refused reports a 200.
      isExpected: (status) => status === 401 || status === 403 || status === 200,
    });
  },
};
