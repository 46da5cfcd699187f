// Generates docs/reference/assumptions.md: for each assumption the experiments that determine it, and when it cannot be determined.
import type { ConnectionFacts, Repeats, Responses } from '../../schemas/generated/platform-profile.ts';
import { platformAssumptions } from '../../schemas/platform-assumptions.ts';
import { readSchema } from '../../schemas/read-schema.ts';
import { experiments, measurements } from '../../simulator/learn/experiments.ts';
import { alterableFacts, createPlatformProfile } from '../../simulator/learn/platform-profile.ts';
import { isResponseName } from '../../simulator/learn/variants.ts';

/** Assumptions that the requests of all experiments determine. */
const byAll: ReadonlySet<string> = new Set(['basicWithoutChallenge']);

/**
 * Why an experiment may be unable to determine an assumption on some platforms. Reasons that the experiments themselves state are not repeated here.
 */
const conditions: Readonly<Record<string, string>> = {
  timeoutMs:
    'The platform waits longer than the longest delay, its times differ by more than 5%, or this machine is too busy to measure.',
  retries: 'The platform repeats requests after 503 and after 429 differently.',
  retryDelayMs:
    'The platform does not repeat requests, or the pause is too short to distinguish from the duration of a request.',
  verifyServerCertificate: 'The endpoint is reached over plain HTTP.',
  maxBodyBytes: 'The platform accepts the largest body that is tried.',
  mergeRule:
    'The platform never shows the group of the identity provider: it may have been overridden, or may never have existed.',
  onFailure: 'The experiments show different values: the platform does not treat all failures alike.',
};

/** Returns the experiments that determine an assumption; empty: no experiment does. */
export function findExperimentsOf(name: string): readonly string[] {
  if (byAll.has(name)) return ['all'];
  const measured = measurements.filter(({ determines }) => determines.some((assumption) => assumption === name));
  const read = experiments.filter(({ reads }) => reads.some(({ assumption }) => assumption === name));
  return [...measured, ...read].map(({ id }) => id);
}

/** Returns why an assumption is not determined, always or on some platforms; "" when the only known reason is that tries disagree. */
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
    connection: {},
    disturbances: { voidTries: 0, otherUsers: 0, unexpected: 0, rejectedCredentials: 0 },
  },
  new Date(0),
);

/** What determines a fact about the requests, and when the fact remains undetermined. */
type Determination = readonly [by: string, openWhen: string];

const each = 'each request';
const hello = 'each TLS connection';
const plainHttp = 'The endpoint is reached over plain HTTP.';
const notRead = `${plainHttp} \`learn observe\` cannot determine it: Node.js has no API for what a ClientHello offers, and only the learning endpoint reads its bytes.`;
const manyUsers = 'a sync of 10 users or more';
const oneUser =
  "Each experiment synchronizes one user. This is visible only on an operator's platform that synchronizes all users, or with `learn observe`.";
const marked = '`space-in-userid`';
const noSuchUser = 'The platform has no such test user.';

export const connectionDeterminations: Readonly<Record<keyof ConnectionFacts, Determination>> = {
  httpVersions: [each, ''],
  tlsVersions: [each, ''],
  tlsVersionsOffered: [hello, notRead],
  ciphers: [each, plainHttp],
  ciphersOffered: [hello, notRead],
  alpnOffered: [hello, notRead],
  sendsServerName: [each, `${plainHttp} It is also not determined if connections differ.`],
  clientCertificates: [each, ''],
  headers: [each, ''],
  reusesConnections: [
    each,
    'No request came on a persistent connection, and no sync of many users with few concurrent requests was seen.',
  ],
  atSignAs: [marked, noSuchUser],
  plusSignAs: [marked, `${noSuchUser} With \`learn observe\`, each plus sign can also be a space.`],
  nonAsciiAs: [marked, noSuchUser],
  escapeCase: [each, 'No user id has a percent-encoding with a letter.'],
  maxConcurrent: [manyUsers, oneUser],
  order: [manyUsers, `${oneUser} The order is also not determined if requests overlap and are not sorted by name.`],
  betweenRequestsMs: [manyUsers, oneUser],
  peerAddresses: [each, ''],
  forwardingHeaders: [each, ''],
  intermediary: [
    'headers of proxies; `--platform-address`; `--intermediary`',
    'No header shows an intermediary, which does not rule one out, and nothing else is known. A proxy that adds no header is not visible.',
  ],
};

