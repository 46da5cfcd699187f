// Owns the dry run: which requests a run would send, found by running it against an endpoint of our own that conforms.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueCertificates } from '../certs/issue-certificates.ts';
import type { UserInfo } from '../schemas/generated/user-info.ts';
import type { Topic } from './check.ts';
import { createCheckContext } from './check-context.ts';
import { catalogue } from './checks/catalogue.ts';
import { type CheckedHook, type CheckedOptions, type ConformanceOptions, checkOptions } from './conformance-options.ts';
import { startEndpoint } from './faults/conformant-endpoint.ts';
import { findObstacle } from './probe.ts';
import { runChecks } from './run-checks.ts';
import { findSelectionFaults, selectChecks } from './select-checks.ts';
import type { WrittenRequest } from './transcript.ts';

/** What a run would send. */
export interface RequestList {
  readonly requests: readonly WrittenRequest[];
  /** How many of them carry wrong credentials. */
  readonly failedLogins: number;
}

/** Each known user's data: as expected, or made up and different from the others'. */
function inventUsers({ knownUsers, expectedData = {} }: CheckedOptions): Map<string, UserInfo> {
  const made = new Map<string, UserInfo>();
  for (const [index, userid] of knownUsers.entries()) {
    made.set(userid, expectedData[userid] ?? { groups: [{ name: `group-${index}` }], authorizations: {} });
  }
  for (const [userid, user] of Object.entries(expectedData)) made.set(userid, user);
  return made;
}

/** An outage of our own endpoint in place of the one that was given. */
function createHook(sourceDownFile: string): CheckedHook {
  const node = (code: string) => `"${process.execPath}" -e "${code}" "${sourceDownFile}"`;
  return {
    breakCommand: node("fs.writeFileSync(process.argv[1], '')"),
    mendCommand: node('fs.rmSync(process.argv[1])'),
    timeoutMs: 10_000,
  };
}

/**
 * Lists what `runConformance` would send with these options to an endpoint that conforms; one that does not is sent no more.
 * Asks nobody but an endpoint that it starts on loopback and stops again, and runs no hook. As in reports, secrets are
 * shell variables, and user ids too unless `showData` is set.
 *
 * @param topics the checks whose requests are listed. Default: all that `only` and `skip` select.
 * @throws {ConformanceOptionsError} as runConformance does.
 */
export async function listRequests(
  given: ConformanceOptions,
  topics: readonly Topic[] = selectChecks(catalogue, given),
): Promise<RequestList> {
  const options = checkOptions(given, findSelectionFaults(catalogue, given));
  const { ca, server, client } = await issueCertificates();
  const { auth, username = '', password = '', url } = options;
  const folder = mkdtempSync(join(tmpdir(), 'user-info-'));
  const sourceDownFile = join(folder, 'source-is-down');
  const endpoint = await startEndpoint({
    sourceDownFile,
    ...{ auth, username, password, users: inventUsers(options), path: url.pathname },
    ...(url.protocol === 'https:' ? { tls: { cert: server.certificate, key: server.key, ca: ca.certificate } } : {}),
  });
  const context = createCheckContext(
    {
      ...options,
      url: new URL(endpoint.url),
      ca: url.protocol === 'https:' ? ca.certificate : undefined,
      ...(options.cert === undefined ? {} : { cert: client.certificate, key: client.key }),
      ...(options.clientCa === undefined ? {} : { clientCa: ca }),
      ...(options.hook === undefined ? {} : { hook: createHook(sourceDownFile) }),
      failedLoginSpacingMs: 0,
    },
    options,
  );
  try {
    await findObstacle(context, url.protocol);
    await runChecks(topics, context);
    return { requests: context.transcript.requests, failedLogins: context.tally().failedLoginsSent };
  } finally {
    await endpoint.close();
    rmSync(folder, { recursive: true });
  }
}
