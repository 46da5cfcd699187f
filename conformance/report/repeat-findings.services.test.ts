// Tests that the curl line of every finding, run by a shell with real curl, gets the status that the report says.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { isViolation } from '../fail-on.ts';
import type { Fault } from '../faults/fault.ts';
import { faults } from '../faults/faults.ts';
import { runConformance } from '../run-conformance.ts';
import { canaries, completeOptions, login, startFixture } from '../testing/fixture.ts';

/** Faults of plain HTTP. Those of TLS need certificates that are made for one run, those of a source an outage, one other busy connections. */
const repeated = faults.filter(
  ({ auth, isHttps, options, trips }) =>
    (auth === 'none' || auth === 'basic') &&
    !isHttps &&
    typeof options !== 'function' &&
    !trips.some((id) => id.startsWith('source-') || id === 'dawdling-requests-others-answered'),
);

/** Runs a line; gives the status that curl prints. Codes above 0 say that a response is cut off or malformed. */
async function repeat(line: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)('sh', ['-c', `${line} --silent --max-time 5`], { env }).catch(
    (error: { readonly stdout: string }) => error,
  );
  // A line of several requests on one connection shows the last response at last.
  return [...stdout.matchAll(/HTTP\/1\.[01] (\d{3})/g)].at(-1)?.[1];
}

/** Returns every finding of a fault with the status of the report and that of curl. */
async function findAndRepeat(fault: Fault) {
  const endpoint = await startFixture({ auth: fault.auth, alter: (good, options) => fault.alter(good, options) });
  try {
    const given = { ...(await completeOptions(endpoint.url, fault.auth)), ...fault.options };
    const report = await runConformance({ ...given, only: fault.trips });
    const { password = '' } = given;
    const [first = '', second = '', third = ''] = given.knownUsers ?? [];
    const users = {
      ...{ KNOWN_USER: first, SECOND_KNOWN_USER: second, KNOWN_USER_3: third, UNKNOWN_USER: given.unknownUser },
      ...Object.fromEntries(
        Object.keys(given.expectedData ?? {}).map((userid, index) => [`EXPECTED_USER_${index + 1}`, userid]),
      ),
    };
    const env = {
      ...{ PATH: process.env.PATH, LANG: 'C.UTF-8', USERNAME: login.username, PASSWORD: password },
      BASIC: Buffer.from(`${login.username}:${password}`).toString('base64'),
      ...users,
      ...Object.fromEntries(
        Object.entries(users).map(([name, user]) => [`${name}_ENCODED`, encodeURIComponent(user ?? '')]),
      ),
    };
    // A request in pieces is more than curl can repeat, and says so; what got no response has no status.
    const evidence = report.checks
      .filter(isViolation)
      .flatMap((check) => check.evidence.map((each) => ({ ...each, id: check.id })));
    const outcomes = [];
    for (const { id, request, answered } of evidence) {
      const expected = /^status (\d+)/.exec(answered)?.[1];
      if (expected === undefined || request.includes(' # sent in ')) continue;
      outcomes.push({ id, request, expected, actual: await repeat(request, env) });
    }
    return outcomes;
  } finally {
    await endpoint.close();
  }
}

describe('the curl line of a finding', () => {
  it('gets the status of the report with real curl, and shows no user id, for every fault of plain HTTP', async () => {
    let count = 0;
    for (const fault of repeated) {
      for (const { id, request, expected, actual } of await findAndRepeat(fault)) {
        count += 1;
        expect(actual, `${fault.name}, ${id}: ${request}`).to.equal(expected);
        expect(
          canaries.filter((canary) => request.includes(canary)),
          `${fault.name}, ${id}: ${request}`,
        ).to.deep.equal([]);
      }
    }
    expect(count).to.be.greaterThan(100);
  }).timeout(300_000);
});
