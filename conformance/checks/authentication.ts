// Owns the checks of credentials that are nearly right, or right and written otherwise.
import { randomBytes } from 'node:crypto';
import type { Check, Topic } from '../check.ts';
import type { CheckContext, ShortQuestion } from '../check-context.ts';
import { NotApplicable, Untestable } from '../check-endings.ts';
import { basicValue, type Credentials, moreFailedLogins } from '../credentials.ts';
import { assertConforms, assumeRefused, describeAnswer } from '../finding.ts';
import {
  basicShared,
  basicSource,
  malformedBase64,
  malformedShared,
  withoutColon,
  wrongPassword,
  wrongUsername,
} from './basic.ts';
import { askRefusal, errorBodyCheck, type Refusal, refusalChecks, toSentence } from './refusal-checks.ts';
import { assertGuarded } from './strangers.ts';

/** Wrong credentials: those of `withoutBasic` with this header beside. `failedLoginOf` and `shown` as in Credentials. */
function presenting(
  { credentials, knownUser }: CheckContext,
  authorization: string,
  failedLoginOf: string | null,
  shown: string,
): ShortQuestion {
  const wrong: Credentials = { ...credentials.withoutBasic, authorization, failedLoginOf, shown };
  return { userids: [knownUser], credentials: wrong };
}

/** The right user name with a password that is nearly right. Untestable where every password is let in. */
async function presentPassword(
  context: CheckContext,
  change: (password: string) => string,
  shown: string,
): Promise<readonly ShortQuestion[]> {
  const { username = '', password = '' } = context.options;
  if (change(password) === password) throw new NotApplicable('Applies to other passwords than this one.');
  for (const answer of await askRefusal(wrongPassword, context)) assumeRefused(answer, 'wrong-password-refused');
  const value = basicValue(`${username}:${change(password)}`);
  return [presenting(context, value, username, `--user "$USERNAME:${shown}"`)];
}

const nearly = { ...basicShared, source: basicSource, platformVerdict: 'information-leak' } as const;

/** A colon that something stands before. */
const hasColon = ({ options: { password = '' } }: CheckContext) => password.lastIndexOf(':') > 0;

/** What stands before the last colon; where there is none, all but the last letter. */
function cut(password: string): string {
  const colon = password.lastIndexOf(':');
  return colon > 0 ? password.slice(0, colon) : [...password].slice(0, -1).join('');
}

const prefix: Refusal = {
  ...nearly,
  id: 'password-prefix',
  request: 'a known user with a part of the password, cut at a colon where it has one',
  why: 'A password may hold colons. What stops reading at one, or compares no more than was sent, lets the first letters in.',
  change: 'split user name and password at the first colon, and compare the whole password',
  mend: [
    { stack: 'express', text: 'passport-http before 1.0 and header.split(":")[1] drop what follows the second colon.' },
    { stack: 'flask', text: "Use partition(':'), or split(':', 1)." },
    { stack: 'spring', text: 'Use split(":", 2), or Spring Security.' },
    { stack: 'go', text: 'Use r.BasicAuth().' },
    { stack: 'aspnet', text: "Use Split(':', 2)." },
  ],
  questions: (context) => presentPassword(context, cut, hasColon(context) ? `\${PASSWORD%:*}` : `\${PASSWORD%?}`),
};

const extended: Refusal = {
  ...nearly,
  id: 'password-extended',
  request: 'a known user with the password and a colon and more behind it',
  why: 'A hash that looks at 8 or 72 bytes only, or a parser that stops at a colon, takes many passwords for the right one.',
  change:
    'split user name and password at the first colon, compare the whole password, and hash with what takes its whole length',
  mend: [
    {
      stack: 'any',
      text: 'crypt(3) with DES takes 8 bytes, bcrypt 72: use scrypt, Argon2 or SHA-512-crypt for longer ones.',
    },
    { stack: 'nginx', text: 'Write the file of auth_basic with openssl passwd -6, not with -crypt.' },
  ],
  questions: (context) => presentPassword(context, (password) => `${password}:kit`, '$PASSWORD:kit'),
};

const emptyPassword: Refusal = {
  ...nearly,
  id: 'empty-password',
  request: 'a known user with an empty password',
  source: `${basicSource}; RFC 4513, 5.1.2: a directory takes a bind without a password for an anonymous one, and says success`,
  why: 'Where the password is tried by a bind to a directory, an empty one always succeeds: everybody is let in.',
  change: 'refuse an empty password before it is tried anywhere',
  mend: [
    {
      stack: 'spring',
      text: 'Leave hideUserNotFoundExceptions and the check for empty passwords of Spring Security on.',
    },
  ],
  questions: (context) => presentPassword(context, () => '', ''),
};

