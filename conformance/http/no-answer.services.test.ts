// Tests of the messages for a handshake that an OpenSSL server refuses.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { issueBadCertificates } from '../../certs/issue-bad-certificates.ts';
import type { IssuedCertificate } from '../../certs/issue-certificate.ts';
import { issueCertificates } from '../../certs/issue-certificates.ts';
import { createCheckContext, type ShortRequest } from '../check-context.ts';
import { type ConformanceOptions, checkOptions } from '../conformance-options.ts';
import { NoAnswer } from './no-answer.ts';

/** Returns the error of a request that gets no response. Throws if the request gets one. */
async function findFailure(options: ConformanceOptions, request: Partial<ShortRequest> = {}): Promise<NoAnswer> {
  const context = createCheckContext(checkOptions(options));
  const outcome = await context.ask({ userids: ['ada'], ...request }).catch((error: unknown) => error);
  if (outcome instanceof NoAnswer) return outcome;
  throw new Error('There was an answer.');
}

describe('an OpenSSL server that rejects the handshake', () => {
  const directory = mkdtempSync(join(tmpdir(), 'user-info-no-answer-'));
  after(() => rmSync(directory, { recursive: true }));

  /** Sends a request to a server that requires a client certificate. */
  async function ask(request: Partial<ShortRequest>, client?: IssuedCertificate): Promise<NoAnswer> {
    const { ca, server } = issued;
    writeFileSync(join(directory, 'ca.pem'), ca.certificate);
    writeFileSync(join(directory, 'server.pem'), `${server.certificate}\n${server.key}`);
    const args = ['s_server', '-accept', '127.0.0.1:0', '-cert', 'server.pem', '-CAfile', 'ca.pem', '-www'];
    const openssl = spawn('openssl', [...args, '-Verify', '3', '-verify_return_error'], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 20_000,
    });
    try {
      let port: string | undefined;
      for await (const line of createInterface(openssl.stdout)) {
        port = /^ACCEPT .*:(\d+)$/.exec(line)?.[1];
        if (port !== undefined) break;
      }
      const url = `https://127.0.0.1:${port}/user-info`;
      const options = client
        ? { auth: 'mtls' as const, cert: client.certificate, key: client.key }
        : { auth: 'none' as const };
      return await findFailure({ url, ca: ca.certificate, ...options }, request);
    } finally {
      openssl.kill();
      await once(openssl, 'close');
    }
  }

  let issued: Awaited<ReturnType<typeof issueCertificates>>;
  let bad: Awaited<ReturnType<typeof issueBadCertificates>>['certificates'];
  before(async () => {
    issued = await issueCertificates();
    bad = (await issueBadCertificates(issued.ca)).certificates;
  });

  it('requires a client certificate', async () => {
    expect((await ask({})).message).to.include('it requires a client certificate: add --auth mtls or both');
  });

  it('does not accept an expired certificate', async () => {
    expect((await ask({}, bad['expired-client'])).message).to.include('the client certificate has expired');
  });

  it('does not trust its CA', async () => {
    expect((await ask({}, bad['other-ca-client'])).message).to.include(
      'does not trust the CA of the client certificate',
    );
  });

  it('does not accept a server certificate as a client certificate', async () => {
    const { message } = await ask({}, bad['wrong-extended-key-usage-client']);
    expect(message).to.include('rejects the client certificate');
  });

  it('supports none of the offered ciphers', async () => {
    const request = { tls: { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' } } as const;
    expect((await ask(request, issued.client)).message).to.include('no protocol parameters in common');
  });
});
