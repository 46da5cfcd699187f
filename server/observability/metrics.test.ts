// Tests that /metrics contains every documented metric and counts events.

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { exampleFile } from '../../cli/examples.ts';
import { startLdapStub } from '../../cli/serve/ldap-stub-server.ts';
import { ask, basicHeader } from '../../tests/ask-server.ts';
import { certificateFiles } from '../../tests/certificate-files.ts';
import { type ConfigSections, secretReference, stoppedAfterEach, type TestServer } from '../../tests/test-server.ts';
import { parseLdif } from '../adapters/ldap/ldif/ldif-text.ts';

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

  /** Starts a server with everything that is measured. */
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

  it('are those listed in docs/reference/metrics.md, except for the process metrics', async () => {
    const page = readFileSync(new URL('../../docs/reference/metrics.md', import.meta.url), 'utf8');
    const documented = [...page.matchAll(/^\| `([a-z_0-9]+)` \| (counter|gauge|histogram) \|/gm)];
    const served = [...(await scrape(await startWhole())).matchAll(/^# TYPE (\S+) (\S+)$/gm)];
    const ours = served.filter(([, name]) => !/^(process|nodejs)_/.test(name ?? ''));
    expect(ours.map(([, name, type]) => `${name} ${type}`)).to.have.members(
      documented.map(([, name, type]) => `${name} ${type}`),
    );
    expect(served.map(([, name]) => name)).to.include.members([
      'nodejs_eventloop_lag_p99_seconds',
      'process_resident_memory_bytes',
    ]);
  });

  it('count requests by status and source, failed credentials by code, and report when certificates expire', async () => {
    const server = await startWhole();
    const askWith = (password: string) =>
      ask(server.adaUrl, { headers: { authorization: basicHeader('api', password) }, rejectUnauthorized: false });
    await askWith('right');
    await askWith('wrong');
    const text = await scrape(server);
    expect(text).to.match(
      /^http_server_request_duration_seconds_count\{http_response_status_code="200",source="static"\} 1$/m,
    );
    expect(text).to.match(/^user_info_credential_failures_total\{code="credentials-wrong"\} 1$/m);
    expect(text).not.to.match(/^user_info_credential_failures_total\{code="user/m);
    for (const kind of ['server', 'client-ca', 'crl']) {
      const [, seconds] =
        new RegExp(`^user_info_certificate_expiry_timestamp_seconds\\{certificate="${kind}"\\} (\\S+)$`, 'm').exec(
          text,
        ) ?? [];
      expect(Number(seconds), kind).to.be.greaterThan(Date.now() / 1000);
    }
  });

  it('measure the duration of lookups that wait for the source, by outcome', async () => {
    const server = await start({
      source: {
        type: 'module',
        path: new URL('../../examples/module-adapter/people-source.mjs', import.meta.url).pathname,
        options: { file: new URL('../../examples/module-adapter/people.json', import.meta.url).pathname },
      },
    });
    await ask(server.adaUrl);
    const text = await scrape(server);
    expect(text).to.match(/^user_info_lookup_duration_seconds_count\{source="module",outcome="answered"\} 1$/m);
    expect(text).to.match(/^user_info_lookup_duration_seconds_count\{source="module",outcome="failed"\} 0$/m);
  });

  it('report the connections to the backend', async () => {
    const stub = await startLdapStub(parseLdif(readFileSync(exampleFile('configurations/ldif-directory.ldif'))), 0);
    const trial = parse(readFileSync(exampleFile('configurations/ldap-trial.yaml'), 'utf8')) as { source: object };
    const server = await start({ source: { ...trial.source, urls: [stub.url] } });
    const text = await scrape(server);
    expect(text).to.match(/^user_info_pool_connections\{part="whole"\} 1$/m);
    expect(text).to.match(/^user_info_pool_busy_connections\{part="whole"\} 0$/m);
    expect(text).to.match(/^user_info_pool_waiting\{part="whole"\} 0$/m);
    await stub.close();
  });

  it('observe garbage collection once per process, however many servers it starts', async () => {
    const gcCounts = async (server: TestServer) =>
      new Map(
        [...(await scrape(server)).matchAll(/^nodejs_gc_duration_seconds_count\{(\S+)\} (\d+)$/gm)].map(
          ([, kind = '', count]) => [kind, Number(count)] as const,
        ),
      );
    const [first, second] = [await start({}), await start({})];
    // Servers with their own observers would have counted from their starts. There may be a garbage collection between two responses.
    const before = await gcCounts(first);
    const counted = await gcCounts(second);
    const after = await gcCounts(first);
    expect([...before.values()]).not.to.deep.equal([]);
    for (const [kind, count] of counted) expect(count, kind).to.be.within(before.get(kind) ?? 0, after.get(kind) ?? 0);
  });
});
