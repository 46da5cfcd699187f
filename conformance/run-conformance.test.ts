// Tests of a whole run without faults: what stops it, what it omits, its limits, and that the embedded mocha has no visible effects.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { issueCertificate } from '../certs/issue-certificate.ts';
import { daysFromNow, issueCertificateAuthority, issueCertificates } from '../certs/issue-certificates.ts';
import type { EndpointOptions } from './faults/conformant-endpoint.ts';
import { faults } from './faults/faults.ts';
import {
  type ConformanceOptions,
  ConformanceOptionsError,
  type ConformanceReport,
  runConformance,
} from './run-conformance.ts';
import { completeOptions, findCheck, runAgainst, startFixture } from './testing/fixture.ts';

/** Runs against an endpoint whose URL is changed. */
async function runWithUrl(auth: EndpointOptions['auth'], change: (url: string) => string): Promise<ConformanceReport> {
  const endpoint = await startFixture({ auth });
  try {
    return await runConformance({ ...(await completeOptions(endpoint.url, auth)), url: change(endpoint.url) });
  } finally {
    await endpoint.close();
  }
}

async function runAgainstClosedPort(): Promise<ConformanceReport> {
  const endpoint = await startFixture({ auth: 'none' });
  await endpoint.close();
  return runConformance(await completeOptions(endpoint.url, 'none'));
}

const withoutCertificate = { cert: undefined, key: undefined };
const withoutLogin = { username: undefined, password: undefined };

describe('a run that cannot begin', () => {
  const cases: readonly { name: string; run: () => Promise<ConformanceReport>; reason: RegExp }[] = [
    { name: 'a closed port', run: runAgainstClosedPort, reason: /ECONNREFUSED.*port/ },
    {
      name: 'a CA that is not trusted',
      run: () => runAgainst({ auth: 'both' }, { ca: undefined }),
      reason: /--ca FILE/,
    },
    {
      name: 'another CA than the one given',
      run: async () => runAgainst({ auth: 'both' }, { ca: (await issueCertificates()).ca.certificate }),
      reason: /certificate cannot be trusted/,
    },
    {
      name: 'a certificate for another host',
      run: runWithOtherHost,
      reason: /does not contain the host/,
    },
    {
      name: 'a client certificate that TLS demands and was not given',
      run: () => runAgainst({ auth: 'mtls', isCertificateDemanded: true }, { auth: 'none', ...withoutCertificate }),
      reason: /client certificate: add --auth mtls or both/,
    },
    {
      name: 'a client certificate of a CA that the endpoint does not trust',
      run: async () => {
        const { client } = await issueCertificates();
        return runAgainst({ auth: 'mtls', isCertificateDemanded: true }, { cert: client.certificate, key: client.key });
      },
      reason: /may not accept the client certificate/,
    },
    {
      name: 'http:// to a TLS port',
      run: runHttpToHttps,
      reason: /must begin with https:\/\//,
    },
    {
      name: 'https:// to a port without TLS',
      run: () => runWithUrl('none', (url) => url.replace('http:', 'https:')),
      reason: /must begin with http:\/\/ or https:\/\//,
    },
    {
      name: 'a wrong password',
      run: () => runAgainst({ auth: 'basic' }, { password: 'mistyped' }),
      reason: /401 to requests with the declared authentication.*--username/,
    },
    {
      name: 'credentials that were not declared',
      run: () => runAgainst({ auth: 'basic' }, { auth: 'none', ...withoutLogin }),
      reason: /requires credentials: use --auth/,
    },
    {
      name: 'no known user',
      run: () => runAgainst({ auth: 'none' }, { knownUsers: [] }),
      reason: /--known-user/,
    },
    {
      name: 'an endpoint that does not respond in time',
      run: () =>
        runAgainst(
          { auth: 'none', alter: () => ({ findUser: () => new Promise(() => undefined) }) },
          { timeoutMs: 100 },
        ),
      reason: /--timeout-ms/,
    },
  ];
  for (const { name, run, reason } of cases) {
    it(`explains what to do: ${name}`, async () => {
      const report = await run();
      expect(report.verdict).to.equal('could-not-run');
      expect(report.reason).to.match(reason);
      expect(report.summary.failed).to.equal(0);
    });
  }
});

