// Endpoint process of the conformance benchmark: prints the options of a run, and exits when stdin closes.
import type { AuthMode } from '../../conformance/run-conformance.ts';
import { completeOptions, startFixture } from '../../conformance/testing/fixture.ts';

const auth = process.argv[2] as AuthMode;
const endpoint = await startFixture({ auth });
// Failed logins are a breath apart on loopback by default; what is given for tests alone stays out.
const { failedLoginSpacingMs: _, maxFailedLogins: __, ...options } = await completeOptions(endpoint.url, auth);
process.stdout.write(`${JSON.stringify(options)}\n`);
process.stdin.resume().once('end', () => void endpoint.close());
