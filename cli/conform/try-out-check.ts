// Expectations and requests of a check, found by running it against the kit's conformant endpoint.
import { issueCertificates } from '../../certs/issue-certificates.ts';
import type { Check, Topic } from '../../conformance/check.ts';
import { collectExpectations } from '../../conformance/report/finding.ts';
import { type ConformanceOptions, listRequests } from '../../conformance/run-conformance.ts';

/** What has to be declared for the check to apply. */
function declare({ needs }: Check): Pick<ConformanceOptions, 'useridCase' | 'useridSpaces'> {
  return {
    ...(needs.includes('declared-case') ? { useridCase: 'sensitive' } : {}),
    ...(needs.includes('declared-spaces') ? { useridSpaces: 'kept' } : {}),
  };
}

/** What a check does to an endpoint that conforms. */
export interface TriedCheck {
  /** What it expects, each of what it asks for in words; empty: its title says it all. */
  readonly expected: readonly string[];
  /** The curl lines that it sends. */
  readonly requests: readonly string[];
}

/** Runs the check against an endpoint of the kit's own, every input given; nobody is asked. */
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
    // The third is spelled in several ways.
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