describe('the time limits of a run', () => {
  const hook = { breakCommand: 'true', restoreCommand: 'true' };
  const tooLong: readonly (readonly [name: string, options: Partial<ConformanceOptions>, minimum: number])[] = [
    ['--timeout-ms', { timeoutMs: 86_400_001 }, 1],
    ['--max-p95-ms', { maxP95Ms: 86_400_001 }, 1],
    ['failedLoginSpacingMs', { failedLoginSpacingMs: 86_400_001 }, 0],
    ['--hook-timeout-ms', { hook: { ...hook, timeoutMs: 86_400_001 } }, 1],
  ];
  for (const [name, options, minimum] of tooLong) {
    it(`are at most one day: ${name}`, async () => {
      const rejected = await runConformance({ url: 'http://127.0.0.1:1/user-info', auth: 'none', ...options }).then(
        () => null,
        (error: unknown) => error,
      );
      expect(rejected).to.be.instanceOf(ConformanceOptionsError);
      expect((rejected as ConformanceOptionsError).faults).to.deep.equal([
        `${name} must be a whole number of milliseconds from ${minimum} to 86400000 (one day). It is 86400001.`,
      ]);
    });
  }
});

async function runWithOtherHost(): Promise<ConformanceReport> {
  const ca = await issueCertificateAuthority('ec');
  const request = { ...daysFromNow(0, 1), use: 'server', keyType: 'ec', commonName: 'other.example.test' } as const;
  const server = await issueCertificate(request, ca);
  const tls = { cert: server.certificate, key: server.key, ca: ca.certificate };
  return runAgainst({ auth: 'basic', tls }, { ca: ca.certificate });
}

async function runHttpToHttps(): Promise<ConformanceReport> {
  const endpoint = await startFixture({ auth: 'both' });
  try {
    return await runConformance({ url: endpoint.url.replace('https:', 'http:'), auth: 'none', knownUsers: ['x'] });
  } finally {
    await endpoint.close();
  }
}

describe('a run', () => {
  it('skips checks that need a second known user, and names the option', async () => {
    const endpoint = await startFixture({ auth: 'none' });
    const options = await completeOptions(endpoint.url, 'none');
    const report = await runConformance({ ...options, knownUsers: options.knownUsers?.slice(0, 1) });
    await endpoint.close();
    const skipped = findCheck(report, 'parallel-users-not-swapped');
    expect(skipped.status).to.equal('skipped');
    expect(skipped.message).to.include('--known-user');
    expect(report.verdict).to.equal('conforms');
  });

  it('skips the comparison of two users with the same data', async () => {
    const report = await runAgainst(
      {
        auth: 'none',
        alter: (good) => ({ findUser: async (id) => (await good.findUser(id)) && { groups: [], authorizations: {} } }),
      },
      { expectedData: undefined },
    );
    expect(findCheck(report, 'parallel-users-not-swapped').message).to.include('with different data');
    expect(report.verdict).to.equal('conforms');
  });

  it('tolerates additional keys unless --strict-keys, or --profile strict as in earlier versions, is given', async () => {
    const extraKey = faults.find(({ name }) => name === 'extra-key');
    const alter: EndpointOptions['alter'] = (good, options) => extraKey?.alter(good, options) ?? {};
    const only = ['known-user-schema', 'known-user-200'];
    const verdictOf = async (change: Partial<ConformanceOptions>) =>
      (await runAgainst({ auth: 'none', alter }, { only, ...change })).verdict;
    expect(await verdictOf({})).to.equal('conforms');
    expect(await verdictOf({ profile: 'lenient' })).to.equal('conforms');
    expect(await verdictOf({ strictKeys: true })).to.equal('does-not-conform');
    expect(await verdictOf({ profile: 'strict' })).to.equal('does-not-conform');
  });

  it('reports that the endpoint became unreachable during the run, without a finding', async () => {
    const endpoint = await startFixture({
      auth: 'none',
      alter: () => ({
        finish(reply) {
          if (reply.status !== 404) return reply;
          setImmediate(() => endpoint.close());
          return reply;
        },
      }),
    });
    const report = await runConformance(await completeOptions(endpoint.url, 'none'));
    expect(report.summary.failed).to.equal(0);
    expect(findCheck(report, 'userid-missing-refused').status).to.equal('error');
    expect(findCheck(report, 'userid-missing-refused').message).to.include('ECONNREFUSED');
    expect(report.verdict).to.equal('could-not-run');
  });

  it('prints nothing and leaves no global variables', async () => {
    const endpoint = await startFixture({ auth: 'none' });
    const options = await completeOptions(endpoint.url, 'none');
    const script = `
      const { runConformance } = await import(${JSON.stringify(new URL('run-conformance.ts', import.meta.url).href)});
      const before = Object.getOwnPropertyNames(globalThis).length;
      const listeners = () => process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection');
      const listenersBefore = listeners();
      const { verdict } = await runConformance(${JSON.stringify(options)});
      const added = Object.getOwnPropertyNames(globalThis).slice(before);
      process.stdout.write(JSON.stringify({ verdict, added, listeners: listeners() - listenersBefore }));`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      '--import=tsx',
      '--input-type=module',
      '--eval',
      script,
    ]);
    await endpoint.close();
    expect(stderr).to.equal('');
    expect(JSON.parse(stdout)).to.deep.equal({ verdict: 'conforms', added: [], listeners: 0 });
  });
});

