// Tests of responses that must not count as a user: transport, status, type, size, content.
import { once } from 'node:events';
import type { RequestListener, ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { HttpProxySourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import type { SourceErrorKind } from '../user-source.ts';
import { createHttpProxySource } from './http-proxy-source.ts';
import { httpProxyConfig } from './testing/http-proxy-config.ts';
import { sendJson } from './testing/local-server.ts';
import { ada, adaInfo, failureOf, personOptions, withSource } from './testing/people-source.ts';

const json = { 'content-type': 'application/json' };

function send(status: number, body: string | Uint8Array, headers: Record<string, string> = json): RequestListener {
  return (_request, response) => {
    response.writeHead(status, headers).end(body);
  };
}

function sendAda(change: object = {}): RequestListener {
  return (_request, response) => sendJson(response, 200, { ...ada, ...change });
}

const personText = JSON.stringify(ada);

describe('http-proxy, a response that is a user', () => {
  const answers: ReadonlyArray<[string, RequestListener]> = [
    ['plain', send(200, personText)],
    ['with a charset', send(200, personText, { 'content-type': 'Application/JSON; Charset="UTF-8"' })],
    ['as application/scim+json', send(200, personText, { 'content-type': 'application/scim+json' })],
    ['with a byte order mark', send(200, `\ufeff${personText}`)],
    ['in gzip', send(200, gzipSync(personText), { ...json, 'content-encoding': 'gzip' })],
    ['with a group twice', sendAda({ groups: [...ada.groups, ...ada.groups] })],
    ['with more than is mapped', sendAda({ manager: { id: 1 } })],
    [
      'in chunks',
      (_request, response) => {
        response.writeHead(200, json);
        response.write(personText.slice(0, 9));
        setTimeout(() => response.end(personText.slice(9)), 20);
      },
    ],
  ];
  for (const [title, listener] of answers) {
    it(`is accepted ${title}`, async () => {
      await withSource(listener, personOptions, async (source) => {
        expect(await source.findUser(ada.id, AbortSignal.timeout(5000))).to.deep.equal(adaInfo);
      });
    });
  }

  it('results from one GET request with the configured path and headers', async () => {
    const seen: Record<string, unknown>[] = [];
    const listener: RequestListener = (request, response) => {
      seen.push({ url: request.url, method: request.method, ...request.headers });
      sendJson(response, 200, ada);
    };
    await withSource(listener, { ...personOptions, headers: { 'X-Tenant': 'emea' } }, async (source) => {
      await source.findUser(ada.id, AbortSignal.timeout(5000));
    });
    expect(seen).to.have.length(1);
    expect(seen[0]).to.include({ url: `/api/people/${ada.id}`, method: 'GET', 'x-tenant': 'emea' });
    expect(seen[0]).not.to.have.property('authorization');
  });
});

describe('http-proxy, a response that means "no such user"', () => {
  const userRequest = personOptions.user;
  const says = { ...userRequest, notFound: { statuses: [404, 410], path: '/error/code', equals: 'NoUser' } };
  const strict = { ...personOptions, user: says as NonNullable<HttpProxySourceConfig['user']> };
  const answers: ReadonlyArray<[string, RequestListener, Partial<HttpProxySourceConfig>]> = [
    ['404 without a body', send(404, '', {}), personOptions],
    ['404 with a JSON body', send(404, '{"error":"none"}'), personOptions],
    ['404 with a problem document', send(404, '{}', { 'content-type': 'application/problem+json' }), personOptions],
    ['the status and the content that are configured', send(410, '{"error":{"code":"NoUser"}}'), strict],
    ['the user under another letter case', sendAda({ id: ada.id.toUpperCase() }), personOptions],
  ];
  for (const [title, listener, options] of answers) {
    it(`is ${title}`, async () => {
      await withSource(listener, options, async (source) => {
        expect(await source.findUser(ada.id, AbortSignal.timeout(5000))).to.equal(null);
      });
    });
  }

  for (const [title, listener] of [
    ['other content', send(404, '{"error":{"code":"NoRoute"}}')],
    ['no content', send(404, '', {})],
    ['content of another kind', send(404, '["NoUser"]')],
  ] as const) {
    it(`is not 404 with ${title}, when content is configured`, async () => {
      await withSource(listener, strict, async (source) => {
        expect(await failureOf(source)).to.have.property('kind', 'bad-answer');
      });
    });
  }

  it('mentions the other spelling in its explanation', async () => {
    await withSource(sendAda({ id: ada.id.toUpperCase() }), personOptions, async (source) => {
      const explained = await source.explainUser?.(ada.id, AbortSignal.timeout(5000));
      expect(explained?.absent).to.match(/spells the userid differently .*caseInsensitive/);
    });
  });

  it('is an error when the filtered attribute differs from the compared one', async () => {
    await withSource(sendAda({ id: `${ada.id}@example.com` }), personOptions, async (source) => {
      const { kind, message } = await failureOf(source);
      expect(kind).to.equal('bad-answer');
      expect(message).to.match(/user\.path filters by a different attribute than mapping\.identity compares/);
    });
  });

  it('does not include another letter case with caseInsensitive', async () => {
    const options = { ...personOptions, caseInsensitive: true };
    await withSource(sendAda({ id: ada.id.toUpperCase() }), options, async (source) => {
      expect(await source.findUser(ada.id, AbortSignal.timeout(5000))).to.deep.equal(adaInfo);
    });
  });
});

/** Sends less than the headers of the response announce, and then calls `end`. */
function sendHalf(end: (response: ServerResponse) => void): RequestListener {
  return (_request, response) => {
    response.writeHead(200, { ...json, 'content-length': String(personText.length) });
    response.write(personText.slice(0, 20), () => end(response));
  };
}

const quick = { connectTimeoutMs: 200, headersTimeoutMs: 200, bodyTimeoutMs: 200, maxBytes: 4096 };
const bomb = gzipSync(`{"id":"${' '.repeat(10_000_000)}"}`);

const refusals: ReadonlyArray<[string, SourceErrorKind, RequestListener]> = [
  ['nothing at all', 'too-slow', () => undefined],
  ['a reset before the response', 'unavailable', (_request, response) => response.destroy()],
  ['a reset during the response', 'unavailable', sendHalf((response) => response.destroy())],
  ['a pause during the response', 'too-slow', sendHalf(() => undefined)],
  ['200 with an empty body', 'bad-answer', send(200, '')],
  ['200 without body and type', 'bad-answer', send(200, '', {})],
  ['200 with a log-in page', 'bad-answer', send(200, '<title>Log in</title>', { 'content-type': 'text/html' })],
  ['200 with JSON that is called text', 'bad-answer', send(200, personText, { 'content-type': 'text/plain' })],
  ['200 without a type', 'bad-answer', send(200, personText, {})],
  ['200 in Latin-1', 'bad-answer', send(200, personText, { 'content-type': 'application/json; charset=iso-8859-1' })],
  ['200 with the first half of the JSON', 'bad-answer', send(200, personText.slice(0, 30))],
  ['200 with a key twice', 'bad-answer', send(200, personText.replace('}]', '}],"groups":[]'))],
  ['200 with null', 'bad-answer', send(200, 'null')],
  ['200 with a list', 'bad-answer', send(200, `[${personText}]`)],
  ['201', 'bad-answer', send(201, personText)],
  ['202', 'bad-answer', send(202, personText)],
  ['204', 'bad-answer', send(204, '', {})],
  ['206', 'bad-answer', send(206, personText)],
  ['a redirect', 'bad-answer', send(302, '', { location: '/api/people/elsewhere' })],
  ['a permanent redirect', 'bad-answer', send(308, '', { location: '/api/people/elsewhere' })],
  ['400', 'bad-answer', send(400, '{}')],
  ['401', 'unavailable', send(401, '{}')],
  ['403', 'unavailable', send(403, '{}')],
  ["404 with a gateway's page", 'bad-answer', send(404, '<h1>Not Found</h1>', { 'content-type': 'text/html' })],
  ['410', 'bad-answer', send(410, '{}')],
  ['408', 'too-slow', send(408, '{}')],
  ['429 without Retry-After', 'unavailable', send(429, '{}')],
  ['429 with a long Retry-After', 'unavailable', send(429, '{}', { ...json, 'retry-after': '3600' })],
  ['429 with an invalid Retry-After', 'unavailable', send(429, '{}', { ...json, 'retry-after': 'soon' })],
  ['429 again and again', 'unavailable', send(429, '{}', { ...json, 'retry-after': '0' })],
  ['500', 'unavailable', send(500, '{}')],
  ['503', 'unavailable', send(503, '{}')],
  ['504', 'too-slow', send(504, '{}')],
  ['more than maxBytes', 'bad-answer', sendAda({ filling: 'x'.repeat(5000) })],
  ['gzip that unpacks to more than maxBytes', 'bad-answer', send(200, bomb, { ...json, 'content-encoding': 'gzip' })],
  [
    'truncated gzip',
    'bad-answer',
    send(200, gzipSync(personText).subarray(0, 40), { ...json, 'content-encoding': 'gzip' }),
  ],
  ['gzip in name only', 'bad-answer', send(200, personText, { ...json, 'content-encoding': 'gzip' })],
  [
    'a coding that was not requested',
    'bad-answer',
    send(200, brotliCompressSync(personText), { ...json, 'content-encoding': 'br' }),
  ],
  ['another user', 'bad-answer', sendAda({ id: 'grace' })],
  ['a user without an id', 'bad-answer', sendAda({ id: undefined })],
  ['a user whose id is not a string', 'bad-answer', sendAda({ id: 4711 })],
  ['no groups', 'bad-answer', sendAda({ groups: undefined })],
  ['null for groups', 'bad-answer', sendAda({ groups: null })],
  ['one group that is in no list', 'bad-answer', sendAda({ groups: { name: 'analysts-4711' } })],
  ['a group without a name', 'bad-answer', sendAda({ groups: [{}] })],
  ['a group whose name is null', 'bad-answer', sendAda({ groups: [...ada.groups, { name: null }] })],
  ['a group whose name is empty', 'bad-answer', sendAda({ groups: [{ name: '' }] })],
  ['a group whose name is a number', 'bad-answer', sendAda({ groups: [{ name: 4711 }] })],
  ['a group that is null', 'bad-answer', sendAda({ groups: [null] })],
  ['no value', 'bad-answer', sendAda({ department: undefined })],
  ['null for a value', 'bad-answer', sendAda({ department: null })],
  ['an empty value', 'bad-answer', sendAda({ department: '' })],
  ['a number for a value', 'bad-answer', sendAda({ department: 4711 })],
  ['an object for a value', 'bad-answer', sendAda({ department: { name: 'finance-4711' } })],
  ['a list with an empty value', 'bad-answer', sendAda({ department: ['finance-4711', ''] })],
];

describe('http-proxy, a response that is not a user', () => {
  for (const [title, kind, listener] of refusals) {
    it(`is ${title}: ${kind}`, async () => {
      await withSource(listener, { ...personOptions, ...quick }, async (source) => {
        expect(await failureOf(source)).to.have.property('kind', kind);
      });
    });
  }

  it('is too-slow at the deadline when bytes trickle in and no phase timeout expires', async () => {
    const drip: RequestListener = (_request, response) => {
      response.writeHead(200, { ...json, 'content-length': '100000' });
      const timer = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(timer));
    };
    await withSource(drip, { ...personOptions, ...quick }, async (source) => {
      expect(await failureOf(source, AbortSignal.timeout(300))).to.have.property('kind', 'too-slow');
    });
  });

  it('does not follow a redirect', async () => {
    const asked: string[] = [];
    const listener: RequestListener = (request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(302, { location: '/elsewhere' }).end();
    };
    await withSource(listener, personOptions, (source) => failureOf(source));
    expect(asked).to.deep.equal([`/api/people/${ada.id}`]);
  });

  it('is bad-answer when it is not HTTP, and unavailable when nothing listens', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume().end('SSH-2.0-OpenSSH_9.2\r\n');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const source = createHttpProxySource(httpProxyConfig({ baseUrl, ...personOptions }));
    const garbled = await failureOf(source);
    await new Promise((resolve) => server.close(resolve));
    const refused = await failureOf(source).finally(() => source.close());
    expect([garbled.kind, refused.kind]).to.deep.equal(['bad-answer', 'unavailable']);
  });

  it('is followed by a correct response without a restart', async () => {
    let isBroken = true;
    const listener: RequestListener = (_request, response) =>
      isBroken ? response.destroy() : sendJson(response, 200, ada);
    await withSource(listener, personOptions, async (source) => {
      for (let round = 0; round < 3; round++) {
        isBroken = true;
        expect(await failureOf(source)).to.have.property('kind', 'unavailable');
        isBroken = false;
        expect(await source.findUser(ada.id, AbortSignal.timeout(5000))).to.deep.equal(adaInfo);
      }
    });
  });
});

