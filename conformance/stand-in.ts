// The kit's own endpoint, which replaces the endpoint under test in a dry run and in the self-check.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueCertificates } from '../certs/issue-certificates.ts';
import type { UserInfo } from '../schemas/generated/user-info.ts';
import { type CheckContext, createCheckContext } from './check-context.ts';
import { type CheckedHook, type CheckedOptions, hasClientCertificate } from './conformance-options.ts';
import { startEndpoint } from './faults/conformant-endpoint.ts';

/** Returns the data of each known user: the expected data, or data invented for this user alone. */
function inventUsers({ knownUsers, expectedData = {} }: CheckedOptions): Map<string, UserInfo> {
  const made = new Map<string, UserInfo>();
  for (const [index, userid] of knownUsers.entries()) {
    made.set(userid, { groups: [{ name: `group-${index}` }], authorizations: {} });
  }
  for (const [userid, user] of Object.entries(expectedData)) made.set(userid, user);
  return made;
}

/** Creates commands for an outage of the kit's own endpoint, in place of the given commands. */
function createHook(sourceDownFile: string): CheckedHook {
  const node = (code: string) => `"${process.execPath}" -e "${code}" "${sourceDownFile}"`;
  return {
    breakCommand: node("fs.writeFileSync(process.argv[1], '')"),
    restoreCommand: node('fs.rmSync(process.argv[1])'),
    timeoutMs: 10_000,
  };
}

/**
 * Starts a conformant endpoint on loopback while `use` runs. The context contains the options of the run, except those that concern the endpoint
 * under test: address, proxy, certificates, hook and spacing of failed logins. Evidence names the endpoint under test.
 */
export async function withStandIn<Result>(
  options: CheckedOptions,
  use: (context: CheckContext) => Promise<Result>,
): Promise<Result> {
  const { ca, server, client } = await issueCertificates();
  const { auth, username = '', password = '', url } = options;
  const directory = mkdtempSync(join(tmpdir(), 'user-info-'));
  const sourceDownFile = join(directory, 'source-is-down');
  const endpoint = await startEndpoint({
    sourceDownFile,
    ...{ auth, username, password, users: inventUsers(options), path: url.pathname },
    ...(url.protocol === 'https:' ? { tls: { cert: server.certificate, key: server.key, ca: ca.certificate } } : {}),
  });
  const context = createCheckContext(
    {
      ...options,
      url: new URL(endpoint.url),
      // The endpoint is on this machine's loopback, which a proxy elsewhere cannot reach. A real run reports an error of the proxy at its first
      // request.
      ...{ resolve: undefined, proxy: undefined },
      ca: url.protocol === 'https:' ? ca.certificate : undefined,
      ...(hasClientCertificate(options)
        ? { cert: client.certificate, key: client.key, pfx: undefined, passphrase: undefined }
        : {}),
      ...(options.clientCa === undefined ? {} : { clientCa: ca }),
      // This endpoint's CA issues the bad client certificates, so they are useless for any other endpoint.
      keepCertificates: undefined,
      ...(options.hook === undefined ? {} : { hook: createHook(sourceDownFile) }),
      failedLoginSpacingMs: 0,
    },
    options,
  );
  try {
    return await use(context);
  } finally {
    await endpoint.close();
    rmSync(directory, { recursive: true });
  }
}