describe('the options of a run', () => {
  const url = 'https://127.0.0.1:1/user-info';
  const cases: readonly { name: string; options: ConformanceOptions; faults: readonly RegExp[] }[] = [
    { name: 'an invalid URL', options: { url: 'user-info', auth: 'none' }, faults: [/URL is invalid/] },
    { name: 'another scheme', options: { url: 'ftp://127.0.0.1/', auth: 'none' }, faults: [/http:/] },
    {
      name: 'a URL with credentials, query and fragment',
      options: { url: 'https://a:b@127.0.0.1/?userid=x#y', auth: 'none' },
      faults: [/credentials/, /query/],
    },
    { name: 'basic without a user name', options: { url, auth: 'basic' }, faults: [/--username/] },
    {
      name: 'a user name without a password',
      options: { url, auth: 'basic', username: 'u' },
      faults: [/--password-env/],
    },
    {
      name: 'a colon in the user name',
      options: { url, auth: 'basic', username: 'u:v', password: 'p' },
      faults: [/colon/],
    },
    {
      name: 'a certificate without a key over http',
      options: { url: 'http://127.0.0.1/', auth: 'mtls', cert: '-' },
      faults: [/--cert cannot be used with an http/, /not possible with an http/, /Add --key/],
    },
    {
      name: 'unused credentials',
      options: { url, auth: 'none', username: 'u', password: 'p' },
      faults: [/no effect/],
    },
    { name: 'either with nothing', options: { url, auth: 'either' }, faults: [/With --auth either, specify/] },
    {
      name: 'invalid PEM',
      options: { url, auth: 'mtls', cert: 'x', key: 'y', ca: 'z' },
      faults: [/--ca/, /--cert is not a certificate/],
    },
    {
      name: 'users that contradict one another',
      options: { url, auth: 'none', knownUsers: ['a', 'a', ''], unknownUser: 'a' },
      faults: [/not be empty/, /twice/, /a user of --known-user/],
    },
    {
      name: 'invalid rules for user ids',
      options: { url, auth: 'none', useridCase: 'ignored', useridSpaces: 'no' } as unknown as ConformanceOptions,
      faults: [/--userid-case must be sensitive or insensitive/, /--userid-spaces must be kept or trimmed/],
    },
    {
      name: 'numbers out of range',
      options: { url, auth: 'none', timeoutMs: 0, maxFailedLogins: -1, failedLoginSpacingMs: 0.5 },
      faults: [/--timeout-ms/, /--max-failed-logins/, /failedLoginSpacingMs/],
    },
  ];
  for (const { name, options, faults: expected } of cases) {
    it(`are rejected before any request, with every error: ${name}`, async () => {
      const error: unknown = await runConformance(options).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(ConformanceOptionsError);
      const { faults: found } = error as ConformanceOptionsError;
      expect(found).to.have.length(expected.length);
      for (const [index, pattern] of expected.entries()) expect(found[index]).to.match(pattern);
    });
  }

  it('are rejected when certificate and key do not match', async () => {
    const { client, server } = await issueCertificates();
    const error: unknown = await runConformance({ url, auth: 'mtls', cert: client.certificate, key: server.key }).catch(
      (thrown: unknown) => thrown,
    );
    expect((error as ConformanceOptionsError).faults).to.deep.equal(['--key is not the private key of --cert.']);
  });
});
