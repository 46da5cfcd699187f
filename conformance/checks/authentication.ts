// Checks of credentials that are nearly right, or right but written differently.
import type { Check, Topic } from '../check.ts';
import type { CheckContext, ShortRequest } from '../check-context.ts';
import { NotApplicable } from '../check-endings.ts';
import { basicValue, moreFailedLogins } from '../http/credentials.ts';
import { assumeRefused } from '../report/finding.ts';
import { beyondAscii, lenientBase64, presenting, schemeCase, twoSpaces } from './authorization-header.ts';
import { basicShared, malformedShared, wrongCredentials, wrongPassword } from './basic.ts';
import { assertNothingDisclosed, disclosure } from './disclosure.ts';
import { askRefusal, type Refusal, refusalChecks } from './refusal-checks.ts';
import { assertGuarded } from './unauthenticated-clients.ts';

/** Presents the right user name with a password that is nearly right. Throws NotApplicable if `change` keeps the password, and Untestable if every password is accepted. */
async function presentPassword(
  context: CheckContext,
  change: (password: string) => string,
  shown: string,
): Promise<readonly ShortRequest[]> {
  const { username = '', password = '' } = context.options;
  if (change(password) === password) throw new NotApplicable('This check does not apply to the password of this run.');
  for (const answer of await askRefusal(wrongPassword, context)) assumeRefused(answer, 'wrong-password-refused');
  const value = basicValue(`${username}:${change(password)}`);
  return [presenting(context, value, username, `--user "$USERNAME:${shown}"`)];
}

/** Returns whether the password contains a colon with text before it. */
const hasColon = ({ options: { password = '' } }: CheckContext) => password.lastIndexOf(':') > 0;

/** Returns the text before the last colon or, without a colon, all but the last character. */
function cut(password: string): string {
  const colon = password.lastIndexOf(':');
  return colon > 0 ? password.slice(0, colon) : [...password].slice(0, -1).join('');
}

const prefix: Refusal = {
  ...basicShared,
  refused: {
    id: 'password-prefix-refused',
    title: 'MUST respond with a non-200 status when only the first part of the password is sent',
    ruleSet: 'contract',
    level: 'MUST',
    clauses: ['C-14'],
    impact: 'information-leak',
  },
  status: {
    id: 'password-prefix-401',
    title: 'SHOULD respond with 401 or 403 when only the first part of the password is sent',
    ruleSet: 'standards',
    level: 'SHOULD',
    clauses: ['S-18'],
    impact: 'cosmetic',
  },
  request: 'a known user with the first part of the password, up to a colon if the password contains one',
  why: 'A password may contain colons. An endpoint that stops at a colon or compares only what was sent accepts the beginning of the password.',
  change: 'split the credentials at the first colon, and compare the whole password',
  fix: [
    {
      stack: 'express',
      text: 'passport-http up to 0.3 and header.split(":")[1] drop everything after the second colon.',
    },
    { stack: 'flask', text: "Use partition(':'), or split(':', 1)." },
    { stack: 'spring', text: 'Use split(":", 2), or Spring Security.' },
    { stack: 'go', text: 'Use r.BasicAuth().' },
    { stack: 'aspnet', text: "Use Split(':', 2)." },
  ],
  requests: (context) => presentPassword(context, cut, hasColon(context) ? `\${PASSWORD%:*}` : `\${PASSWORD%?}`),
};

const extended: Refusal = {
  ...basicShared,
  refused: {
    id: 'password-extended-refused',
    title: 'MUST respond with a non-200 status when the password is followed by a colon and more text',
    ruleSet: 'contract',
    level: 'MUST',
    clauses: ['C-14'],
    impact: 'information-leak',
  },
  status: {
    id: 'password-extended-401',
    title: 'SHOULD respond with 401 or 403 when the password is followed by a colon and more text',
    ruleSet: 'standards',
    level: 'SHOULD',
    clauses: ['S-18'],
    impact: 'cosmetic',
  },
  request: 'a known user with the password followed by a colon and more text',
  why: 'An endpoint that hashes only the first 8 or 72 bytes, or stops parsing at a colon, accepts many passwords.',
  change: 'split the credentials at the first colon, and compare or hash the whole password',
  fix: [
    {
      stack: 'any',
      text: 'crypt(3) with DES uses only the first 8 bytes, and bcrypt only the first 72. Use scrypt, Argon2 or SHA-512-crypt for longer passwords.',
    },
    { stack: 'nginx', text: 'Create the password file of auth_basic with openssl passwd -6, not with -crypt.' },
  ],
  requests: (context) => presentPassword(context, (password) => `${password}:kit`, '$PASSWORD:kit'),
};

