// The gate: every endpoint on which the checks are tested, conformant and faulty, with the required results.
import type { Check, Need } from '../check.ts';
import { catalogue } from '../checks/catalogue.ts';
import type { AuthMode } from '../conformance-options.ts';
import { isViolation } from '../fail-on.ts';
import type { EndpointOptions } from '../faults/conformant-endpoint.ts';
import type { Fault } from '../faults/fault.ts';
import { faults } from '../faults/faults.ts';
import { legalAlternatives } from '../faults/legal-alternatives.ts';
import { tlsAlternatives } from '../faults/tls-faults.ts';
import type { CheckResult, ConformanceOptions, ConformanceReport } from '../run-conformance.ts';
import { certificates, runAgainst, runAgainstFault } from './fixture.ts';

/** One endpoint. */
export interface GateCase {
  readonly name: string;
  readonly auth: AuthMode;
  /** Ids of the checks that must find a violation. */
  readonly trips: readonly string[];
  /** Runs the kit against the endpoint with all inputs except those that `change` replaces, e.g. `only`. */
  run(change?: Partial<ConformanceOptions>): Promise<ConformanceReport>;
  /** Returns whether a check has the required result. */
  isRight(result: CheckResult): boolean;
}

const byId: ReadonlyMap<string, Check> = new Map(
  catalogue.flatMap(({ checks }) => checks.map((check) => [check.id, check])),
);

/** One way of running the kit against the conformant endpoint. */
interface Mode extends Pick<EndpointOptions, 'auth'> {
  readonly name: string;
  /** Differences of the endpoint. */
  readonly endpoint?: Partial<EndpointOptions>;
  readonly isHttps?: boolean;
  /** Differences of the run. */
  readonly change?: Partial<ConformanceOptions>;
  /** Inputs that are omitted, so that the checks that need them are skipped. */
  readonly lacks?: readonly Need[];
  /** Ids of checks for which this login or these users are not suitable. */
  readonly skips?: readonly string[];
}

/** Sets the password of the endpoint and of the run. */
const withPassword = (password: string) => ({ endpoint: { password }, change: { password } });

const modes: readonly Mode[] = [
  { name: 'none over HTTP', auth: 'none' },
  { name: 'basic over HTTP', auth: 'basic' },
  { name: 'basic over HTTPS', auth: 'basic', isHttps: true },
  { name: 'mtls, refused by TLS', auth: 'mtls', endpoint: { isCertificateDemanded: true } },
  { name: 'mtls, refused with 403', auth: 'mtls' },
  { name: 'both, refused by TLS', auth: 'both', endpoint: { isCertificateDemanded: true } },
  { name: 'both, refused with 403', auth: 'both' },
  { name: 'either', auth: 'either' },
  { name: 'basic, a password in capitals', auth: 'basic', ...withPassword('KIT-PASSWORD-1') },
  {
    name: 'basic, a password of digits',
    auth: 'basic',
    ...withPassword('271828182845'),
    skips: ['password-letter-case-refused', 'password-letter-case-401'],
  },
  {
    name: 'none, letter case and spaces matter, as declared',
    auth: 'none',
    change: { useridCase: 'sensitive', useridSpaces: 'kept' },
  },
  { name: 'none, generated inputs', auth: 'none', change: { explore: 30, seed: 271828 } },
  {
    name: 'none, neither letter case nor spaces matter, as declared',
    auth: 'none',
    endpoint: {
      alter: (good) => ({
        isUseridValid: () => true,
        findUser: (userid) => good.findUser(userid.trim().toLowerCase()),
      }),
    },
    change: { useridCase: 'insensitive', useridSpaces: 'trimmed' },
  },
  {
    name: 'basic, one known user and nothing else given',
    auth: 'basic',
    change: {
      knownUsers: ['canary-ada@example.test'],
      expectedData: undefined,
      hook: undefined,
      intrusive: undefined,
      maxP95Ms: undefined,
      maxFailedLogins: undefined,
    },
    lacks: [
      ...(['second-known-user', 'plus-user', 'two-form-user', 'expected-data', 'hook', 'intrusive'] as const),
      ...(['latency-bound', 'more-failed-logins'] as const),
    ],
  },
];

