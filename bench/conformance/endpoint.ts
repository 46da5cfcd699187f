// Endpoint process of the conformance benchmark: prints the options of a run, and exits when stdin closes.
import type { AuthMode } from '../../conformance/run-conformance.ts';
import { completeOptions, startFixture } from '../../conformance/testing/fixture.ts';

const auth = process.argv[2] as AuthMode;
const endpoint = await startFixture({ auth });
// The pause between failed logins is short on loopback by default; options that exist only for tests are not used.
const { failedLoginSpacingMs: _, maxFailedLogins: __, ...options } = await completeOptions(endpoint.url, auth);
process.stdout.write(`${JSON.stringify(options)}\n`);
process.stdin.resume().once('end', () => void endpoint.close());
