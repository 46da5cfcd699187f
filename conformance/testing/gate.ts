// Owns the gate: every endpoint that the checks are tried on, right ones and faulty ones, and what the checks owe to each.
import type { Check } from '../check.ts';
import { catalogue } from '../checks/catalogue.ts';
import type { AuthMode } from '../conformance-options.ts';
import type { EndpointOptions } from '../faults/conformant-endpoint.ts';
import { faults } from '../faults/faults.ts';
import { legalAlternatives } from '../faults/legal-alternatives.ts';
import type { CheckResult, ConformanceOptions, ConformanceReport } from '../run-conformance.ts';
import { certificates, runAgainst, runAgainstFault } from './fixture.ts';

/** One endpoint. */
export interface GateCase {
  readonly name: string;
  readonly auth: AuthMode;
  /** Ids of the checks that must fail. */
  readonly trips: readonly string[];
  /** Runs the kit against it with all inputs but those that `change` replaces, e.g. `only`. */
  run(change?: Partial<ConformanceOptions>): Promise<ConformanceReport>;
  /** Whether a check has ended as it must. */
  isRight(result: CheckResult): boolean;
}

const byId: ReadonlyMap<string, Check> = new Map(
  catalogue.flatMap(({ checks }) => checks.map((check) => [check.id, check])),
);

const modes: readonly (Pick<EndpointOptions, 'auth' | 'isCertificateDemanded'> & {
  readonly name: string;
  readonly isHttps?: boolean;
})[] = [
  { name: 'none over HTTP', auth: 'none' },
  { name: 'basic over HTTP', auth: 'basic' },
  { name: 'basic over HTTPS', auth: 'basic', isHttps: true },
  { name: 'mtls, refused by TLS', auth: 'mtls', isCertificateDemanded: true },
  { name: 'mtls, refused with 403', auth: 'mtls' },
  { name: 'both, refused by TLS', auth: 'both', isCertificateDemanded: true },
  { name: 'both, refused with 403', auth: 'both' },
  { name: 'either', auth: 'either' },
];

async function serverTls(): Promise<Partial<EndpointOptions>> {
  const { ca, server } = await certificates();
  return { tls: { cert: server.certificate, key: server.key, ca: ca.certificate } };
}

/** The conformant endpoint in each of its modes: every check passes that applies there, and every other one is skipped. */
export const conformantCases: readonly GateCase[] = modes.map(({ name, isHttps = false, ...options }) => {
  const isOverTls = isHttps || options.auth === 'mtls' || options.auth === 'both' || options.auth === 'either';
  return {
    name,
    auth: options.auth,
    trips: [],
    run: async (change) => runAgainst({ ...options, ...(isHttps ? await serverTls() : {}) }, change),
    isRight({ id, status }) {
      const { auth, needs = [] } = byId.get(id) ?? {};
      const applies = (!auth || auth.includes(options.auth)) && (isOverTls || !needs.includes('https'));
      return status === (applies ? 'passed' : 'skipped');
    },
  };
});

/** Endpoints that are right in another way: no MUST and no SHOULD fails, and all can be judged. */
export const alternativeCases: readonly GateCase[] = legalAlternatives.map(({ name, auth, alter }) => ({
  name,
  auth,
  trips: [],
  run: (change) => runAgainst({ auth, alter }, change),
  isRight: ({ status, level }) =>
    status === 'passed' || status === 'skipped' || (status === 'failed' && level === 'MAY'),
}));

/** The faults: each trips exactly the checks that it declares. */
export const faultCases: readonly GateCase[] = faults.map((fault) => ({
  name: fault.name,
  auth: fault.auth,
  trips: fault.trips,
  run: (change) => runAgainstFault(fault, change),
  isRight: ({ id, status }) => status !== 'error' && (status === 'failed') === fault.trips.includes(id),
}));

/** The checks of a report that did not end as they must, e.g. "known-user-json: passed", with the message where there is one. */
export function findDeviations(gateCase: GateCase, { checks }: ConformanceReport): string[] {
  return checks
    .filter((result) => !gateCase.isRight(result))
    .map(({ id, status, message }) => `${id}: ${status}${message === '' ? '' : `, ${message}`}`);
}