const askedOrRead = 'If the answers come from a file, nothing indicates when the platform has finished.';

export const repeatDeterminations: Readonly<Record<keyof Repeats, Determination>> = {
  status503: ['`repeats`', askedOrRead],
  status429: ['`repeats`', askedOrRead],
  closed: ['`repeats`', askedOrRead],
  reset: ['`repeats`', askedOrRead],
  timeout: [
    '`no-response`',
    `The time limit is not determined, or is more than half of \`--max-wait-ms\`. ${askedOrRead} More than 4 repeats are stated as "at least".`,
  ],
  observed: [
    '`learn observe`',
    'Fewer than three requests failed every time they were sent, or the numbers of repeats differ.',
  ],
  observedPauseMs: ['`learn observe`', 'No request is repeated.'],
};

/** Reasons other than tries that disagree. */
const responseConditions: Readonly<Partial<Record<keyof Responses, string>>> = {
  retryAfter: 'With answers from a file, the platform repeats the request after the endpoint has stopped waiting.',
};

export const responseDeterminations: Readonly<Record<string, Determination>> = Object.fromEntries(
  experiments.flatMap(({ id, reads }) =>
    reads.flatMap(({ assumption }) =>
      isResponseName(assumption) ? [[assumption, [`\`${id}\``, responseConditions[assumption] ?? '']] as const] : [],
    ),
  ),
);

interface Described {
  readonly properties: Readonly<Record<string, { readonly description?: string }>>;
}

function renderDeterminations(
  section: 'connection' | 'repeats' | 'responses',
  all: Readonly<Record<string, Determination>>,
): string {
  const { properties } = readSchema('platform-profile.schema.json') as unknown as {
    readonly properties: Readonly<Record<string, Described>>;
  };
  const rows = Object.entries(all).map(([name, [by, openWhen]]) => {
    const { description = '' } = properties[section]?.properties[name] ?? {};
    return `| \`${section}.${name}\` | ${description.replaceAll('|', '\\|')} | ${by} | ${openWhen} |`;
  });
  return `| fact | meaning | determined by | not determined when |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
}

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

The platform documentation does not specify the following. [The contract](../contract.md#what-is-not-documented) explains each assumption. \`user-info learn\`
[determines them by experiments](../guides/learn-your-platform.md); reports of runs that use the resulting profile mark them as measured.

A fact is also not determined if its tries disagree or if its experiment did not run.

| assumption | default | experiments that determine it | not determined when |
| --- | --- | --- | --- |
${rows.join('\n')}

## Requests

The profile also describes how the platform sends its requests, with the number of requests that show each fact. The simulator makes no assumptions about these facts.

${renderDeterminations('connection', connectionDeterminations)}

## Repeats

${renderDeterminations('repeats', repeatDeterminations)}

## Unusual responses

A user has a group and a value, gets the response, and then a valid one. The value of the fact says what the response did:

- \`accepted\`: the new data of the response appeared, and nothing else was lost.
- \`kept\`: what the user had is unchanged, and nothing new appeared.
- \`removed\`: what the user had is gone, and nothing new took its place.
- \`disabled\`: the user is disabled.

The simulator has no assumption about these: it accepts what [the contract](../contract.md) allows, and a byte order mark, and treats all others as
\`onFailure\` says. It does not read Retry-After.

${renderDeterminations('responses', responseDeterminations)}

## Intermediaries

A proxy or load balancer between the platform and the endpoint affects each measurement. If one was detected, these facts have
\`throughIntermediary: true\`, and reports add "seen through an intermediary":

${[...alterableFacts].map((name) => `\`${name}\``).join(', ')}.
`;
}