/** Returns the needs that a run does not meet: each property is either declared or undeclared, and inputs are generated only if requested. */
function findUndeclared({ useridCase, useridSpaces, explore }: Partial<ConformanceOptions> = {}): readonly Need[] {
  return [
    ...(explore === undefined ? (['explore'] as const) : []),
    useridCase === undefined ? 'declared-case' : 'undeclared-case',
    useridSpaces === undefined ? 'declared-spaces' : 'undeclared-spaces',
  ];
}

async function serverTls(): Promise<Partial<EndpointOptions>> {
  const { ca, server } = await certificates();
  return { tls: { cert: server.certificate, key: server.key, ca: ca.certificate } };
}

/** The conformant endpoint in each of its modes: every applicable check passes, and every other one is skipped. */
export const conformantCases: readonly GateCase[] = modes.map((mode) => {
  const { name, auth, isHttps = false, lacks = [], skips = [] } = mode;
  const isOverTls = isHttps || auth === 'mtls' || auth === 'both' || auth === 'either';
  const missing = new Set<Need>([...lacks, ...findUndeclared(mode.change), ...(isOverTls ? [] : (['https'] as const))]);
  return {
    name,
    auth,
    trips: [],
    run: async (change) =>
      runAgainst({ auth, ...mode.endpoint, ...(isHttps ? await serverTls() : {}) }, { ...mode.change, ...change }),
    isRight({ id, status }) {
      const check = byId.get(id);
      const applies =
        !skips.includes(id) && (check?.auth?.includes(auth) ?? true) && !check?.needs.some((need) => missing.has(need));
      return status === (applies ? 'passed' : 'skipped');
    },
  };
});

/** Returns whether a result follows from a warning: the status of a request that was not refused, for example. */
const isFollowUp = (trips: readonly string[], status: CheckResult['status']) =>
  trips.length > 0 && status === 'untestable';

/** Endpoints that conform in a different way: nothing fails, every check can run, and only the declared warnings are found. */
export const alternativeCases: readonly GateCase[] = [
  ...legalAlternatives.map(({ name, auth, warns, alter }) => ({
    ...{ name, auth, trips: warns },
    run: (change?: Partial<ConformanceOptions>) => runAgainst({ auth, alter }, change),
  })),
  ...tlsAlternatives.map((alternative) => ({
    ...{ name: alternative.name, auth: alternative.auth, trips: alternative.trips },
    run: (change?: Partial<ConformanceOptions>) => runAgainstFault(alternative, change),
  })),
].map((alternative) => ({
  ...alternative,
  isRight: ({ id, status }) =>
    alternative.trips.includes(id)
      ? status === 'warning'
      : status === 'passed' || status === 'skipped' || status === 'info' || isFollowUp(alternative.trips, status),
}));

/** Returns the required results for an endpoint with a fault: a violation in exactly the declared checks, whatever their rule set. */
export function toFaultCase(fault: Fault): GateCase {
  return {
    name: fault.name,
    auth: fault.auth,
    trips: fault.trips,
    run: (change) => runAgainstFault(fault, change),
    isRight: (result) => result.status !== 'error' && isViolation(result) === fault.trips.includes(result.id),
  };
}

/** The faults: each triggers exactly the declared checks. */
export const faultCases: readonly GateCase[] = faults.map(toFaultCase);

/** Returns the checks in a report that do not have the required result, e.g. "known-user-json: passed", with the message if there is one. */
export function findDeviations(gateCase: GateCase, { checks }: ConformanceReport): string[] {
  return checks
    .filter((result) => !gateCase.isRight(result))
    .map(({ id, status, message }) => `${id}: ${status}${message === '' ? '' : `, ${message}`}`);
}