describe('http-proxy, an upstream that throttles', () => {
  const throttled = (status: number, retryAfter: () => string): RequestListener => {
    let requests = 0;
    return (_request, response) => {
      requests += 1;
      if (requests === 1) response.writeHead(status, { 'retry-after': retryAfter() }).end();
      else sendJson(response, 200, ada);
    };
  };
  for (const [title, listener] of [
    ['429 and seconds', throttled(429, () => '1')],
    ['503 and seconds', throttled(503, () => '1')],
    ['429 and a date', throttled(429, () => new Date(Date.now() + 1000).toUTCString())],
  ] as const) {
    it(`receives the request again after ${title}`, async () => {
      await withSource(listener, personOptions, async (source) => {
        expect(await source.findUser(ada.id, AbortSignal.timeout(5000))).to.deep.equal(adaInfo);
      });
    });
  }

  it('determines the retryAfterSeconds of the error', async () => {
    const listener = send(429, '{}', { ...json, 'retry-after': '3600' });
    await withSource(listener, personOptions, async (source) => {
      const failure = await source.findUser(ada.id, AbortSignal.timeout(5000)).catch((error: unknown) => error);
      expect(failure).to.have.property('retryAfterSeconds', 3600);
    });
  });

  it('is waited for until the deadline of the lookup', async () => {
    await withSource(
      throttled(429, () => '2'),
      personOptions,
      async (source) => {
        expect(await failureOf(source, AbortSignal.timeout(100))).to.have.property('kind', 'too-slow');
      },
    );
  });
});

