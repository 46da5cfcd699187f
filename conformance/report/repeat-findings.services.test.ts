// Tests that the curl line of every finding, when run in a shell with real curl, gets the status in the report.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { isViolation } from '../fail-on.ts';
import { badClientCertificateFaults } from '../faults/client-certificate-faults.ts';
import type { Fault } from '../faults/fault.ts';
import { faults } from '../faults/faults.ts';
import { type ConformanceOptions, runConformance } from '../run-conformance.ts';
import { canaries, login, optionsForFault, startFaulty } from '../testing/fixture.ts';

/** Findings that are not repeated: those of an outage of the source, and one that depends on other busy connections. */
const repeatable = faults.filter(
  ({ trips }) => !trips.some((id) => id.startsWith('source-') || id === 'dawdling-requests-others-answered'),
);
const isTls = ({ auth, isHttps }: Fault) => isHttps || ['mtls', 'both', 'either'].includes(auth);

/** Runs a line; returns the status that curl prints. Exit codes above 0 mean that a response is truncated or malformed. */
async function repeat(line: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const silent = line.replace(/^curl /, 'curl --silent --max-time 30 ');
  const { stdout } = await promisify(execFile)('sh', ['-c', silent], { env }).catch(
    (error: { readonly stdout: string }) => error,
  );
  // A line with several requests on one connection prints the last response at the end.
  return [...stdout.matchAll(/HTTP\/1\.[01] (\d{3})/g)].at(-1)?.[1];
}

/** Writes the certificates of the run, and returns the variables for them in curl lines. */
function writeGivenFiles(directory: string, { ca, cert, key }: ConformanceOptions): NodeJS.ProcessEnv {
  const files = Object.entries({ CA: ca, CLIENT_CERT: cert, CLIENT_KEY: key });
  return Object.fromEntries(
    files.flatMap(([variable, text]) => {
      const file = join(directory, `${variable}.pem`);
      if (text === undefined) return [];
      writeFileSync(file, text, { mode: 0o600 });
      return [[variable, file]];
    }),
  );
}

/** Returns every finding of a fault with the statuses of the report and of curl. */
async function findAndRepeat(fault: Fault, change: Partial<ConformanceOptions> = {}) {
  const endpoint = await startFaulty(fault);
  const directory = mkdtempSync(join(tmpdir(), 'user-info-repeat-'));
  try {
    const given = { ...(await optionsForFault(fault, endpoint)), ...change };
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
      ...writeGivenFiles(directory, given),
      BASIC: Buffer.from(`${login.username}:${password}`).toString('base64'),
      ...users,
      ...Object.fromEntries(
        Object.entries(users).map(([name, user]) => [`${name}_ENCODED`, encodeURIComponent(user ?? '')]),
      ),
    };
    // curl cannot repeat a request in pieces, as its comment says; a request without a response has no status.
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
    rmSync(directory, { recursive: true });
  }
}

/** Expects the status of the report for each finding of these faults, and returns the number of findings. */
async function expectRepeated(chosen: readonly Fault[], change: Partial<ConformanceOptions> = {}): Promise<number> {
  let count = 0;
  for (const fault of chosen) {
    for (const { id, request, expected, actual } of await findAndRepeat(fault, change)) {
      const place = `${fault.name}, ${id}: ${request}`;
      count += 1;
      expect(actual, place).to.equal(expected);
      expect(
        canaries.filter((canary) => request.includes(canary)),
        place,
      ).to.deep.equal([]);
    }
  }
  return count;
}

describe('the curl line of a finding', () => {
  // A name that a shell and curl would interpret differently without quoting.
  const scratch = mkdtempSync(join(tmpdir(), 'user-info-kept-'));
  const keepCertificates = join(scratch, 'of "$HOME": `kept`\\');
  after(() => rmSync(scratch, { recursive: true }));

  it('gets the reported status with real curl, and shows no user id, for every repeatable plain-HTTP fault', async () => {
    expect(await expectRepeated(repeatable.filter((fault) => !isTls(fault)))).to.be.greaterThan(100);
  }).timeout(600_000);

  it('does so for every repeatable TLS fault, except bad client certificates', async () => {
    const others = repeatable.filter((fault) => isTls(fault) && !badClientCertificateFaults.includes(fault));
    expect(await expectRepeated(others)).to.be.greaterThan(10);
  }).timeout(600_000);

  it('does so for every kind of bad client certificate, with the files of keepCertificates', async () => {
    const count = await expectRepeated(badClientCertificateFaults, { keepCertificates });
    expect(count).to.be.at.least(badClientCertificateFaults.flatMap(({ trips }) => trips).length);
    const kinds = ['expired', 'not-yet-valid', 'other-ca', 'same-names', 'self-signed', 'wrong-extended-key-usage'];
    const files = kinds.flatMap((kind) => [`${kind}-key.pem`, `${kind}.pem`]);
    expect(readdirSync(keepCertificates)).to.have.members(files);
    for (const file of files) expect(statSync(join(keepCertificates, file)).mode & 0o777, file).to.equal(0o600);
    expect(statSync(keepCertificates).mode & 0o777).to.equal(0o700);
  }).timeout(600_000);

  it('explains how to get a bad client certificate that was not kept', async () => {
    const fault = badClientCertificateFaults.find(({ name }) => name === 'any-certificate-accepted-in-both');
    if (fault === undefined) throw new Error('There is no such fault.');
    const lines = (await findAndRepeat(fault)).map(({ request }) => request);
    expect(lines).to.have.length(6);
    for (const line of lines) {
      expect(line).to.match(
        /--cert "\$[A-Z_]+_CERT" .* # conform --keep-certificates DIRECTORY writes this certificate and its key$/,
      );
    }
  }).timeout(60_000);
});
