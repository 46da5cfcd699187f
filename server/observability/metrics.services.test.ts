// Tests that /metrics passes the linter of Prometheus.
import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { ask, basicHeader } from '../../tests/ask-server.ts';
import { certificateFiles } from '../../tests/certificate-files.ts';
import { type ConfigSections, secretReference, stoppedAfterEach, type TestServer } from '../../tests/test-server.ts';

describe('the metrics', () => {
  const startTestServer = stoppedAfterEach();
  const start = (sections: ConfigSections) =>
    startTestServer(
      { administration: { port: 0 }, ...sections },
      { API_PASSWORD: 'right', LDAP_PASSWORD: 'a password for demonstrations' },
    );

  async function scrape({ administrationUrl }: TestServer): Promise<string> {
    return (await ask(`${administrationUrl}/metrics`)).body;
  }

  /** Starts a server in which every feature that is measured is enabled. */
  async function startWhole(): Promise<TestServer> {
    const { listenerTls, crl } = await certificateFiles();
    return start({
      listener: { tls: { ...listenerTls, crl: [crl] } },
      authentication: {
        mode: 'either',
        basic: { credentials: [{ username: 'api', password: secretReference('API_PASSWORD') }] },
        clientCertificate: { allow: [{ subjectCn: 'platform' }] },
      },
      guards: { cache: {}, breaker: {}, coalesce: true },
    });
  }

  it('pass `promtool check metrics`', async () => {
    const server = await startWhole();
    for (const password of ['right', 'wrong']) {
      await ask(server.adaUrl, { headers: { authorization: basicHeader('api', password) }, rejectUnauthorized: false });
    }
    const text = await scrape(server);
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect([status, stdout, stderr]).to.deep.equal([0, '', '']);
  });
});
