// Generates docs/reference/assumptions.md: for each assumption the experiments that determine it, and when it cannot be determined.
import { platformAssumptions } from '../../schemas/platform-assumptions.ts';
import { experiments, measurements } from '../../simulator/learn/experiments.ts';
import { createPlatformProfile } from '../../simulator/learn/platform-profile.ts';

/** Determined by the requests of all experiments. */
const byAll: ReadonlySet<string> = new Set(['basicWithoutChallenge']);

/** Why an experiment may not determine it on every platform. Reasons that experiments state themselves are not repeated here. */
const conditions: Readonly<Record<string, string>> = {
  timeoutMs:
    'The platform waits longer than the longest delay, its times differ by more than 5 %, or this machine is too busy to measure.',
  retries: 'The platform repeats requests after 503 and after 429 differently.',
  retryDelayMs:
    'The platform does not repeat requests, or the pause is too short to be separated from the time of a request.',
  verifyServerCertificate: 'The endpoint is reached by plain HTTP.',
  maxBodyBytes: 'The platform accepts the largest body that is tried.',
  mergeRule:
    'The platform never shows the group of the identity provider: it may be overridden, or may never have been there.',
  onFailure: 'The experiments show different values: the platform does not treat all failures alike.',
};

/** Returns the experiments that determine an assumption; empty: none does. */
export function findExperimentsOf(name: string): readonly string[] {
  if (byAll.has(name)) return ['all'];
  const measured = measurements.filter(({ determines }) => determines.some((assumption) => assumption === name));
  const read = experiments.filter(({ reads }) => reads.some(({ assumption }) => assumption === name));
  return [...measured, ...read].map(({ id }) => id);
}

/** Returns why an assumption is not determined, always or on some platforms; "" when there is no known reason but tries that disagree. */
export function findReasonOf(name: string): string {
  if (findExperimentsOf(name).length === 0) return neverDetermined[name]?.reason ?? '';
  const stated = experiments.flatMap(({ reads }) =>
    reads.flatMap(({ assumption, reasonForNull }) => (assumption === name ? (reasonForNull ?? []) : [])),
  );
  return [...(conditions[name] === undefined ? [] : [conditions[name]]), ...new Set(stated)].join(' ');
}

const { facts: neverDetermined } = createPlatformProfile(
  {},
  {
    platform: 'any',
    connection: { httpVersions: [], tlsVersions: [], clientCertificates: [], reusesConnections: false },
    disturbances: { voidTries: 0, otherUsers: 0, unexpected: 0, rejectedCredentials: 0 },
  },
  new Date(0),
);

/** Returns docs/reference/assumptions.md. */
export function generateAssumptionsPage(): string {
  const rows = platformAssumptions.map(({ name, default: value }) => {
    const found = findExperimentsOf(name);
    const shown = found.length === 0 ? 'none' : found.map((id) => (id === 'all' ? 'all' : `\`${id}\``)).join(', ');
    const reason = findReasonOf(name);
    const when = found.length === 0 ? `always: ${reason}` : reason;
    return `| \`${name}\` | \`${value}\` | ${shown} | ${when.replaceAll('|', '\\|')} |`;
  });
  return `# Assumptions about the platform

The platform documentation does not say these things. [The contract](../contract.md#what-is-not-documented) has their meanings. \`user-info learn\`
[determines them by experiments](../guides/learn-your-platform.md); a result with a profile states them as measured.

Each fact also stays open when its tries disagree, and when its experiment did not run.

| assumption | default | experiments that determine it | not determined when |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}
