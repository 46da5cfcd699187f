// Tests that everything the kit sends uses the proxy if there is one and arrives as if there were none. Also tests that errors of a proxy are
// reported as errors of the proxy.
import { execFile } from 'node:child_process';
import net, { type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { issueCertificate } from '../../certs/issue-certificate.ts';
import { daysFromNow } from '../../certs/issue-certificates.ts';
import { createCheckContext } from '../check-context.ts';
import { type AuthMode, checkOptions } from '../conformance-options.ts';
import type { RunningEndpoint } from '../faults/conformant-endpoint.ts';
import { listRequests } from '../list-requests.ts';
import { validateConformanceReport } from '../report/read-report.ts';
import { type ConformanceOptions, type ConformanceReport, runConformance, runSelfCheck } from '../run-conformance.ts';
import { type ConnectProxyOptions, startConnectProxy } from '../testing/connect-proxy.ts';
import { certificates, completeOptions, startFixture } from '../testing/fixture.ts';

/** Only the proxies of these tests can resolve it. */
const host = 'users.kit-no-such-name.invalid';

/** Starts the conformant endpoint under a name that DNS does not know; its certificate contains the name. */
async function startHidden(auth: AuthMode, isHttps: boolean) {
  const { ca } = await certificates();
  const alternativeNames = { dns: [host], ip: [], email: [] };
  const request = { ...daysFromNow(0, 300), use: 'server', keyType: 'ec', commonName: host, alternativeNames } as const;
  const { certificate, key } = await issueCertificate(request, ca);
  const tls = { cert: certificate, key, ca: ca.certificate };
  const endpoint = await startFixture({ auth, ...(isHttps ? { tls } : {}) });
  const url = endpoint.url.replace('127.0.0.1', host);
  return { endpoint, options: await completeOptions(url, auth), port: Number(new URL(url).port) };
}

/** Returns the findings of a run, without the parts that differ from run to run. */
function findResults({ verdict, checks }: ConformanceReport) {
  return { verdict, checks: checks.map(({ id, status, message }) => `${id}: ${status} ${message}`) };
}

const secret = 'canary-proxy:pass/wörd';
/** Returns a proxy's URL with `login`. */
const withLogin = (url: string, login: string) => {
  const [name = '', ...rest] = login.split(':');
  return url.replace('://', `://${encodeURIComponent(name)}:${encodeURIComponent(rest.join(':'))}@`);
};

describe('a run through a proxy', () => {
  for (const [auth, isHttps] of [
    ['both', true],
    ['basic', false],
  ] as const) {
    it(`finds the same as a run without a proxy, with every request through the proxy: ${auth} over ${isHttps ? 'HTTPS' : 'HTTP'}`, async () => {
      const { endpoint, options, port } = await startHidden(auth, isHttps);
      const proxy = await startConnectProxy({ login: secret });
      const through = await runConformance({ ...options, proxy: withLogin(proxy.url, secret) });
      await proxy.close();
      const direct = await runConformance({ ...options, resolve: { host, port, address: '127.0.0.1' } });
      await endpoint.close();
      expect(direct.verdict).to.equal('conforms');
      expect(findResults(through)).to.deep.equal(findResults(direct));
      expect(through.attestation.requestsSent).to.be.at.most(400);
      expect(new Set(proxy.targets)).to.deep.equal(new Set([`${host}:${port}`]));
      expect(through.target.proxy).to.equal(proxy.url);
      expect(direct.target).not.to.have.property('proxy');
      expect(direct.target.resolve).to.equal('127.0.0.1');
      expect(through.target).not.to.have.property('resolve');
      expect(through.attestation.configuration.inputs).to.include('proxy');
      expect(validateConformanceReport(through)).to.equal(true);
      expect(JSON.stringify(through)).not.to.match(/canary-proxy|w%C3%B6rd|wörd/);
      // Two whole runs.
    }).timeout(120_000);
  }

  it('sends the address of --resolve to the proxy, and the name to the endpoint', async () => {
    const { endpoint, options, port } = await startHidden('none', true);
    const proxy = await startConnectProxy();
    const report = await runConformance({
      ...options,
      proxy: proxy.url,
      resolve: { host, port, address: '2001:db8::7' },
      only: ['known-user-200', 'userid-bad-percent-refused', 'tls-old-versions-refused', 'server-certificate-name'],
    });
    await proxy.close();
    await endpoint.close();
    expect(report.summary).to.include({ passed: 4, failed: 0 });
    expect(new Set(proxy.targets)).to.deep.equal(new Set([`[2001:db8::7]:${port}`]));
  });

  it('does not use the proxy for the self-check and the dry run', async () => {
    const { endpoint, options } = await startHidden('none', true);
    await endpoint.close();
    const proxy = await startConnectProxy({ login: secret });
    const given = { ...options, proxy: withLogin(proxy.url, secret), only: ['known-user-200', 'tls'] };
    const { failures, obstacle } = await runSelfCheck(given);
    const { requests } = await listRequests(given);
    await proxy.close();
    expect({ failures, obstacle }).to.deep.equal({ failures: [], obstacle: null });
    expect(proxy.targets).to.deep.equal([]);
    const isNamed = ({ request }: { request: string }) => request.includes(proxy.url.replace('http://', ''));
    expect(requests.filter((request) => !isNamed(request))).to.deep.equal([]);
    expect(JSON.stringify(requests)).not.to.include('canary-proxy');
  });
});

describe('the lines that repeat a request', () => {
  let endpoint: RunningEndpoint;
  let options: ConformanceOptions;
  let port: number;
  before(async () => {
    ({ endpoint, options, port } = await startHidden('none', false));
  });
  after(() => endpoint.close());

  /** Sends one request, and returns the result of running its curl line in a shell. */
  async function repeat(change: Partial<ConformanceOptions>, environment: Readonly<Record<string, string>>) {
    const context = createCheckContext(checkOptions({ ...options, ...change }));
    const answer = await context.ask({ userids: [context.knownUser] });
    expect(answer.status).to.equal(200);
    const line = context.transcript.requests.at(-1)?.request ?? '';
    expect(line).not.to.include('canary-proxy');
    const env = { PATH: process.env.PATH, KNOWN_USER: context.knownUser, ...environment };
    const { stdout } = await promisify(execFile)('bash', ['-c', line], { env });
    return stdout;
  }

  it('also use the proxy, with its credentials in variables, regardless of NO_PROXY', async () => {
    const proxy = await startConnectProxy({ login: secret });
    const [PROXY_USER = '', ...rest] = secret.split(':');
    const login = { PROXY_USER, PROXY_PASSWORD: rest.join(':') };
    const stdout = await repeat({ proxy: withLogin(proxy.url, secret) }, { ...login, NO_PROXY: '*' });
    await proxy.close();
    expect(stdout).to.include('HTTP/1.1 200 OK').and.to.include('canary-group-a');
    expect(proxy.targets).to.deep.equal([`${host}:${port}`, `${host}:${port}`]);
  });

  it('send the address of --resolve to the proxy, and connect to it directly without a proxy', async () => {
    const proxy = await startConnectProxy();
    const resolve = { host, port, address: '127.0.0.1' };
    const through = await repeat({ proxy: proxy.url, resolve }, {});
    await proxy.close();
    expect(through).to.include('HTTP/1.1 200 OK');
    expect(proxy.targets).to.deep.equal([`127.0.0.1:${port}`, `127.0.0.1:${port}`]);
    expect(await repeat({ resolve }, {})).to.include('HTTP/1.1 200 OK');
  });

  it('bypass a proxy that the run bypassed', async () => {
    const before = process.env.ALL_PROXY;
    process.env.ALL_PROXY = 'http://127.0.0.1:1';
    try {
      const stdout = await repeat({ url: endpoint.url }, { ALL_PROXY: 'http://127.0.0.1:1' });
      expect(stdout).to.include('HTTP/1.1 200 OK');
    } finally {
      if (before === undefined) delete process.env.ALL_PROXY;
      else process.env.ALL_PROXY = before;
    }
  });
});

describe('a proxy that fails', () => {
  async function run(proxyUrl: string, change: Partial<ConformanceOptions> = {}): Promise<ConformanceReport> {
    const options = await completeOptions(`http://${host}:8080/user-info`, 'none');
    return runConformance({ ...options, proxy: proxyUrl, ...change });
  }

  const failures: readonly (readonly [
    name: string,
    says: RegExp,
    options: ConnectProxyOptions,
    change?: Partial<ConformanceOptions>,
  ])[] = [
    ['wants credentials and gets none', /^The proxy requires credentials \(407\).*USER:PASSWORD@/, { login: secret }],
    ['answers 401 for a 407', /^The proxy requires credentials \(401\)/, { refusesWith: 401 }],
    [
      'forbids it',
      /^The proxy does not connect to the endpoint \(403\)\. In the configuration of the proxy, allow CONNECT/,
      { refusesWith: 403 },
    ],
    ['answers 502', /^The proxy could not connect to the endpoint \(502\)\. Check/, { refusesWith: 502 }],
    [
      'finds nothing at the endpoint’s address',
      /^The proxy could not connect to the endpoint \(502\)/,
      { address: '127.0.0.9' },
    ],
    ['never answers', /^The proxy did not connect to the endpoint in time/, { isSilent: true }, { timeoutMs: 300 }],
  ];
  for (const [name, says, options, change] of failures) {
    it(`is distinguished from the endpoint: it ${name}`, async () => {
      const proxy = await startConnectProxy(options);
      const report = await run(proxy.url, change);
      await proxy.close();
      expect(report.verdict).to.equal('could-not-run');
      expect(report.reason).to.match(says);
    });
  }

  it('is identified: it rejects the credentials, which are not shown', async () => {
    const proxy = await startConnectProxy({ login: secret });
    const report = await run(withLogin(proxy.url, 'canary-proxy:canary-typing-error'));
    await proxy.close();
    expect(report.reason).to.include('407');
    expect(JSON.stringify(report)).not.to.include('canary-');
  });

  it('is identified: nothing listens at the port, or DNS cannot resolve its name', async () => {
    const proxy = await startConnectProxy();
    await proxy.close();
    expect((await run(proxy.url)).reason).to.match(/^The proxy cannot be reached \(ECONNREFUSED\): check its URL/);
    const unknown = await run('http://proxy.kit-no-such-name.invalid:3128');
    expect(unknown.reason).to.match(/^The proxy cannot be reached \((ENOTFOUND|EAI_AGAIN)\)/);
  });

  it('is identified: Node.js does not trust its certificate', async () => {
    const { server } = await certificates();
    const proxy = await startConnectProxy({ tls: { cert: server.certificate, key: server.key } });
    const report = await run(proxy.url);
    const asPlain = await run(proxy.url.replace('https:', 'http:'));
    await proxy.close();
    expect(report.reason).to.match(/^The proxy's certificate cannot be trusted .*NODE_EXTRA_CA_CERTS/);
    expect(asPlain.reason).to.match(/like an HTTP proxy .*begin with http:\/\/ or https:\/\//);
  });

  it('is identified: another kind of server listens at the port', async () => {
    const other = net.createServer((socket) => socket.end('220 mail.example.com ESMTP\r\n'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const report = await run(`http://127.0.0.1:${(other.address() as AddressInfo).port}`);
    other.close();
    expect(report.reason).to.match(/^The server at the proxy's address does not respond like an HTTP proxy/);
  });

  it('during a run is not a finding about the endpoint: the checks have the status error', async () => {
    const { endpoint, options } = await startHidden('none', false);
    const proxy = await startConnectProxy();
    const report = await runConformance({
      ...options,
      proxy: proxy.url,
      onProgress({ done }) {
        if (done === 20) void proxy.close();
      },
    });
    await endpoint.close();
    expect(report.summary.failed).to.equal(0);
    expect(report.verdict).to.equal('could-not-run');
    const messages = report.checks.filter(({ status }) => status === 'error').map(({ message }) => message);
    expect(messages.length).to.be.greaterThan(20);
    expect(messages.filter((message) => !message.startsWith('The proxy cannot be reached'))).to.deep.equal([]);
  });
});
