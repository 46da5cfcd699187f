// Tests of trust and authentication: TLS, client certificates, passwords, OAuth 2 tokens.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import type { HttpAuthConfig, HttpProxySourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { Secret } from '../../../schemas/secret.ts';
import { type CertificateFiles, certificateFiles, scratchDirectory } from '../../../tests/certificate-files.ts';
import { SourceError, type UserSource } from '../user-source.ts';
import { createHttpProxySource } from './http-proxy-source.ts';
import { httpProxyConfig } from './testing/http-proxy-config.ts';
import { sendJson } from './testing/local-server.ts';
import { ada, adaInfo, failureOf, personOptions, withSource } from './testing/people-source.ts';
import { startTokenServer } from './testing/token-server.ts';

const soon = () => AbortSignal.timeout(5000);

describe('http-proxy over TLS', () => {
  let files: CertificateFiles;
  let ca: string[];
  let client: { certificate: string; key: string };

  before(async () => {
    files = await certificateFiles();
    const directory = scratchDirectory();
    const write = (name: string, text: string) => {
      writeFileSync(join(directory, name), text, { mode: 0o600 });
      return join(directory, name);
    };
    ca = files.listenerTls.clientCa;
    client = {
      certificate: write('client.pem', files.good.client.certificate),
      key: write('client-key.pem', files.good.client.key),
    };
  });

  /** Sends a request to an HTTPS server with the certificate `shown`; returns what the server saw of the certificate we sent. */
  async function overTls<T>(
    shown: { certificate: string; key: string },
    tls: HttpProxySourceConfig['tls'],
    use: (source: UserSource) => Promise<T>,
    options: ServerOptions = {},
  ): Promise<{ result: T; seen: string[] }> {
    const seen: string[] = [];
    const server = createServer({ cert: shown.certificate, key: shown.key, ...options }, (request, response) => {
      const { CN: name = 'nobody' } = (request.socket as TLSSocket).getPeerCertificate().subject ?? {};
      seen.push(String(name));
      sendJson(response, 200, ada);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const baseUrl = `https://localhost:${(server.address() as AddressInfo).port}/api`;
    const source = createHttpProxySource(httpProxyConfig({ baseUrl, ...personOptions, tls }));
    try {
      return { result: await use(source), seen };
    } finally {
      await source.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  it('trusts the CAs of tls.ca', async () => {
    const { result, seen } = await overTls(files.good.server, { ca }, (source) => source.findUser(ada.id, soon()));
    expect(result).to.deep.equal(adaInfo);
    expect(seen).to.deep.equal(['nobody']);
  });

  for (const [title, shown, trusted] of [
    ['an expired certificate', () => files.bad.certificates['expired-server'], true],
    ['a certificate for another name', () => files.bad.certificates['wrong-host-name-server'], true],
    ["a private CA's certificate, with the public CAs trusted", () => files.good.server, false],
  ] as const) {
    it(`does not connect to ${title}, whatever NODE_TLS_REJECT_UNAUTHORIZED says`, async () => {
      const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
      try {
        const { result, seen } = await overTls(shown(), { ca: trusted ? ca : [] }, (source) => failureOf(source));
        expect(result.kind).to.equal('unavailable');
        expect(result.message).to.match(/failed the TLS handshake .*Check source\.tls/);
        expect(seen).to.deep.equal([]);
      } finally {
        if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
        else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
      }
    });
  }

  it('presents its client certificate, and is refused without it', async () => {
    const wants = { requestCert: true, rejectUnauthorized: true, ca: files.good.ca.certificate };
    const shown = await overTls(
      files.good.server,
      { ca, ...client },
      (source) => source.findUser(ada.id, soon()),
      wants,
    );
    expect(shown.result).to.deep.equal(adaInfo);
    expect(shown.seen).to.deep.equal(['platform']);
    const without = await overTls(files.good.server, { ca }, (source) => failureOf(source), wants);
    expect(without.result.kind).to.equal('unavailable');
  });

  it('does not start with a missing PEM file', () => {
    const missing = { ca: [join(scratchDirectory(), 'ca.pem')] };
    const create = () =>
      createHttpProxySource(httpProxyConfig({ baseUrl: 'https://localhost', ...personOptions, tls: missing }));
    expect(create).to.throw(SourceError, 'ca.pem cannot be read (ENOENT)');
  });
});

describe('http-proxy, static credentials', () => {
  const secret = new Secret('a secret: ü%');
  const cases: ReadonlyArray<[string, Partial<HttpProxySourceConfig>, Record<string, string>]> = [
    [
      'basic',
      { auth: { type: 'basic', username: 'kit', password: secret } },
      { authorization: `Basic ${Buffer.from('kit:a secret: ü%').toString('base64')}` },
    ],
    ['bearer', { auth: { type: 'bearer', scheme: 'SSWS', token: new Secret('abc') } }, { authorization: 'SSWS abc' }],
    ['a custom header', { secretHeaders: { 'X-Api-Key': new Secret('abc') } }, { 'x-api-key': 'abc' }],
  ];
  for (const [title, options, expected] of cases) {
    it(`are sent: ${title}`, async () => {
      let seen: object = {};
      await withSource(
        (request, response) => {
          seen = request.headers;
          sendJson(response, 200, ada);
        },
        { ...personOptions, ...options },
        (source) => source.findUser(ada.id, soon()),
      );
      expect(seen).to.include(expected);
    });
  }

  it('do not appear in any message or explanation', async () => {
    const auth: HttpAuthConfig = { type: 'basic', username: 'kit', password: secret };
    const refuse = (status: number) =>
      withSource(
        (_request, response) => sendJson(response, status, ada),
        { ...personOptions, auth },
        async (source) => {
          if (status !== 200) return JSON.stringify(await failureOf(source));
          return JSON.stringify(await source.explainUser?.(ada.id, soon()));
        },
      );
    for (const status of [200, 401, 403]) {
      expect(await refuse(status))
        .not.to.match(/secret|Basic/)
        .and.not.to.equal('{}');
    }
  });
});

describe('http-proxy with OAuth 2 client credentials', () => {
  /** Runs `use` with a source for an API that requires a token from `tokens`. */
  function withTokens<T>(
    tokens: Awaited<ReturnType<typeof startTokenServer>>,
    change: object,
    use: (source: UserSource) => Promise<T>,
    refuseFirst = 0,
  ): Promise<T> {
    let requests = 0;
    const auth: HttpAuthConfig = { ...tokens.auth('client_secret_basic'), ...change };
    return withSource(
      (request, response) => {
        requests += 1;
        const answer = async () => {
          const isIn = requests > refuseFirst && (await tokens.isAuthorized(request.headers.authorization));
          sendJson(response, isIn ? 200 : 401, isIn ? ada : {});
        };
        answer().catch(() => response.destroy());
      },
      { ...personOptions, auth },
      use,
    ).finally(() => tokens.close());
  }

  for (const method of ['client_secret_basic', 'client_secret_post'] as const) {
    it(`requests one token for many concurrent lookups (${method})`, async () => {
      const tokens = await startTokenServer();
      await withTokens(tokens, tokens.auth(method), async (source) => {
        const found = await Promise.all(Array.from({ length: 50 }, () => source.findUser(ada.id, soon())));
        for (const user of found) expect(user).to.deep.equal(adaInfo);
        await source.findUser(ada.id, soon());
        expect(tokens.requests).to.equal(1);
      });
    });
  }

  it('requests a new token before the old one expires', async () => {
    const tokens = await startTokenServer(2);
    await withTokens(tokens, {}, async (source) => {
      await source.findUser(ada.id, soon());
      await delay(1100);
      expect(await source.findUser(ada.id, soon())).to.deep.equal(adaInfo);
      expect(tokens.requests).to.equal(2);
    });
  });

  it('requests a new token, once, when the upstream rejects the old one', async () => {
    const tokens = await startTokenServer();
    await withTokens(
      tokens,
      {},
      async (source) => expect(await source.findUser(ada.id, soon())).to.deep.equal(adaInfo),
      1,
    );
    expect(tokens.requests).to.equal(2);
    const refusing = await startTokenServer();
    const failure = await withTokens(refusing, {}, (source) => failureOf(source), 100);
    expect(failure.kind).to.equal('unavailable');
    expect(refusing.requests).to.equal(2);
  });

  it('reports the error of the token server without showing a secret', async () => {
    const tokens = await startTokenServer();
    const wrong = { clientSecret: new Secret('a wrong secret') };
    const { kind, message } = await withTokens(tokens, wrong, (source) => failureOf(source));
    expect(kind).to.equal('unavailable');
    expect(message).to.match(/status 401, invalid_client.*source\.auth/);
  });

  const answers: ReadonlyArray<[string, number, string, string, RegExp?]> = [
    ['a log-in page', 200, '<title>Log in</title>', 'bad-answer', /Check auth\.tokenUrl/],
    ['a missing page', 404, '<title>Not here</title>', 'unavailable', /Check auth\.tokenUrl/],
    ['a redirect', 302, '', 'unavailable', /Check auth\.tokenUrl/],
    ['a token of another type', 200, '{"access_token":"a","token_type":"mac","expires_in":60}', 'bad-answer'],
    ['no token', 200, '{"token_type":"Bearer","expires_in":60}', 'bad-answer'],
    ['a token that is invalid in a header', 200, '{"access_token":"a\\r\\nb","token_type":"Bearer"}', 'bad-answer'],
    ['an invalid lifetime', 200, '{"access_token":"a","token_type":"Bearer","expires_in":"soon"}', 'bad-answer'],
    ['its own trouble', 500, '{"error":"a secret <thing>"}', 'unavailable', /contact its operator/],
  ];
  for (const [title, status, body, kind, fix = /token/] of answers) {
    it(`does not send the lookup when the token server responds with ${title}`, async () => {
      const tokens = await startTokenServer(60, (_request, response) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(body);
        return true;
      });
      const failure = await withTokens(tokens, {}, (source) => failureOf(source));
      expect(failure.kind).to.equal(kind);
      expect(failure.message).to.match(fix);
    });
  }

  it('ends each lookup that waits for a token at its own deadline, while the others succeed', async () => {
    const tokens = await startTokenServer(60, () => {
      // Does not interrupt the server: the token arrives after one of the lookups was canceled.
      return false;
    });
    await withTokens(tokens, {}, async (source) => {
      const gone = new AbortController();
      const first = failureOf(source, gone.signal);
      const second = source.findUser(ada.id, soon());
      gone.abort();
      expect((await first).kind).to.equal('too-slow');
      expect(await second).to.deep.equal(adaInfo);
      expect(tokens.requests).to.equal(1);
    });
  });

  it('limits the duration of a token request', async () => {
    const tokens = await startTokenServer(60, () => true);
    const failure = await withTokens(tokens, { timeoutMs: 100 }, (source) => failureOf(source));
    expect(failure.kind).to.equal('too-slow');
    expect(failure.message).to.match(/auth\.timeoutMs/);
  });
});
