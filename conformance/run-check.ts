// Runs one check: its needs, its control, and the resulting status in the report.
import { AssertionError } from 'chai';
import type { CheckResult } from '../schemas/generated/conformance-report.ts';
import type { Check, Need } from './check.ts';
import type { CheckContext } from './check-context.ts';
import { MissingInput, NotApplicable, NotAsked, Untestable } from './check-endings.ts';
import { hasClientCertificate } from './conformance-options.ts';
import { moreFailedLogins } from './http/credentials.ts';
import { NoAnswer } from './http/no-answer.ts';
import { Nonconformity } from './nonconformity.ts';
import { describeUnscored, findUnscored } from './scoring.ts';
import { hasPlusOrSpace, hasTwoForms } from './user-kinds.ts';

type Outcome = Pick<CheckResult, 'status' | 'message'>;

interface Input {
  isThere(context: CheckContext): boolean;
  /** The message in the report if the input is missing. */
  readonly missing: string;
  /** The flags that provide it, as typed. Absent: without the input, the check does not apply. */
  readonly flag?: string;
}

const inputs: Readonly<Record<Need, Input>> = {
  'known-user': {
    flag: '--known-user ID',
    isThere: ({ knownUser }) => knownUser !== '',
    missing: 'Add a user that the endpoint knows: --known-user ID.',
  },
  'second-known-user': {
    flag: '--known-user ID (a second user)',
    isThere: ({ secondKnownUser }) => secondKnownUser !== '',
    missing: 'Add a second user that the endpoint knows, with other groups: another --known-user ID.',
  },
  'basic-credentials': {
    flag: '--username NAME --password-file FILE',
    isThere: ({ options }) => options.username !== undefined,
    missing: 'Add Basic credentials: --username with --password-env or --password-file.',
  },
  'client-certificate': {
    flag: '--cert FILE --key FILE',
    isThere: ({ options }) => hasClientCertificate(options),
    missing: 'Add a client certificate: --cert with --key, or --pfx.',
  },
  'client-ca': {
    flag: '--client-ca FILE --client-ca-key FILE',
    isThere: ({ options }) => options.clientCa !== undefined,
    missing: 'Add a CA that a test system trusts for client certificates: --client-ca with --client-ca-key.',
  },
  'expected-data': {
    flag: '--expect FILE',
    isThere: ({ options }) => options.expectedData !== undefined,
    missing: 'Add the expected data of users: --expect FILE.',
  },
  hook: {
    flag: '--break COMMAND --restore COMMAND',
    isThere: ({ options }) => options.hook !== undefined,
    missing: 'Add commands that stop and restart the data source: --break COMMAND with --restore COMMAND.',
  },
  'plus-user': {
    flag: '--known-user ID (a name with a plus sign or a space)',
    isThere: ({ options }) => options.knownUsers.some(hasPlusOrSpace),
    missing: 'Add a known user with a plus sign or a space in the name: another --known-user ID.',
  },
  'two-form-user': {
    flag: '--known-user ID (a name with a letter such as é)',
    isThere: ({ options }) => options.knownUsers.some(hasTwoForms),
    missing: 'Add a known user with a letter such as é in the name: another --known-user ID.',
  },
  'more-failed-logins': {
    flag: `--max-failed-logins ${moreFailedLogins}`,
    isThere: ({ options }) => options.maxFailedLogins >= moreFailedLogins,
    missing: `Add --max-failed-logins ${moreFailedLogins} or more to try more wrong passwords, if no account can be locked out.`,
  },
  'declared-case': {
    flag: '--userid-case RULE',
    isThere: ({ options }) => options.useridCase !== undefined,
    missing: 'Declare whether letter case matters in user ids: --userid-case sensitive or insensitive.',
  },
  'undeclared-case': {
    isThere: ({ options }) => options.useridCase === undefined,
    missing: 'Covered by userid-case-as-declared, because --userid-case is set.',
  },
  'declared-spaces': {
    flag: '--userid-spaces RULE',
    isThere: ({ options }) => options.useridSpaces !== undefined,
    missing: 'Declare whether spaces around user ids are part of them: --userid-spaces kept or trimmed.',
  },
  'undeclared-spaces': {
    isThere: ({ options }) => options.useridSpaces === undefined,
    missing: 'Covered by userid-spaces-as-declared, because --userid-spaces is set.',
  },
  'latency-bound': {
    flag: '--max-p95-ms MS',
    isThere: ({ options }) => options.maxP95Ms !== undefined,
    missing: 'Add a limit for the 95th percentile of the response time: --max-p95-ms MS.',
  },
  https: {
    isThere: ({ options }) => options.url.protocol === 'https:',
    missing: 'Applies to https:// URLs only.',
  },
  intrusive: {
    flag: '--intrusive',
    isThere: ({ options }) => options.intrusive,
    missing: 'The check sends requests that write, flood or stall. Allow such requests with --intrusive.',
  },
  explore: {
    isThere: ({ options }) => options.explore !== undefined,
    missing: 'Add a number of generated inputs: --explore N.',
  },
  control: {
    flag: '--known-user ID',
    isThere: ({ knownUser }) => knownUser !== '',
    missing: 'Add a user that the endpoint knows: --known-user ID.',
  },
};