const ending: Refusal = {
  ...nearly,
  id: 'password-ending',
  request: 'a known user with the password without its first letter',
  needs: [...nearly.needs, 'more-failed-logins'],
  why: 'A parser that splits at the last colon, or a comparison by its end, lets a part of the password in.',
  change: 'split user name and password at the first colon, and compare the whole password',
  questions: (context) => presentPassword(context, (password) => [...password].slice(1).join(''), `\${PASSWORD#?}`),
};

const otherCase = (text: string) => (text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase());

const passwordCase: Refusal = {
  ...nearly,
  id: 'password-letter-case',
  request: 'a known user with the password in another letter case',
  needs: [...nearly.needs, 'more-failed-logins'],
  why: 'Passwords that are compared in the database follow its collation, and most of those ignore letter case.',
  change: 'compare the password in the program, byte for byte, or better a hash of it',
  questions(context) {
    const { password = '' } = context.options;
    const letters = password === password.toUpperCase() ? 'A-Z a-z' : 'a-z A-Z';
    return presentPassword(context, otherCase, `$(printf %s "$PASSWORD" | tr ${letters})`);
  },
};

/** As `presenting`. Untestable where nothing needs to be presented: then what is presented tells nothing. */
async function presentToGuard(
  context: CheckContext,
  ...presented: readonly (readonly [authorization: string, failedLoginOf: string | null, shown: string])[]
): Promise<readonly ShortQuestion[]> {
  await assertGuarded(context);
  return presented.map((each) => presenting(context, ...each));
}

const emptyBoth: Refusal = {
  ...nearly,
  id: 'empty-credentials',
  request: 'a known user with an empty user name and an empty password',
  why: 'Settings that are missing are empty texts: who compares with them lets in whoever sends nothing but a colon. A directory takes it for an anonymous bind.',
  change: 'refuse an empty user name and an empty password, and do not start without both',
  questions: (context) => presentToGuard(context, [basicValue(':'), '', '--user ":"']),
};

const withoutToken: Refusal = {
  ...malformedShared,
  id: 'credentials-without-token',
  request: 'a known user with the word Basic and nothing behind it',
  why: 'An error while reading that lets the request through opens the endpoint to everybody.',
  change: 'refuse an Authorization that can not be read, as wrong credentials',
  questions: (context) => presentToGuard(context, ['Basic', '', '--header "Authorization: Basic"']),
};

const notUtf8: Refusal = {
  ...malformedShared,
  id: 'credentials-not-utf-8',
  request: 'a known user with credentials whose bytes are no UTF-8',
  source: `${malformedShared.source}; 2.1: in UTF-8, where the challenge says so`,
  why: 'A decoder that throws must not let the request through, and one that repairs makes many passwords one.',
  change: 'decode strictly, and refuse what is no UTF-8 as wrong credentials',
  questions: (context) =>
    presentToGuard(context, ['Basic //79Ov/+/Q==', '', '--header "Authorization: Basic //79Ov/+/Q=="']),
};

const otherScheme: Refusal = {
  ...malformedShared,
  id: 'other-scheme',
  request: 'a known user with the right token behind another scheme, as Bearer or XBasic',
  source: `${basicSource}; RFC 9110, 11.4: a scheme is a whole word`,
  why: 'What looks for Basic anywhere in the header, or at no scheme at all, reads credentials that a filter in front has not seen.',
  change: 'compare the scheme as a whole word, whatever its letter case',
  questions: (context) => {
    const right = context.credentials.basicAlone.authorization ?? '';
    // What looks at no scheme at all takes XBasic too, so Bearer has to wait for a larger budget.
    const schemes = context.options.maxFailedLogins >= moreFailedLogins ? ['XBasic', 'Bearer'] : ['XBasic'];
    const presented = schemes.map(
      (scheme) => [right.replace('Basic', scheme), '', `--header "Authorization: ${scheme} $BASIC"`] as const,
    );
    return presentToGuard(context, ...presented);
  },
};

/** A SHOULD about one odd header. */
function headerCheck(
  data: Pick<Check, 'id' | 'level' | 'title' | 'source' | 'why' | 'platformVerdict'> & {
    readonly needs?: Check['needs'];
    readonly asked: string;
    readonly expected: string;
    readonly change: string;
    readonly statuses: (status: number) => boolean;
    readonly question: (context: CheckContext) => ShortQuestion;
  },
): Check {
  const { needs = [], asked, expected, change, statuses, question, ...rest } = data;
  return {
    ...rest,
    mend: [{ stack: 'any', text: toSentence(change) }],
    needs: [...basicShared.needs, ...needs],
    auth: basicShared.auth,
    async run(context) {
      await assertGuarded(context);
      const { credentials, knownUser } = context;
      const usual = context.auth === 'both' ? credentials.right : credentials.basicAlone;
      const { status } = await context.askOnce({ userids: [knownUser], credentials: usual });
      if (status !== 200) throw new Untestable('Basic alone is not enough: see either-basic-alone.');
      const answer = await context.askOnce(question(context));
      assertConforms(statuses(answer.status), {
        asked,
        expected,
        seen: describeAnswer(answer),
        change,
        answers: [answer],
      });
    },
  };
}