const emptyPassword: Refusal = {
  ...basicShared,
  refused: {
    id: 'empty-password-refused',
    title: 'MUST respond with a non-200 status when the password is empty',
    ruleSet: 'contract',
    level: 'MUST',
    clauses: ['C-14'],
    impact: 'information-leak',
  },
  status: {
    id: 'empty-password-401',
    title: 'SHOULD respond with 401 or 403 when the password is empty',
    ruleSet: 'standards',
    level: 'SHOULD',
    clauses: ['S-18'],
    impact: 'cosmetic',
  },
  request: 'a known user with an empty password',
  why: 'Many LDAP servers accept a bind with an empty password as an unauthenticated bind (RFC 4513, section 5.1.2). An endpoint that checks passwords with such a bind accepts every client.',
  change: 'refuse an empty password before it is used for a bind',
  fix: [
    {
      stack: 'spring',
      text: 'Use the LdapAuthenticationProvider of Spring Security, which rejects empty passwords before the bind.',
    },
  ],
  requests: (context) => presentPassword(context, () => '', ''),
};

const ending: Refusal = {
  ...basicShared,
  refused: {
    id: 'password-ending-refused',
    title: 'MUST respond with a non-200 status when the first character of the password is missing',
    ruleSet: 'contract',
    level: 'MUST',
    clauses: ['C-14'],
    impact: 'information-leak',
  },
  status: {
    id: 'password-ending-401',
    title: 'SHOULD respond with 401 or 403 when the first character of the password is missing',
    ruleSet: 'standards',
    level: 'SHOULD',
    clauses: ['S-18'],
    impact: 'cosmetic',
  },
  request: 'a known user with the password, but without its first character',
  needs: [...basicShared.needs, 'more-failed-logins'],
  why: 'A parser that splits at the last colon, or a comparison from the end, accepts part of the password.',
  change: 'split the credentials at the first colon, and compare the whole password',
  requests: (context) => presentPassword(context, (password) => [...password].slice(1).join(''), `\${PASSWORD#?}`),
};

const otherCase = (text: string) => (text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase());

const passwordCase: Refusal = {
  ...basicShared,
  refused: {
    id: 'password-letter-case-refused',
    title: 'MUST respond with a non-200 status when the letter case of the password is wrong',
    ruleSet: 'contract',
    level: 'MUST',
    clauses: ['C-14'],
    impact: 'information-leak',
  },
  status: {
    id: 'password-letter-case-401',
    title: 'SHOULD respond with 401 or 403 when the letter case of the password is wrong',
    ruleSet: 'standards',
    level: 'SHOULD',
    clauses: ['S-18'],
    impact: 'cosmetic',
  },
  request: 'a known user with the password in another letter case',
  why: 'A database compares text according to its collation, and many default collations ignore letter case.',
  change: 'compare a hash of the password, or the password byte for byte, in the program',
  requests(context) {
    const { password = '' } = context.options;
    const letters = password === password.toUpperCase() ? 'A-Z a-z' : 'a-z A-Z';
    return presentPassword(context, otherCase, `$(printf %s "$PASSWORD" | tr ${letters})`);
  },
};

/** Works like `presenting`, but throws Untestable if no credentials are required, because a 200 for wrong credentials then proves nothing. */
async function presentToGuard(
  context: CheckContext,
  ...presented: readonly (readonly [authorization: string, failedLoginOf: string | null, shown: string])[]
): Promise<readonly ShortRequest[]> {
  await assertGuarded(context);
  return presented.map((each) => presenting(context, ...each));
}

const emptyBoth: Refusal = {
  ...basicShared,
  refused: {
    id: 'empty-credentials-refused',
    title: 'MUST respond with a non-200 status when the user name and the password are empty',
    ruleSet: 'contract',
    level: 'MUST',
    clauses: ['C-14'],
    impact: 'information-leak',
  },
  status: {
    id: 'empty-credentials-401',
    title: 'SHOULD respond with 401 or 403 when the user name and the password are empty',
    ruleSet: 'standards',
    level: 'SHOULD',
    clauses: ['S-18'],
    impact: 'cosmetic',
  },
  request: 'a known user with an empty user name and an empty password',
  needs: [...basicShared.needs, 'more-failed-logins'],
  why: 'A setting that is not configured is often an empty string. An endpoint that compares credentials with empty strings accepts a single colon. An LDAP directory treats empty credentials as an anonymous bind.',
  change: 'refuse an empty user name and an empty password, and do not start if either of them is not configured',
  requests: (context) => presentToGuard(context, [basicValue(':'), '', '--user ":"']),
};