/** Throws NotApplicable if the check does not apply, and MissingInput if an input was not given. */
function assertApplies(check: Check, context: CheckContext): void {
  if (check.auth && !check.auth.includes(context.auth)) {
    throw new NotApplicable(`Does not apply to --auth ${context.auth}.`);
  }
  const missing = check.needs.map((need) => inputs[need]).filter((input) => !input.isThere(context));
  const inapplicable = missing.find(({ flag }) => flag === undefined);
  if (inapplicable) throw new NotApplicable(inapplicable.missing);
  if (missing[0]) throw new MissingInput(missing[0].missing, [...new Set(missing.flatMap(({ flag }) => flag ?? []))]);
}

/** Runs a check. Throws the errors of Check.run. */
export async function runCheck(check: Check, context: CheckContext): Promise<void> {
  assertApplies(check, context);
  context.transcript.begin(check.id);
  if (check.needs.includes('control')) await context.assertControlWorks();
  await check.run(context);
}

type Ranked = Pick<Check, 'ruleSet' | 'level' | 'unscored'>;

/** Returns the status of a violation: only checks of the rule set `contract` can fail, and an unscored check reports only an info. */
function violationStatus(check: Ranked): CheckResult['status'] {
  const { ruleSet, level } = check;
  if (findUnscored(check) !== null) return 'info';
  if (ruleSet === 'contract') return 'failed';
  return level === 'MAY' ? 'info' : 'warning';
}

/** Returns status and message of a check that threw `error`; undefined: it did not throw. */
export function toOutcome(error: unknown, check: Ranked): Outcome {
  if (error === undefined) return { status: 'passed', message: '' };
  if (error instanceof AssertionError) {
    const unscored = findUnscored(check);
    const message = unscored === null ? error.message : `${error.message}\n${describeUnscored(unscored)}`;
    return { status: violationStatus(check), message };
  }
  if (error instanceof Untestable) return { status: 'untestable', message: error.message };
  if (error instanceof MissingInput) return { status: 'skipped', message: error.message };
  if (error instanceof NoAnswer) {
    return { status: error.metEndpoint ? 'untestable' : 'error', message: error.message };
  }
  // The error's message may quote user data; its kind and location are sufficient for a report.
  const name = error instanceof Error ? error.name : typeof error;
  const place =
    error instanceof Error
      ? (/^[ \t]+at .*?([\w.-]+\.[jt]s:\d+)/m.exec(error.stack ?? '')?.[1] ?? 'an unknown place')
      : 'an unknown place';
  const whose = check.ruleSet === 'custom' ? 'The custom check failed' : 'A bug in the kit, please report it';
  return { status: 'error', message: `${whose}: ${name} at ${place}.` };
}

/** Returns why a check that applies has no result, and the flags that would enable it. null: it has a result or does not apply. */
export function explainNotRun(error: unknown): CheckResult['notRun'] | null {
  if (error === undefined || error instanceof AssertionError || error instanceof NotApplicable) return null;
  if (error instanceof MissingInput) return { because: 'input', flags: [...error.flags] };
  if (error instanceof NotAsked) return { because: error.isLate ? 'time' : 'limit', flags: [...error.flags] };
  if (error instanceof Untestable) return { because: 'endpoint', flags: [] };
  return { because: error instanceof NoAnswer && error.metEndpoint ? 'endpoint' : 'error', flags: [] };
}

/** Returns what the report contains about a violation in addition to its message: evidence, impact, and the effect on the platform. */
export function describeViolation(
  error: unknown,
  check: Check,
  context: CheckContext,
): Pick<CheckResult, 'evidence' | 'impact' | 'platformVerdict'> {
  const finding = error instanceof Nonconformity ? error.finding : null;
  const impact = finding?.impact ?? check.impact;
  return {
    evidence: finding === null ? [] : context.transcript.cut(finding.expected, finding.answers),
    impact,
    ...(check.sentByPlatform ? { platformVerdict: impact } : {}),
  };
}
