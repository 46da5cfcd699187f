// Fixture of the kit's tests: users and credentials that are recognizable in a report, certificates, and a run.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DevelopmentCertificates, issueCertificates } from '../../certs/issue-certificates.ts';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import type { AuthMode } from '../conformance-options.ts';
import { type EndpointOptions, type RunningEndpoint, startEndpoint } from '../faults/conformant-endpoint.ts';
import type { Fault } from '../faults/fault.ts';
import {
  type CheckResult,
  type ConformanceOptions,
  type ConformanceReport,
  runConformance,
} from '../run-conformance.ts';

/** Every string of the fixture that is user data or a secret; none may be in a report. */
export const canaries = [
  'canary-ada',
  'canary-bob',
  'canary-zoë',
  'canary-group',
  'canary-value',
  'canary-ümlaut',
  'canary-attribute',
  'canary-password',
  'canary-login',
];

const users: ReadonlyMap<string, UserInfo> = new Map([
  [
    'canary-ada@example.test',
    {
      groups: [{ name: 'canary-group-a' }, { name: 'canary-group-b' }],
      authorizations: { 'canary-attribute': ['canary-value', 'canary-ümlaut'] },
    },
  ],
  ['canary-bob@example.test', { groups: [{ name: 'canary-group-c' }], authorizations: {} }],
  // A name that can be written in many ways.
  [
    'canary-zoë+x y@example.test',
    { groups: [{ name: 'canary-group-d' }], authorizations: { 'canary-attribute': ['canary-value'] } },
  ],
]);

export const login = { username: 'canary-login', password: 'canary-password:with-colon' };

/** While this file exists, the source of every fixture is down. */
const sourceDownFile = join(mkdtempSync(join(tmpdir(), 'user-info-kit-')), 'source-is-down');

let issued: Promise<DevelopmentCertificates> | undefined;

/** Returns the same set of certificates for all tests of a process. */
export function certificates(): Promise<DevelopmentCertificates> {
  issued ??= issueCertificates();
  return issued;
}

function usesCertificates(auth: AuthMode): boolean {
  return auth === 'mtls' || auth === 'both' || auth === 'either';
}

/** Starts the conformant endpoint with the given changes: over HTTPS if certificates are required or `isHttps` is set, otherwise over HTTP. */
export async function startFixture(
  options: Pick<EndpointOptions, 'auth'> & Partial<EndpointOptions>,
  isHttps = false,
): Promise<RunningEndpoint> {
  const { ca, server } = await certificates();
  const tls = { cert: server.certificate, key: server.key, ca: ca.certificate };
  return startEndpoint({
    ...login,
    users,
    sourceDownFile,
    ...(isHttps || usesCertificates(options.auth) ? { tls } : {}),
    ...options,
  });
}

/** Starts the conformant endpoint with one fault. */
export async function startFaulty(fault: Fault): Promise<RunningEndpoint> {
  const { ca, server } = await certificates();
  const alter: EndpointOptions['alter'] = (good, options) => fault.alter(good, options);
  if (fault.tls === undefined) return startFixture({ auth: fault.auth, alter }, fault.isHttps);
  const changed = typeof fault.tls === 'function' ? await fault.tls() : fault.tls;
  const tls = { cert: server.certificate, key: server.key, ca: ca.certificate, ...changed };
  const { chooseByHand } = fault;
  return startFixture({ auth: fault.auth, alter, tls, ...(chooseByHand ? { chooseByHand } : {}) });
}

/** Returns all inputs for an endpoint with this fault. */
export async function optionsForFault(fault: Fault, endpoint: RunningEndpoint): Promise<ConformanceOptions> {
  const url = endpoint.url.replace('127.0.0.1', fault.host ?? '127.0.0.1');
  const changed = typeof fault.options === 'function' ? await fault.options() : fault.options;
  return { ...(await completeOptions(url, fault.auth)), ...changed };
}

/** Runs the kit against the conformant endpoint with one fault, with all inputs except those that the fault and then `change` replace. */
export async function runAgainstFault(
  fault: Fault,
  change: Partial<ConformanceOptions> = {},
): Promise<ConformanceReport> {
  const endpoint = await startFaulty(fault);
  try {
    return await runConformance({ ...(await optionsForFault(fault, endpoint)), ...change });
  } finally {
    await endpoint.close();
  }
}

/** Returns all inputs that the declared authentication can use, as a careful user would give them. */
export async function completeOptions(url: string, auth: AuthMode): Promise<ConformanceOptions> {
  const { ca, client } = await certificates();
  return {
    url,
    auth,
    ...(auth === 'basic' || auth === 'both' || auth === 'either' ? login : {}),
    ...(usesCertificates(auth) ? { cert: client.certificate, key: client.key, clientCa: ca } : {}),
    ...(url.startsWith('https:') ? { ca: ca.certificate } : {}),
    knownUsers: [...users.keys()],
    unknownUser: 'canary-nobody@example.test',
    expectedData: Object.fromEntries(users),
    hook: {
      breakCommand: `touch '${sourceDownFile}'`,
      restoreCommand: `rm -f '${sourceDownFile}'`,
      timeoutMs: 1000,
    },
    intrusive: true,
    maxP95Ms: 60_000,
    maxFailedLogins: 7,
    failedLoginSpacingMs: 0,
    timeoutMs: 5000,
  };
}

/** Starts an endpoint, runs the kit against it with all inputs except those that `change` replaces, and stops the endpoint. */
export async function runAgainst(
  endpointOptions: Pick<EndpointOptions, 'auth'> & Partial<EndpointOptions>,
  change: Partial<ConformanceOptions> = {},
): Promise<ConformanceReport> {
  const endpoint = await startFixture(endpointOptions);
  try {
    return await runConformance({ ...(await completeOptions(endpoint.url, endpointOptions.auth)), ...change });
  } finally {
    await endpoint.close();
  }
}

/** Returns the result of one check. Throws if the report does not contain the check. */
export function findCheck(report: ConformanceReport, id: string): CheckResult {
  const check = report.checks.find((each) => each.id === id);
  if (!check) throw new Error(`The report has no check ${id}.`);
  return check;
}