describe('http-proxy, values', () => {
  const read = (person: object, authorizations: NonNullable<HttpProxySourceConfig['mapping']>['authorizations']) => {
    const mapping = { identity: '/id', groups: [], authorizations };
    return withSource(
      (_request, response) => sendJson(response, 200, { id: ada.id, ...person }),
      { ...personOptions, mapping },
      async (source) => (await source.findUser(ada.id, AbortSignal.timeout(5000)))?.authorizations,
    );
  };
  const value = { from: 'user', scalars: false, optional: false } as const;

  it('are split, read from lists, and computed by expressions', async () => {
    const person = { regions: 'emea;apac', roles: ['a', 'b', 'a'], emails: [{ v: 'x', primary: true }, { v: 'y' }] };
    const found = await read(person, {
      region: { ...value, path: '/regions', separator: ';' },
      role: { ...value, path: '/roles' },
      mail: { ...value, path: 'emails[?primary].v' },
    });
    expect(found).to.deep.equal({ region: ['emea', 'apac'], role: ['a', 'b'], mail: ['x'] });
  });

  it('may be numbers and booleans only when configured, and only when they are exact', async () => {
    const scalars = { ...value, scalars: true } as const;
    const found = await read(
      { level: 3, isAdmin: false },
      { level: { ...scalars, path: '/level' }, admin: { ...scalars, path: '/isAdmin' } },
    );
    expect(found).to.deep.equal({ level: ['3'], admin: ['false'] });
    const large = await read({ level: 2 ** 60 }, { level: { ...scalars, path: '/level' } }).catch(
      (error: Error) => error.message,
    );
    expect(large).to.include('not a string');
  });

  it('may be missing when they are optional', async () => {
    const optional = { ...value, optional: true } as const;
    const found = await read(
      { a: null, b: '' },
      { a: { ...optional, path: '/a' }, b: { ...optional, path: '/b' }, c: { ...optional, path: '/c' } },
    );
    expect(found).to.deep.equal({});
  });
});
