// Folding of findings with one cause: which findings follow from which others, and the evidence that is required.
import type { CheckResult } from '../../schemas/generated/conformance-report.ts';
import { isViolation } from '../fail-on.ts';

/** Map from root to the checks that fail for the same cause, if they show the same symptom. Both are ids; a root may itself follow from another. */
export const followers: Readonly<Record<string, readonly string[]>> = {
  // Credentials are not required, so wrong ones are accepted too.
  'nothing-presented-refused': [
    ...['credentials-missing-refused', 'client-certificate-missing-refused', 'head-without-credentials-refused'],
    ...['methods-without-credentials-refused', 'paths-without-credentials-refused'],
    ...['proxy-headers-without-credentials-refused', 'writing-methods-without-credentials-refused'],
  ],
  'credentials-missing-refused': [
    ...['wrong-password-refused', 'wrong-username-refused', 'malformed-base64-refused'],
    ...['credentials-without-colon-refused', 'credentials-without-token-refused', 'empty-credentials-refused'],
    ...['other-scheme-refused', 'kept-connection-credentials', 'credentials-not-utf-8-refused'],
    ...['head-without-credentials-refused', 'methods-without-credentials-refused'],
    ...['paths-without-credentials-refused', 'proxy-headers-without-credentials-refused'],
    ...['writing-methods-without-credentials-refused'],
  ],
  // Every password is accepted, so nearly right ones are too.
  'wrong-password-refused': [
    ...['empty-password-refused', 'password-prefix-refused', 'password-extended-refused'],
    ...['password-ending-refused', 'password-letter-case-refused', 'credentials-without-colon-refused'],
    ...['empty-credentials-refused', 'credentials-not-utf-8-refused', 'wrong-username-refused'],
  ],
  // The endpoint does not verify the issuer of a certificate, and therefore nothing else about it.
  'client-certificate-other-ca-refused': [
    ...['client-certificate-self-signed-refused', 'client-certificate-expired-refused'],
    ...['client-certificate-not-yet-valid-refused', 'client-certificate-wrong-use-refused'],
  ],
  'client-certificate-missing-refused': ['client-certificate-missing-resumed-refused'],
  'client-certificate-missing-status': ['client-certificate-bad-status'],
  'credentials-missing-challenge': ['wrong-credentials-challenge'],
  'credentials-missing-error-body': ['wrong-credentials-error-body'],
  // Every name gets a 200.
  'unknown-user-refused': [
    ...['head-unknown-user-refused', 'kept-connection-other-user', 'userid-missing-refused', 'userid-empty-refused'],
    ...['userid-over-long-refused', 'userid-control-character-refused', 'userid-built-in-name-refused'],
    ...['userid-not-utf-8-refused', 'userid-bad-percent-refused'],
  ],
  'unknown-user-error-body': ['userid-missing-error-body', 'other-errors-error-body'],
  // The endpoint searches for a part of a name.
  'userid-part-refused': ['userid-local-part', 'userid-list-refused', 'userid-other-domain-refused'],
  'userid-accents-refused': ['userid-unicode-form', 'userid-wide-letter-refused', 'userid-letter-case'],
  'userid-regular-expression-refused': ['userid-escape-refused', 'userid-wildcard-refused'],
  'userid-repeated-refused': ['userid-escaped-name', 'userid-bracketed-refused'],
  // The body of every 200 has the same error.
  'known-user-200': ['expected-user-200', 'userid-plus-escaped'],
  'known-user-json': ['expected-groups', 'expected-authorizations'],
  'known-user-schema': ['expected-groups', 'expected-authorizations'],
  'known-user-whole': ['known-user-content-type', 'known-user-charset', 'head-like-get', 'known-user-json'],
  'known-user-no-surplus': ['kept-connection-again', 'pipelined-in-order'],
  'known-user-content-encoding-true': ['gzip-offered-readable'],
  'same-question-same-answer': ['parallel-users-not-swapped', 'expected-groups', 'expected-authorizations'],
  'parallel-users-not-swapped': ['pipelined-in-order', 'concurrent-requests-answered'],
  // The endpoint uses one handler for every method.
  'unexpected-method-refused': [
    ...['options-without-user-info', 'trace-refused', 'other-method-refused', 'writing-method-refused'],
  ],
  'errors-no-stack-trace': ['source-down-no-inner-messages'],
  'errors-no-inner-messages': ['source-down-no-inner-messages'],
  'source-down-no-wrong-200': ['source-down-refused'],
};

/** Returns the symptom: status and content type of the response that shows a finding; null: there was no response. */
function findSymptom({ evidence: [first] }: CheckResult): string | null {
  return /^status \d+, [^,]+/.exec(first?.answered ?? '')?.[0] ?? null;
}

/** Returns whether a finding can be folded into another: it is no more severe, both are confirmed, and both show the same response. */
function isSameCause(root: CheckResult, follower: CheckResult): boolean {
  if (!isViolation(root) || !isViolation(follower)) return false;
  // A failure is never hidden behind a warning.
  if (follower.status === 'failed' && root.status !== 'failed') return false;
  if (root.inconsistent || follower.inconsistent) return false;
  const symptom = findSymptom(root);
  return symptom !== null && symptom === findSymptom(follower);
}

/** Returns the results with `followsFrom` set where a finding has the same cause as another. Nothing else is changed. */
export function foldFindings(checks: readonly CheckResult[]): CheckResult[] {
  const byId = new Map(checks.map((check) => [check.id, check]));
  const roots = new Map<string, string>();
  for (const [rootId, ids] of Object.entries(followers)) {
    const root = byId.get(rootId);
    for (const id of ids) {
      const follower = byId.get(id);
      if (root && follower && !roots.has(id) && isSameCause(root, follower)) roots.set(id, rootId);
    }
  }
  const findRoot = (id: string): string => {
    const root = roots.get(id);
    return root === undefined ? id : findRoot(root);
  };
  return checks.map((check) => {
    const root = findRoot(check.id);
    return root === check.id ? check : { ...check, followsFrom: root };
  });
}
