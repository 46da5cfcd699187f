// Effect of each finding on the platform, as far as a platform profile determines it.
import { type Validity, validityOf } from '../../schemas/fact-validity.ts';
import type { CheckResult, ConformanceReport, PlatformEffect } from '../../schemas/generated/conformance-report.ts';
import type { PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import { isViolation } from '../fail-on.ts';

/** Returns the value of an assumption; undefined: the profile does not determine it. */
type ReadFact = (name: string) => string | number | boolean | undefined;

/** A sentence, and the assumptions that it follows from. */
interface Effect {
  readonly text: string;
  readonly facts: readonly string[];
}

/** Effect on the user, by the values of `onNotFound` and `onFailure`. */
const rules: Readonly<Record<string, string>> = {
  keep: 'The platform changes nothing for the user.',
  clear: 'The platform removes the access that the endpoint gave the user.',
  disable: 'The platform disables the user.',
  fail: 'The platform changes nothing for the user, and rejects the login.',
};

/** Checks whose finding is the status of a response that the platform gets. */
export const statusChecks: ReadonlySet<string> = new Set([
  ...['known-user-200', 'any-accept-json', 'expected-user-200', 'unknown-user-404', 'userid-odd-no-5xx'],
  ...['source-down-5xx', 'source-back-200', 'either-basic-alone', 'either-certificate-alone', 'refusal-not-reused'],
  ...['kept-connection-again', 'concurrent-requests-answered', 'userid-built-in-name-404'],
]);

/** Checks whose finding is a well-formed 200 with the wrong data. */
export const wrongDataChecks: ReadonlySet<string> = new Set([
  ...['unknown-user-refused', 'source-down-no-wrong-200', 'source-down-refused', 'expected-groups'],
  ...['expected-authorizations', 'same-question-same-answer', 'parallel-users-not-swapped', 'answer-not-from-cache'],
  ...['kept-connection-other-user', 'known-user-stable-after-generated-names'],
]);

/** Checks whose finding is about one assumption, even if it is not known whether the platform sends the request. */
export const effectsByCheck: Readonly<Record<string, (read: ReadFact) => Effect | null>> = {
  // The experiment `incomplete-json` is one of those that determine it.
  'known-user-json': findRule('onFailure'),
  'known-user-content-type': findByValue('contentType', {
    any: 'The platform ignores the content type of a 200.',
    json: 'The platform rejects a 200 that is not declared as JSON.',
  }),
  'known-user-size': findNumber('maxBodyBytes', (bytes) => `The platform accepts a body of up to ${bytes} bytes.`),
  'known-user-response-time': findTimeLimit,
  'latency-within-bound': findTimeLimit,
  'source-down-answered': findTimeLimit,
  'server-certificate-chain': findByValue('verifyServerCertificate', {
    true: 'The platform rejects a certificate that it cannot verify.',
    false: 'The platform accepts a certificate that it cannot verify.',
  }),
  'userid-plus-escaped': findSpace,
  'userid-plus-not-space': findSpace,
  'userid-plus-as-space': findSpace,
  'credentials-missing-challenge': findByValue('basicWithoutChallenge', {
    true: 'The platform sends its credentials without a challenge.',
    false: 'The platform sends its credentials only after a challenge.',
  }),
};

/**
 * Returns the report with the effect on the platform of each finding that concerns it: from the profile, or "not known". Changes no status and no
 * verdict.
 *
 * @param now decides which facts have expired.
 */
export function withPlatformEffects(report: ConformanceReport, profile: PlatformProfile, now: Date): ConformanceReport {
  const { platform, date } = profile;
  return {
    ...report,
    platformProfile: { platform, date },
    checks: report.checks.map((check) => {
      const isStated = isViolation(check) && (check.platformVerdict !== undefined || check.id in effectsByCheck);
      return isStated ? { ...check, platformEffect: findEffect(check, profile, now) } : check;
    }),
  };
}

function findEffect(check: CheckResult, profile: PlatformProfile, now: Date): PlatformEffect {
  const { facts } = profile;
  const read: ReadFact = (name) => {
    const fact = Object.hasOwn(facts, name) ? facts[name] : undefined;
    return fact === undefined || fact.determined === 'no' ? undefined : fact.value;
  };
  const effect = effectsByCheck[check.id]?.(read) ?? findByStatus(check, read);
  if (effect === null) return { text: 'not known', facts: [] };
  const validities = effect.facts.map((name) => validityOf(facts[name] ?? {}, profile.date));
  // The observed behavior may be that of the intermediary.
  const isThrough = effect.facts.some((name) => facts[name]?.throughIntermediary);
  const origin = `${wordOrigin(validities, profile.platform, now)}${isThrough ? ' Measured through an intermediary.' : ''}`;
  return { text: `${effect.text} ${origin}`, facts: [...effect.facts] };
}

/** Returns the origin of an effect in words; its oldest fact decides. */
function wordOrigin(validities: readonly Validity[], platform: string, now: Date): string {
  const [date = ''] = validities.map((validity) => validity.date).sort();
  const [validUntil = ''] = validities.map((validity) => validity.validUntil).sort();
  const isExpired = now.toISOString().slice(0, date.length) > validUntil;
  return `Measured on ${date} with ${platform}${isExpired ? `, expired (valid until ${validUntil})` : ''}.`;
}

function findByStatus({ id, evidence }: CheckResult, read: ReadFact): Effect | null {
  const statuses = evidence.flatMap(({ answered }) => /^status (\d{3})\b/.exec(answered)?.[1] ?? []).map(Number);
  if (wrongDataChecks.has(id) && statuses.includes(200)) {
    return findByValue('removalRule', {
      remove: 'The platform accepts the response, and removes groups and values that the response does not contain.',
      keep: 'The platform accepts the response, and keeps groups and values that the response does not contain.',
    })(read);
  }
  const status = statusChecks.has(id) ? statuses.find((each) => each !== 200) : undefined;
  if (status === undefined) return null;
  if (status === 404) return findRule('onNotFound')(read);
  if (status >= 300 && status < 400) {
    return findByValue('followRedirects', {
      true: 'The platform follows a redirect to the same origin.',
      false: 'The platform does not follow the redirect.',
    })(read);
  }
  return isMeasuredAsFailure(status) ? findRule('onFailure')(read) : null;
}

/** Returns whether the rule measured with 403 and 503 applies. The platform may treat a status that has a specific meaning differently. */
function isMeasuredAsFailure(status: number): boolean {
  return status >= 400 && status < 600 && ![401, 407, 410, 429].includes(status);
}

function findRule(name: 'onNotFound' | 'onFailure') {
  return findByValue(name, rules);
}

function findByValue(name: string, texts: Readonly<Record<string, string>>) {
  return (read: ReadFact): Effect | null => {
    const text = texts[String(read(name))];
    return text === undefined ? null : { text, facts: [name] };
  };
}

function findNumber(name: string, word: (value: number) => string) {
  return (read: ReadFact): Effect | null => {
    const value = read(name);
    return typeof value === 'number' ? { text: word(value), facts: [name] } : null;
  };
}

function findTimeLimit(read: ReadFact): Effect | null {
  return findNumber('timeoutMs', (ms) => `The platform waits ${ms} ms for a response.`)(read);
}

function findSpace(read: ReadFact): Effect | null {
  const value = read('spaceAs');
  return value === undefined
    ? null
    : { text: `The platform sends a space in a user name as ${value}.`, facts: ['spaceAs'] };
}
