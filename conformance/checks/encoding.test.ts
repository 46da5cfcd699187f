// Tests of the checks of how a 200 is encoded: media type, charset, content coding and length.

import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { ShortRequest } from '../check-context.ts';
import { exceededLimits } from '../http/answer-limits.ts';
import {
  answer,
  checkOf,
  createFakeContext,
  endingOf,
  type FakeOptions,
  findingOf,
  userInfo,
} from '../testing/fake-context.ts';
import { encoding } from './encoding.ts';

type Response = ReturnType<typeof answer>;
type More = Parameters<typeof answer>[2];

function run(id: string, respond: NonNullable<FakeOptions['respond']>, knownUsers: readonly string[] = ['ada']) {
  const created = createFakeContext({ respond, options: { knownUsers } });
  return { ...created, ended: checkOf(encoding, id).run(created.context) };
}

const end = (id: string, response: Response) => endingOf(run(id, () => response).ended);
/** Returns a 200 with only these headers. */
const withHeaders = (headers: readonly (readonly [string, string])[], body: unknown = userInfo('a'), more: More = {}) =>
  answer(200, body, { ...more, rawHeaders: headers });
const withType = (type: string, more: More = {}) => withHeaders([['Content-Type', type]], 'x', more);

describe('known-user-content-type', () => {
  it('requires application/json, even for a truncated response', async () => {
    const id = 'known-user-content-type';
    expect(await end(id, withType('application/json'))).to.equal('passed');
    expect(await end(id, withType('Application/JSON; charset=x'))).to.equal('passed');
    expect(await end(id, withType('text/html', { isTruncated: true }))).to.equal('violated: status 200 with text/html');
    expect(await end(id, withHeaders([], 'x'))).to.equal('violated: status 200 without a content type');
  });
});

describe('known-user-content-type-once', () => {
  it('counts the Content-Type headers', async () => {
    const id = 'known-user-content-type-once';
    expect(await end(id, withHeaders([]))).to.equal('passed');
    expect(
      await end(
        id,
        withHeaders([
          ['Content-Type', 'a/b'],
          ['X-Kit', 'a'],
        ]),
      ),
    ).to.equal('passed');
    expect(
      await end(
        id,
        withHeaders(
          [
            ['Content-Type', 'a/b'],
            ['CONTENT-TYPE', 'a/b'],
          ],
          'x',
          { isTruncated: true },
        ),
      ),
    ).to.equal('violated: 2 of them');
  });
});

describe('known-user-charset', () => {
  const id = 'known-user-charset';
  for (const type of [
    'a/b',
    'a/b; charset=utf-8',
    'a/b;charset="UTF-8"',
    'a/b; Charset = utf8',
    'a/b; xcharset=latin1',
    'a/b; charset="',
  ])
    it(`accepts ${type}`, async () => expect(await end(id, withType(type))).to.equal('passed'));
  for (const type of [
    'a/b; charset=latin1',
    'a/b;  CHARSET="utf-16"',
    'a/b; charset=utf-8x',
    'a/b; charset \t= \tutf-7; x=y',
  ])
    it(`finds ${type}`, async () => {
      expect(await end(id, withType(type, { isTruncated: true }))).to.equal('violated: another charset');
    });
  it('accepts a response without a type', async () => expect(await end(id, withHeaders([]))).to.equal('passed'));
});

describe('the checks of the encoding of a body', () => {
  it('known-user-utf-8 finds other encodings', async () => {
    const id = 'known-user-utf-8';
    expect(await end(id, answer(200, '"ü"'))).to.equal('passed');
    expect(await end(id, answer(200, Buffer.from('"ü"', 'latin1')))).to.equal(
      'violated: bytes that are not UTF-8, e.g. Latin-1',
    );
    expect(await end(id, answer(200, Buffer.from('\ufeff{}', 'utf16le')))).to.equal(
      'violated: a body in UTF-16 or UTF-32',
    );
    expect(await end(id, answer(200, Buffer.from('{}', 'utf16le')))).to.equal('violated: a body in UTF-16 or UTF-32');
  });

  it('known-user-byte-order-mark finds only the mark of UTF-8', async () => {
    const id = 'known-user-byte-order-mark';
    expect(await end(id, answer(200, '{}'))).to.equal('passed');
    expect(await end(id, answer(200, '\ufeff{}'))).to.equal('violated: a byte order mark');
    expect(await end(id, answer(200, '{}\ufeff'))).to.equal('passed');
    expect(await end(id, answer(200, Buffer.concat([Buffer.from('\ufeff'), Buffer.from([0xfc])])))).to.equal('passed');
  });
});

describe('known-user-whole', () => {
  it('finds a truncated response, and, with different advice, a response beyond the limits of the kit', async () => {
    const id = 'known-user-whole';
    expect(await end(id, answer(200, '{}'))).to.equal('passed');
    const truncated = await findingOf(run(id, () => answer(200, '{', { isTruncated: true })).ended);
    expect(truncated).to.include({ seen: 'fewer bytes before the connection was closed' });
    expect(truncated.change).to.include('count Content-Length in bytes');
    const exceeded = Object.keys(exceededLimits)[0] as keyof typeof exceededLimits;
    const long = await findingOf(run(id, () => answer(200, '{', { isTruncated: true, exceeded })).ended);
    expect(long.seen).to.equal(exceededLimits[exceeded]);
    expect(long.change).to.include('check that the URL is that of the endpoint');
  });
});

