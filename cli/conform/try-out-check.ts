// Expectations and requests of a check, determined by running it against the kit's conformant endpoint.
import { issueCertificates } from '../../certs/issue-certificates.ts';
import type { Check, Topic } from '../../conformance/check.ts';
import { collectExpectations } from '../../conformance/report/finding.ts';
import { type ConformanceOptions, listRequests } from '../../conformance/run-conformance.ts';

/** Returns the declarations that the check requires. */
function declare({ needs }: Check): Pick<ConformanceOptions, 'useridCase' | 'useridSpaces'> {
  return {
    ...(needs.includes('declared-case') ? { useridCase: 'sensitive' } : {}),
    ...(needs.includes('declared-spaces') ? { useridSpaces: 'kept' } : {}),
  };
}

/** Results of a check with a conformant endpoint. */
export interface TriedCheck {
  /** The check's expectation for each request, as text; empty: the title is sufficient. */
  readonly expected: readonly string[];
  /** The curl lines of its requests. */
  readonly requests: readonly string[];
}

/** Runs the check against one of the kit's own endpoints with every input; sends no requests to any other endpoint. */
export async function tryOut(topic: Topic, check: Check): Promise<TriedCheck> {
  const { ca, client } = await issueCertificates();
  const auth = !check.auth || check.auth.includes('basic') ? 'basic' : (check.auth[0] ?? 'none');
  const usesBasic = auth !== 'mtls' && auth !== 'none';
  const usesCertificate = auth !== 'basic' && auth !== 'none';
  const expected = new Set<string>();
  const options: ConformanceOptions = {
    url: 'https://users.example.com/user-info',
    auth,
    ...(usesBasic ? { username: 'platform', password: 'a wrong password' } : {}),
    ...(usesCertificate ? { cert: client.certificate, key: client.key } : {}),
    // The third name can be spelled in several ways.
    knownUsers: ['known@example.com', 'second@example.com', 'zoë+x y@example.com'],
    unknownUser: 'unknown',
    ...{ clientCa: { certificate: ca.certificate, key: ca.key }, ca: ca.certificate },
    ...declare(check),
    ...{ expectedData: { 'known@example.com': { groups: [], authorizations: {} } }, intrusive: true },
    ...{ explore: 3, seed: 1 },
    ...{ hook: { breakCommand: 'true', restoreCommand: 'true' }, maxP95Ms: 60_000, maxFailedLogins: 7 },
  };
  const { requests } = await collectExpectations(expected, () =>
    listRequests(options, [{ ...topic, checks: [check] }]),
  );
  const lines = [...new Set(requests.filter(({ checkId }) => checkId === check.id).map(({ request }) => request))];
  return { expected: [...expected], requests: lines };
}
