// Tests that a profile states whether a proxy is between the platform and the endpoint, with nginx and without a proxy.
import { expect } from 'chai';
import { stringify } from 'yaml';
import type { PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import { startNginx } from '../../tests/services/nginx.ts';
import type { ServiceProcess } from '../../tests/services/service-process.ts';
import type { LearningEndpoint } from './learning-endpoint.ts';
import { type PlatformOptions, startSimulatedPlatform } from './testing/simulated-platform.ts';

const proxyName = 'canary-proxy';
/** Far below the time limit of the platform. */
const proxyTimeoutMs = 2000;
const guesses = { timeoutMs: 60_000, onNotFound: 'disable' };

describe('the profile of a platform', () => {
  let nginx: ServiceProcess | null = null;
  afterEach(async () => {
    await nginx?.stop('SIGTERM');
    nginx = null;
  });

  async function between(endpoint: LearningEndpoint): Promise<number> {
    const { host } = new URL(endpoint.url);
    const started = await startNginx((port) => [
      `listen 127.0.0.1:${port};`,
      `location / { proxy_pass http://${host}; proxy_read_timeout ${proxyTimeoutMs}ms;`,
      `proxy_set_header Via "1.1 ${proxyName}"; proxy_set_header X-Forwarded-For $remote_addr; }`,
    ]);
    nginx = started.process;
    return Number(new URL(started.url).port);
  }

  async function learn(
    only: readonly string[],
    options: Partial<PlatformOptions> = {},
    intermediary?: boolean,
  ): Promise<PlatformProfile> {
    const simulated = await startSimulatedPlatform({ guesses, isPlain: true, ...options });
    try {
      const stated = intermediary === undefined ? {} : { intermediary };
      const { profile } = await simulated.learn({ only: new Set(only), ...stated });
      return profile;
    } finally {
      await simulated.close();
    }
  }

  it('reports nginx as an intermediary, and marks what it may have changed: HTTP version, headers and time limit', async () => {
    const { connection, facts, repeats } = await learn(['not-found', 'no-response'], { between });
    expect(connection.intermediary).to.include({ determined: 'measured', value: true });
    expect(connection.forwardingHeaders?.value).to.deep.equal(['via', 'x-forwarded-for']);
    expect(connection.httpVersions).to.deep.include({ value: ['1.0'], throughIntermediary: true });
    expect(connection.headers).to.include({ throughIntermediary: true });
    expect(connection.peerAddresses).to.include({ determined: 'measured', value: 1 });
    expect(facts.onNotFound).to.include({ determined: 'read-by-api', value: 'disable' });
    expect(facts.onNotFound).to.not.have.property('throughIntermediary');
    const { timeoutMs } = facts;
    // On a busy machine, the profile does not state times.
    if (timeoutMs?.determined === 'no') expect(timeoutMs.reason).to.match(/busy|differ|shortly before/);
    else {
      expect(timeoutMs).to.include({ throughIntermediary: true });
      expect(timeoutMs?.value, 'the time limit of nginx').to.be.within(proxyTimeoutMs * 0.9, guesses.timeoutMs / 2);
      expect(repeats?.timeout).to.include({ determined: 'measured', value: 0, throughIntermediary: true });
    }
    expect(stringify([connection, facts])).to.not.match(new RegExp(`${proxyName}|127\\.0\\.0\\.1`));
  }).timeout(240_000);

  it('reports nginx as an intermediary even if the operator denies it', async () => {
    const { connection } = await learn(['redirect'], { between, platformAddresses: ['127.0.0.1'] }, false);
    expect(connection.intermediary).to.include({ determined: 'measured', value: true });
  }).timeout(120_000);

  it("has no marks without a proxy, and rules out an intermediary only by an address or the operator's statement", async () => {
    const unknown = await learn(['redirect']);
    expect(unknown.connection.forwardingHeaders).to.deep.include({ determined: 'measured', value: [] });
    expect(unknown.connection.intermediary).to.include({ determined: 'no' });
    expect(unknown.connection.intermediary?.reason).to.include('does not rule out a proxy');
    const direct = await learn(['redirect'], { platformAddresses: ['127.0.0.1'] });
    expect(direct.connection.intermediary).to.include({ determined: 'measured', value: false });
    const elsewhere = await learn(['redirect'], { platformAddresses: ['192.0.2.7'] });
    expect(elsewhere.connection.intermediary).to.include({ determined: 'measured', value: true });
    const stated = await learn(['redirect'], {}, false);
    expect(stated.connection.intermediary).to.deep.equal({ determined: 'answered', value: false });
    expect(JSON.stringify([unknown, direct, stated])).to.not.include('throughIntermediary');
    expect(elsewhere.connection.httpVersions).to.deep.include({ value: ['1.1'], throughIntermediary: true });
  }).timeout(240_000);
});