describe('known-user-no-surplus', () => {
  const id = 'known-user-no-surplus';
  /** Runs the check against an endpoint where the raw request gets `surplus` and only "bob" has non-ASCII data. */
  const runWith = (surplus: (request: ShortRequest) => number | null, status = 200) =>
    run(
      id,
      (request) => {
        const body = userInfo(request.userids[0] === 'bob' ? 'ü' : 'a\u007f');
        return request.isRaw ? answer(status, body, { surplusBytes: surplus(request) }) : answer(200, body);
      },
      ['ada', 'bob', 'carl'],
    );

  it('examines the first user, and every user whose response has bytes beyond ASCII', async () => {
    const { ended, sent } = runWith(() => 0);
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent.slice(3)).to.deep.equal([
      { userids: ['ada'], isRaw: true },
      { userids: ['bob'], isRaw: true },
    ]);
    expect(await endingOf(runWith(() => null).ended)).to.equal('passed');
  });

  it('finds bytes after the end of the body', async () => {
    const finding = await findingOf(runWith(({ userids }) => (userids[0] === 'bob' ? 3 : 0)).ended);
    expect(finding.seen).to.equal('3 bytes after the end');
    expect(finding.answers).to.have.length(1);
    expect(await endingOf(runWith(() => 3, 503).ended)).to.equal(
      'untestable: The known user did not get a 200: see known-user-200.',
    );
  });

  it('gives the advice for its finding', async () => {
    const { fix } = checkOf(encoding, id);
    expect(fix).to.deep.equal([
      { stack: 'any', text: 'Count Content-Length in bytes, and write nothing after the body.' },
    ]);
    expect(checkOf(encoding, id).needs).to.deep.equal(['known-user']);
  });
});

const coded = (coding: string, body: unknown = userInfo('a'), wireBody?: Buffer) =>
  withHeaders([['Content-Encoding', coding]], body, wireBody ? { wireBody } : {});
const other = Buffer.from('compressed');

describe('known-user-content-encoding-true', () => {
  const id = 'known-user-content-encoding-true';
  for (const coding of ['gzip', 'x-gzip', 'deflate', 'br', ' GZIP '])
    it(`finds a body that is not ${coding}`, async () => {
      expect(await end(id, coded(coding))).to.equal('violated: a body with a different coding, or none');
      expect(await end(id, coded(coding, userInfo('a'), other))).to.equal('passed');
    });
  it('accepts an empty body, no coding, and codings that the kit does not know', async () => {
    expect(await end(id, coded('gzip', ''))).to.equal('passed');
    for (const coding of ['identity', '', ' ', 'zstd']) expect(await end(id, coded(coding))).to.equal('passed');
    expect(await end(id, withHeaders([]))).to.equal('passed');
  });
});

describe('known-user-content-coding', () => {
  const id = 'known-user-content-coding';
  it('finds every content coding', async () => {
    expect(await end(id, coded('gzip', userInfo('a'), other))).to.equal('violated: a Content-Encoding');
    expect(await end(id, coded('zstd'))).to.equal('violated: a Content-Encoding');
    for (const coding of ['identity', ' Identity ', '', ' ']) expect(await end(id, coded(coding))).to.equal('passed');
    expect(await end(id, withHeaders([]))).to.equal('passed');
    expect(await end(id, coded('gzip'))).to.include('untestable: The body does not have the declared coding');
  });
});

describe('gzip-offered-readable', () => {
  const id = 'gzip-offered-readable';
  const offered = (response: Response, plain = answer(200, userInfo('a'))) =>
    run(id, ({ headers }) => (headers ? response : plain));

  it('offers gzip, and accepts JSON with and without compression', async () => {
    const { ended, sent } = offered(coded('gzip', userInfo('a'), gzipSync('x')));
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.deep.equal([{ userids: ['ada'] }, { userids: ['ada'], headers: [['Accept-Encoding', 'gzip']] }]);
    expect(await endingOf(offered(answer(200, userInfo('a'))).ended)).to.equal('passed');
    expect(checkOf(encoding, id).needs).to.deep.equal(['control']);
  });

  it('finds a body that is not JSON, a false or unknown coding, and a different status', async () => {
    const finding = await findingOf(offered(answer(200, 'x')).ended);
    expect(finding.seen).to.equal(
      'status 200 with application/json, without Content-Encoding; not a 200 with a body that can be read as JSON',
    );
    expect(finding.answers).to.have.length(1);
    expect(await endingOf(offered(coded('gzip')).ended)).to.include('with Content-Encoding');
    expect(await endingOf(offered(coded('zstd')).ended)).to.include('with Content-Encoding');
    expect(await endingOf(offered(answer(406, userInfo('a'))).ended)).to.include('violated: status 406');
  });

  it('is untestable where the plain body is not JSON', async () => {
    expect(await endingOf(offered(answer(200, 'x'), answer(200, 'x')).ended))
      .to.include('untestable: ')
      .and.include('known-user-json');
    const { fix } = checkOf(encoding, id);
    expect(fix[0]?.text).to.equal('Compress the body once, and only if Content-Encoding declares it.');
  });
});