const withoutToken: Refusal = {
  ...malformedShared,
  refused: {
    id: 'credentials-without-token-refused',
    title: 'MUST respond with a non-200 status when nothing follows the scheme Basic',
    ruleSet: 'contract',
    level: 'MUST',
    clauses: ['C-14'],
    impact: 'information-leak',
  },
  status: {
    id: 'credentials-without-token-401',
    title: 'SHOULD respond with 401, 403 or 400 when nothing follows the scheme Basic',
    ruleSet: 'standards',
    level: 'SHOULD',
    clauses: ['S-18'],
    impact: 'cosmetic',
  },
  request: 'a known user with the scheme Basic and no credentials',
  why: 'If a parsing error lets the request pass, the endpoint is open to every client.',
  change: 'treat credentials as wrong if the Authorization header cannot be parsed',
  requests: (context) => presentToGuard(context, ['Basic', '', '--header "Authorization: Basic"']),
};

const notUtf8: Refusal = {
  ...malformedShared,
  refused: {
    id: 'credentials-not-utf-8-refused',
    title: 'MUST respond with a non-200 status when the credentials are not UTF-8',
    ruleSet: 'contract',
    level: 'MUST',
    clauses: ['C-14'],
    impact: 'information-leak',
  },
  status: {
    id: 'credentials-not-utf-8-401',
    title: 'SHOULD respond with 401, 403 or 400 when the credentials are not UTF-8',
    ruleSet: 'standards',
    level: 'SHOULD',
    clauses: ['S-18'],
    impact: 'cosmetic',
  },
  request: 'a known user with credentials whose bytes are not UTF-8',
  why: 'A decoding error must not let the request pass. A decoder that replaces invalid bytes maps many passwords to one.',
  change: 'decode strictly, and treat credentials that are not UTF-8 as wrong credentials',
  requests: (context) =>
    presentToGuard(context, ['Basic //79Ov/+/Q==', '', '--header "Authorization: Basic //79Ov/+/Q=="']),
};

const otherScheme: Refusal = {
  ...malformedShared,
  refused: {
    id: 'other-scheme-refused',
    title: 'SHOULD respond with a non-200 status when another scheme precedes the right credentials',
    ruleSet: 'hardening',
    level: 'SHOULD',
    clauses: ['H-21'],
    impact: 'information-leak',
  },
  status: {
    id: 'other-scheme-401',
    title: 'SHOULD respond with 401, 403 or 400 when another scheme precedes the right credentials',
    ruleSet: 'standards',
    level: 'SHOULD',
    clauses: ['S-18'],
    impact: 'cosmetic',
  },
  request: 'a known user with the right token after another scheme, such as Bearer or XBasic',
  why: 'An endpoint that ignores the scheme accepts credentials that a filter in front of it does not recognize.',
  change: 'compare the whole scheme, ignoring letter case',
  requests: (context) => {
    const right = context.credentials.basicAlone.authorization ?? '';
    // An endpoint that ignores the scheme accepts XBasic too, so Bearer is sent only with a larger budget.
    const schemes = context.options.maxFailedLogins >= moreFailedLogins ? ['XBasic', 'Bearer'] : ['XBasic'];
    const presented = schemes.map(
      (scheme) => [right.replace('Basic', scheme), '', `--header "Authorization: ${scheme} $BASIC"`] as const,
    );
    return presentToGuard(context, ...presented);
  },
};

const wrongErrorBody: Check = {
  id: 'wrong-credentials-error-body',
  title: 'MUST NOT send user info in the response to wrong credentials',
  ruleSet: 'contract',
  level: 'MUST',
  clauses: ['C-14'],
  impact: 'information-leak',
  ...disclosure,
  needs: basicShared.needs,
  auth: basicShared.auth,
  run: (context) => assertNothingDisclosed(wrongCredentials(context), context),
};

export const authentication: Topic = {
  title: 'Credentials that are nearly right',
  checks: [
    wrongErrorBody,
    schemeCase,
    twoSpaces,
    ...[otherScheme, withoutToken, notUtf8].flatMap(refusalChecks),
    lenientBase64,
    beyondAscii,
    // The most frequent defects first, because failed logins are limited: splitting at the wrong colon, a collation, an LDAP bind.
    ...[extended, prefix, passwordCase, emptyPassword, emptyBoth, ending].flatMap(refusalChecks),
  ],
};
