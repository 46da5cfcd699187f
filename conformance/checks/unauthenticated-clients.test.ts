// Tests of the checks of unauthenticated clients: the exact requests, and which responses let a client in.
import { expect } from 'chai';
import type { ShortRequest } from '../check-context.ts';
import type { CheckedOptions } from '../conformance-options.ts';
import {
  answer,
  checkOf,
  closed,
  createFakeContext,
  endingOf,
  type FakeOptions,
  findingOf,
  userInfo,
} from '../testing/fake-context.ts';
import { assertGuarded, unauthenticatedClients, withoutCredentials } from './unauthenticated-clients.ts';

type Response = ReturnType<typeof answer> | Error;

const login = { username: 'kit-login', password: 'kit-password', cert: 'kit' };

function create(fake: FakeOptions, options: Partial<CheckedOptions> = {}) {
  return createFakeContext({
    ...fake,
    credentials: login,
    options: { auth: 'basic', knownUsers: ['ada'], ...options },
  });
}

function run(id: string, fake: FakeOptions, options: Partial<CheckedOptions> = {}) {
  const created = create(fake, options);
  return { ...created, ended: checkOf(unauthenticatedClients, id).run(created.context) };
}

/** Simulates an endpoint that refuses the usual request of an unauthenticated client, and sends this response to every other one. */
const door = (response: Response | ((request: ShortRequest) => Response)): FakeOptions => ({
  respond: (request) => {
    if (isUsual(request)) return answer(401, { error: 'no' });
    return typeof response === 'function' ? response(request) : response;
  },
});
const isUsual = ({ method, path, headers }: ShortRequest) => !method && path === undefined && !headers;

const unguarded = 'untestable: No credentials are required: see credentials-missing-refused';

describe('withoutCredentials', () => {
  it('omits only Basic credentials', () => {
    const { context } = create({}, { auth: 'both' });
    expect(withoutCredentials(context, { userids: ['x'], method: 'HEAD' })).to.deep.equal({
      ...{ userids: ['x'], method: 'HEAD' },
      credentials: { authorization: null, certificate: true, failedLoginOf: null, shown: '' },
    });
  });
});

describe('assertGuarded', () => {
  const assert = (response: Response) => {
    const { context, sent } = create({ respond: () => response });
    return { asserted: assertGuarded(context), sent, context };
  };

  it('requests the known user without credentials', async () => {
    const { asserted, sent, context } = assert(answer(401));
    expect(await endingOf(asserted)).to.equal('passed');
    expect(sent).to.deep.equal([{ userids: ['ada'], credentials: context.credentials.withoutBasic }]);
  });

  it('passes for a refusal and a closed connection, and is untestable otherwise', async () => {
    expect(await endingOf(assert(closed()).asserted)).to.equal('passed');
    expect(await endingOf(assert(answer(401, { groups: [], authorizations: {} })).asserted)).to.equal('passed');
    expect(await endingOf(assert(answer(200)).asserted)).to.include(unguarded);
    expect(await endingOf(assert(answer(401, userInfo('a'))).asserted)).to.equal(
      'untestable: Refusals contain user info: see credentials-missing-error-body and client-certificate-missing-error-body.',
    );
  });
});

