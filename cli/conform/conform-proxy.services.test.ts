// Tests of the proxy settings of `user-info conform`, including an https:// proxy, and of its behavior when the proxy fails.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { RunningEndpoint } from '../../conformance/faults/conformant-endpoint.ts';
import { type ConnectProxy, startConnectProxy } from '../../conformance/testing/connect-proxy.ts';
import { certificates, startFixture } from '../../conformance/testing/fixture.ts';
import { runCli } from '../../tests/run-cli.ts';

/** Only the proxies of these tests can resolve it. */
const host = 'users.kit-no-such-name.invalid';

/** So that a proxy of the test machine has no effect. */
const noVariables = Object.fromEntries(
  ['http', 'https', 'all', 'no']
    .flatMap((kind) => [`${kind}_proxy`, `${kind.toUpperCase()}_PROXY`])
    .map((name) => [name, '']),
);

describe('the proxy of user-info conform', function () {
  // Each test starts one or several processes.
  this.timeout(120_000);

  const directory = mkdtempSync(join(tmpdir(), 'user-info-proxy-'));
  let endpoint: RunningEndpoint;
  let proxy: ConnectProxy;
  before(async () => {
    endpoint = await startFixture({ auth: 'none' });
    proxy = await startConnectProxy({ login: 'canary-proxy:canary-secret' });
  });
  after(async () => {
    await proxy.close();
    await endpoint.close();
    rmSync(directory, { recursive: true });
  });

  const withLogin = () => proxy.url.replace('://', '://canary-proxy:canary-secret@');
  const basics = ['--auth', 'none', '--known-user', 'canary-ada@example.test', '--only', 'known-user-200'];

  async function conform(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const { exitCode, stdout, stderr } = await runCli(['conform', ...args, ...basics], {
      ...noVariables,
      ...environment,
    });
    expect(`${stdout}${stderr}`).not.to.match(/canary-(?:proxy|secret)/);
    // The console wraps its lines.
    return { exitCode, stdout: stdout.replace(/\s+/g, ' '), stderr };
  }

  it('is read from the environment, including credentials', async () => {
    const url = endpoint.url.replace('127.0.0.1', host);
    const { exitCode, stdout } = await conform([url], { http_proxy: withLogin() });
    expect(stdout).to.include('conforms');
    expect(exitCode).to.equal(0);
    expect(proxy.targets).to.deep.equal([new URL(url).host]);
  });

  it('is not used for loopback when it comes from the environment', async () => {
    const asked = proxy.targets.length;
    const { exitCode } = await conform([endpoint.url], { HTTP_PROXY: withLogin() });
    expect(exitCode).to.equal(0);
    expect(proxy.targets).to.have.length(asked);
  });

  it('is used for loopback when it is set explicitly', async () => {
    const asked = proxy.targets.length;
    const { exitCode } = await conform([endpoint.url, '--proxy', withLogin()]);
    expect(exitCode).to.equal(0);
    expect(proxy.targets.length).to.be.greaterThan(asked);
  });

  it('is not used when the option is none, or when NO_PROXY matches', async () => {
    const url = endpoint.url.replace('127.0.0.1', host);
    const unknown = /DNS does not know|DNS does not respond/;
    const past = await conform([url, '--proxy', 'none'], { HTTP_PROXY: withLogin() });
    expect(past.stdout).to.match(unknown);
    expect(past.exitCode).to.equal(3);
    const exempt = await conform([url], { HTTP_PROXY: withLogin(), NO_PROXY: '.invalid' });
    expect(exempt.stdout).to.match(unknown);
  });

  it("is read in this order: command line, the kit's variable, file, general variable", async () => {
    const [flag, variable, file, all] = await Promise.all(
      [501, 502, 503, 504].map((refusesWith) => startConnectProxy({ refusesWith })),
    );
    const config = join(directory, 'conform.yaml');
    writeFileSync(config, `url: http://${host}/user-info\nproxy: ${file?.url}\n`);
    const kit = { USER_INFO_CONFORM_PROXY: variable?.url };
    const others = { HTTP_PROXY: all?.url };
    const outcomes = [
      await conform(['--config', config, '--proxy', flag?.url ?? ''], { ...kit, ...others }),
      await conform(['--config', config], { ...kit, ...others }),
      await conform(['--config', config], others),
      await conform([`http://${host}/user-info`], others),
    ];
    await Promise.all([flag, variable, file, all].map((each) => each?.close()));
    expect(outcomes.map(({ stdout }) => /could not connect to the endpoint \((\d+)\)/.exec(stdout)?.[1])).to.deep.equal(
      ['501', '502', '503', '504'],
    );
    expect(new Set(outcomes.map(({ exitCode }) => exitCode))).to.deep.equal(new Set([3]));
  });

  it("is used over TLS with the CAs that Node.js trusts, and tunnels the endpoint's TLS connection", async () => {
    const { ca, server } = await certificates();
    const secure = await startFixture({ auth: 'none' }, true);
    const tlsProxy = await startConnectProxy({ tls: { cert: server.certificate, key: server.key } });
    const caFile = join(directory, 'ca.pem');
    writeFileSync(caFile, ca.certificate);
    const url = secure.url.replace('127.0.0.1', 'localhost');
    const { exitCode, stdout } = await conform([url, '--ca', caFile, '--proxy', tlsProxy.url, '--only', 'tls'], {
      NODE_EXTRA_CA_CERTS: caFile,
    });
    await tlsProxy.close();
    await secure.close();
    expect(stdout)
      .to.match(/✓ TLS \d+ passed/)
      .and.to.include('conforms');
    expect(exitCode).to.equal(0);
    expect(new Set(tlsProxy.targets)).to.deep.equal(new Set([new URL(url).host]));
  });

  it('is rejected when it is malformed, with a message that shows the expected form but not the value', async () => {
    const flag = await conform([endpoint.url, '--proxy', 'socks5://canary-proxy:canary-secret@proxy:1080']);
    expect(flag.stderr).to.include('--proxy must be none or the URL of an HTTP proxy, http://HOST:PORT');
    expect(flag.exitCode).to.equal(2);
  });

  it('cannot include credentials when it is set in a file', async () => {
    const config = join(directory, 'secret.yaml');
    writeFileSync(config, `url: ${endpoint.url}\nproxy: ${withLogin()}\n`);
    const { exitCode, stderr } = await conform(['--config', config]);
    expect(stderr).to.match(/secret\.yaml.*proxy.*must not contain an @/);
    expect(exitCode).to.equal(2);
  });
});