const right = ({ credentials }: CheckContext) => credentials.basicAlone.authorization ?? '';

const schemeCase = headerCheck({
  id: 'scheme-letter-case',
  level: 'MUST',
  platformVerdict: 'refused',
  title: 'MUST take the scheme Basic in any letter case',
  source: 'RFC 9110, 11.1: schemes are case-insensitive',
  why: 'Clients and proxies write basic and BASIC too; which of them the platform does is documented nowhere.',
  asked: 'a known user with the right credentials behind bASIC',
  expected: 'status 200',
  change: 'compare the scheme without regard to letter case',
  statuses: (status) => status === 200,
  question: (context) =>
    presenting(context, right(context).replace('Basic', 'bASIC'), null, '--header "Authorization: bASIC $BASIC"'),
});

const twoSpaces = headerCheck({
  id: 'scheme-two-spaces',
  level: 'SHOULD',
  platformVerdict: 'cosmetic',
  title: 'SHOULD take two spaces behind the scheme, or refuse them as wrong credentials',
  source: 'RFC 9110, 11.4: one space or more; User info contract, statuses: malformed credentials are 401',
  why: 'An error of another kind says that the header goes past the code that judges credentials.',
  asked: 'a known user with the right credentials behind two spaces',
  expected: 'status 200, 400, 401 or 403',
  change: 'take one space or more, or refuse with 401',
  statuses: (status) => [200, 400, 401, 403].includes(status),
  question: (context) =>
    presenting(context, right(context).replace(' ', '  '), null, '--header "Authorization: Basic  $BASIC"'),
});

const lenientBase64 = headerCheck({
  id: 'base64-with-other-signs',
  needs: ['more-failed-logins'],
  level: 'SHOULD',
  platformVerdict: 'cosmetic',
  title: 'SHOULD refuse the right credentials when other signs stand in their base64',
  source: 'RFC 4648, 3.3: what holds other signs must be rejected; 12: they can carry what filters do not see',
  why: 'A filter in front and the endpoint then read two things in one header.',
  asked: 'a known user with the right credentials and a sign in them that is no base64',
  expected: 'any status but 200',
  change: 'decode base64 strictly, or compare the token as it was sent with the one that must be sent',
  statuses: (status) => status !== 200,
  question: (context) =>
    presenting(
      context,
      right(context).replace(/.{4}$/, '!$&'),
      '',
      `--header "Authorization: Basic $(printf %s "$BASIC" | sed 's/....$/!&/')"`,
    ),
});

const beyondAscii = headerCheck({
  id: 'credentials-beyond-ascii-401',
  level: 'SHOULD',
  platformVerdict: 'cosmetic',
  title: 'SHOULD answer wrong credentials with letters beyond ASCII with 401 or 403',
  source: 'RFC 7617, 2.1: credentials in UTF-8; User info contract, statuses: wrong credentials are 401',
  why: 'A 500 says that such a letter breaks the code that judges credentials; nobody with one in the password is let in.',
  asked: 'a known user with a wrong user name and password that have letters beyond ASCII',
  expected: 'status 401 or 403',
  change: 'decode credentials as UTF-8, and let no letter be an error',
  statuses: (status) => status === 401 || status === 403 || status === 200,
  question: (context) => {
    const name = `nöbody-${randomBytes(8).toString('hex')}`;
    return presenting(context, basicValue(`${name}:wörd-😀`), name, `--user "${name}:wörd-😀"`);
  },
});

const wrongErrorBody = errorBodyCheck(
  'wrong-credentials-error-body',
  'MUST NOT send user info in the refusal of wrong credentials',
  {
    ...wrongPassword,
    request: 'a known user with wrong or malformed credentials',
    questions: async (context) =>
      (
        await Promise.all(
          [wrongPassword, wrongUsername, malformedBase64, withoutColon].map(({ questions }) => questions(context)),
        )
      ).flat(),
  },
);

export const authentication: Topic = {
  title: 'Credentials that are nearly right',
  checks: [
    wrongErrorBody,
    schemeCase,
    twoSpaces,
    ...[otherScheme, withoutToken, notUtf8].flatMap(refusalChecks),
    lenientBase64,
    beyondAscii,
    ...[emptyPassword, prefix, extended, emptyBoth, ending, passwordCase].flatMap(refusalChecks),
  ],
};