describe('the checks of other access paths', () => {
  /** The requests of each check, without the credentials, in addition to the usual request. */
  const known = { userids: ['ada'] };
  const claims = [
    ['X-Original-URL', '/user-info'],
    ['X-Rewrite-URL', '/user-info'],
  ];
  const open = (path: string) => ({ ...known, headers: claims.map(([name]) => [name, path]) });
  const requests: Readonly<Record<string, readonly object[]>> = {
    'head-without-credentials-refused': [{ ...known, method: 'HEAD' }],
    'methods-without-credentials-refused': ['OPTIONS', 'PROPFIND', 'KIT'].map((method) => ({ ...known, method })),
    'writing-methods-without-credentials-refused': [
      ...['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => ({ ...known, method })),
      { ...known, method: 'POST', headers: [['X-HTTP-Method-Override', 'GET']] },
    ],
    'paths-without-credentials-refused': [
      ...['//user-info', '/user-info/', '/./user-info', '/%2e/user-info', '/kit/../user-info', '/USER-INFO'],
      ...['/%75ser-info', '/user-info%2F', '/user-info;kit=1', '/user-info.json'],
    ].map((path) => ({ ...known, path })),
    'proxy-headers-without-credentials-refused': [
      {
        ...known,
        headers: [
          ...['X-Forwarded-User', 'X-Remote-User', 'Remote-User'].map((name) => [name, 'admin']),
          ...['X-Forwarded-For', 'X-Real-IP'].map((name) => [name, '127.0.0.1']),
          ...['X-SSL-Client-Verify', 'X-Client-Verify'].map((name) => [name, 'SUCCESS']),
          ['X-SSL-Client-S-DN', 'CN=admin'],
        ],
      },
      { ...known, path: '/', headers: claims },
      ...['/', '/health', '/login', '/favicon.ico'].map(open),
    ],
  };

  for (const [id, expected] of Object.entries(requests)) {
    const isHead = id.startsWith('head-');

    it(`${id} sends each request without credentials, and passes for refusals and closed connections`, async () => {
      const { ended, sent, context } = run(id, door(answer(401)));
      expect(await endingOf(ended)).to.equal('passed');
      const { withoutBasic: credentials } = context.credentials;
      expect(sent.slice(1)).to.deep.equal(expected.map((each) => ({ ...each, credentials })));
      expect(await endingOf(run(id, door(closed())).ended)).to.equal('passed');
    });

    it(`${id} finds user info in any response, including the last one`, async () => {
      let count = 0;
      const { ended } = run(
        id,
        door(() => (++count === expected.length ? answer(200, userInfo('a')) : closed())),
      );
      const finding = await findingOf(ended);
      expect(finding.seen).to.equal('status 200 with application/json: user info');
      expect(finding.answers).to.have.length(1);
    });

    it(`${id} ${isHead ? 'treats every 200 as user info' : 'accepts a 200 without user info'}`, async () => {
      const page = answer(200, '<p>', { rawHeaders: [['Content-Type', 'text/html']] });
      expect(await endingOf(run(id, door(page)).ended)).to.equal(
        isHead ? 'violated: status 200 with text/html: a page' : 'passed',
      );
      const refusal = answer(403, userInfo('a'));
      expect(await endingOf(run(id, door(refusal)).ended)).to.equal(
        isHead ? 'passed' : 'violated: status 403 with application/json: user info',
      );
    });

    it(`${id} is untestable where no credentials are required`, async () => {
      expect(await endingOf(run(id, { respond: () => answer(200, userInfo('a')) }).ended)).to.include(unguarded);
    });
  }

  it('have variant spellings of every path, each once and none identical to the original', async () => {
    const pathsAt = async (url: string) => {
      const { ended, sent } = run('paths-without-credentials-refused', door(answer(401)), { url: new URL(url) });
      await ended;
      return sent.slice(1).map(({ path }) => path);
    };
    expect(await pathsAt('https://kit.test/api/u')).to.deep.equal([
      ...['//api/u', '/api/u/', '/api/./u', '/api/%2e/u', '/api/kit/../u', '/API/U', '/api/%75'],
      ...['/api/u%2F', '/api/u;kit=1', '/api/u.json'],
    ]);
    expect(await pathsAt('https://kit.test/')).to.deep.equal([
      ...['//', '/./', '/%2e/', '/kit/../', '/%2F', '/;kit=1', '/.json'],
    ]);
    expect((await pathsAt('https://kit.test/A1')).includes('/A1')).to.equal(false);
  });
});

describe('kept-connection-credentials', () => {
  const id = 'kept-connection-credentials';
  const second = (response: Response): FakeOptions => ({
    respond: () => answer(401),
    onConnection: (_question, index) => (index === 0 ? answer(200) : response),
  });

  it('first sends only Basic credentials, or both kinds when both are declared, and then none', async () => {
    for (const [auth, kind] of [
      ['basic', 'basicAlone'],
      ['either', 'basicAlone'],
      ['both', 'right'],
    ] as const) {
      const { ended, sent, context } = run(id, second(answer(401)), { auth });
      expect(await endingOf(ended)).to.equal('passed');
      const { credentials } = context;
      expect(sent.slice(1)).to.deep.equal([
        { userids: ['ada'], credentials: credentials[kind] },
        { userids: ['ada'], credentials: credentials.withoutBasic },
      ]);
    }
  });

  it('finds a 200 for the second request, and passes for a closed connection', async () => {
    const finding = await findingOf(run(id, second(answer(200, userInfo('a')))).ended);
    expect(finding.seen).to.equal('status 200 with application/json: user info');
    expect(finding.answers).to.have.length(1);
    expect(await endingOf(run(id, second(closed())).ended)).to.equal('passed');
    expect(await endingOf(run(id, { respond: () => answer(200) }).ended)).to.include(unguarded);
  });
});

describe('refusal-not-reused', () => {
  const id = 'refusal-not-reused';
  /**
   * Runs the check against an endpoint that sends these responses in turn. The check sends requests without credentials, with the right credentials,
   * and with the right credentials in another query.
   */
  const inTurn = (...responses: readonly Response[]) =>
    run(id, { respond: (_question, index) => responses[index] ?? answer(500) });

  it('requests the user without credentials and then with them', async () => {
    const { ended, sent, context } = inTurn(answer(401), answer(200));
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.deep.equal([
      { userids: ['ada'], credentials: context.credentials.withoutBasic },
      { userids: ['ada'] },
    ]);
  });

  it('finds a repeated refusal when a different query gets a 200', async () => {
    const { ended, sent } = inTurn(answer(401), answer(401, 'x'), answer(200));
    const finding = await findingOf(ended);
    expect(finding.seen).to.equal('status 401 with application/json; another query for the same user got a 200');
    expect(finding.answers?.map(({ status }) => status)).to.deep.equal([401, 200]);
    expect(sent[2]?.query).to.match(/^userid=ada&kit-/);
  });

  it('is untestable when the correct credentials are refused for a different query too, or when no credentials are required', async () => {
    expect(await endingOf(inTurn(answer(401), answer(401), answer(403)).ended)).to.equal(
      'untestable: The right credentials got status 401, and no 200 with a different query either: see known-user-200.',
    );
    expect(await endingOf(inTurn(answer(200)).ended)).to.include(unguarded);
  });

  it('passes when the first connection is closed, and sends no further request', async () => {
    const { ended, sent } = inTurn(closed());
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.have.length(1);
  });
});
