// Owns the endpoint of the conformance benchmark, a process of its own: prints the options of a run, and ends with its stdin.
import type { AuthMode } from '../../conformance/run-conformance.ts';
import { completeOptions, startFixture } from '../../conformance/testing/fixture.ts';

const auth = process.argv[2] as AuthMode;
const endpoint = await startFixture({ auth });
// Failed logins are a breath apart on loopback by default; what is given for tests alone stays out.
const { failedLoginSpacingMs: _, maxFailedLogins: __, ...options } = await completeOptions(endpoint.url, auth);
process.stdout.write(`${JSON.stringify(options)}\n`);
process.stdin.resume().once('end', () => void endpoint.close());
