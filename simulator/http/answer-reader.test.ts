// Tests that answers are read as they were written, whatever pieces they come in, and never in a way in which Node's parser would not read them.
import { get } from 'node:http';
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { AnswerReader, type WholeAnswer } from './answer-reader.ts';
import { NoAnswer } from './no-answer.ts';

const maxBodyBytes = 1000;

interface Outcome {
  readonly answers: readonly WholeAnswer[];
  /** Of what was thrown. */
  readonly kind: string | null;
}

/** Reads pieces, each in memory that is overwritten behind it, and then the end of the connection. */
function readAll(pieces: readonly Buffer[]): Outcome {
  const reader = new AnswerReader(maxBodyBytes);
  const answers: WholeAnswer[] = [];
  try {
    for (const piece of pieces) {
      const lent = Buffer.from(piece);
      const whole = reader.read(lent);
      lent.fill(0xff);
      if (whole) answers.push(whole);
    }
    const last = reader.end();
    return { answers: last ? [...answers, last] : answers, kind: null };
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return { answers, kind: error.kind };
  }
}

const bytesOf = (text: string) => Buffer.from(text, 'latin1');
const inOne = (text: string) => readAll([bytesOf(text)]);
const byteByByte = (text: string) => readAll(Array.from(bytesOf(text), (byte) => Buffer.of(byte)));

function whole(body: string, over: Partial<WholeAnswer['answer']> = {}, isReusable = true): Outcome {
  const answer = { status: 200, contentType: '', contentEncoding: '', location: '', body: bytesOf(body), ...over };
  return { answers: [{ answer, isReusable }], kind: null };
}

const ok = 'HTTP/1.1 200 OK\r\n';
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;

describe('the reader of answers', () => {
  const readable: Readonly<Record<string, readonly [text: string, expected: Outcome]>> = {
    'with a length': [`${ok}Content-Length: 2\r\n\r\n{}`, whole('{}')],
    'without a body': [`${ok}Content-Length: 0\r\n\r\n`, whole('')],
    'with what counts, in any case and with any space around it': [
      `${ok}CONTENT-TYPE:application/json \t\r\ncontent-encoding: \tgzip\r\nX-Other:\r\nlocation:/a?b\r\ncontent-Length:1\r\n\r\n1`,
      whole('1', { contentType: 'application/json', contentEncoding: 'gzip', location: '/a?b' }),
    ],
    'with a header twice': [
      `${ok}Content-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 0\r\n\r\n`,
      whole('', { contentType: 'a/b, c/d' }),
    ],
    'without a reason': ['HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n', whole('', { status: 404 })],
    'with an empty reason': ['HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n', whole('', { status: 404 })],
    'behind interim ones': [
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok}Content-Length: 1\r\n\r\n1`,
      whole('1'),
    ],
    'of which the connection is the last': [
      `${ok}Connection: x, Close\r\nContent-Length: 1\r\n\r\n1`,
      whole('1', {}, false),
    ],
    'of HTTP/1.0': ['HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n1', whole('1', {}, false)],
    'of HTTP/1.0 that keeps the connection': [
      'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n1',
      whole('1'),
    ],
    'that the end of the connection ends': [`${ok}\r\n{"a":1}`, whole('{"a":1}', {}, false)],
    'with 204, whatever its headers say': [
      'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n',
      whole('', { status: 204 }),
    ],
    'in chunks': [`${chunked}1\r\n{\r\n1;a="b"\r\n}\r\n0\r\n\r\n`, whole('{}')],
    'in one chunk of sixteen': [`${chunked}010;x\r\n0123456789abcdef\r\n000\r\n\r\n`, whole('0123456789abcdef')],
    'in chunks with trailers': [`${chunked}A\r\n0123456789\r\n0\r\nDigest: a\r\nB: c\r\n\r\n`, whole('0123456789')],
    'with bytes that are no ASCII': [
      `HTTP/1.1 200 \xe9\r\nX-A: \xff\r\nContent-Length: 2\r\n\r\n\xc3\xa9`,
      whole('\xc3\xa9'),
    ],
  };
  for (const [name, [text, expected]] of Object.entries(readable)) {
    it(`reads one ${name}, in whatever pieces`, () => {
      expect(inOne(text)).to.deep.equal(expected);
      expect(byteByByte(text)).to.deep.equal(expected);
      const bytes = bytesOf(text);
      for (let cut = 1; cut < bytes.length; cut++) {
        expect(readAll([bytes.subarray(0, cut), bytes.subarray(cut)]), `cut at ${cut}`).to.deep.equal(expected);
      }
    });
  }

  const refused: Readonly<Record<string, string>> = {
    'another protocol': 'SSH-2.0-OpenSSH\r\n',
    'a version that is not HTTP/1': 'HTTP/2 200 OK\r\n\r\n',
    'lines that end in a line feed alone': 'HTTP/1.1 200 OK\nContent-Length: 0\n\n',
    'one header that ends in a line feed alone': `${ok}A: b\nContent-Length: 0\r\n\r\n`,
    'one header that ends in a carriage return alone': `${ok}A: b\rContent-Length: 0\r\n\r\n`,
    'a header that goes on in the next line': `${ok}A: b\r\n c\r\nContent-Length: 0\r\n\r\n`,
    'space before a colon': `${ok}Content-Length : 0\r\n\r\n`,
    'a header without a colon': `${ok}Content-Length\r\n\r\n`,
    'a header without a name': `${ok}: 0\r\n\r\n`,
    'NUL in a header': `${ok}A: \0\r\nContent-Length: 0\r\n\r\n`,
    'DEL in a header': `${ok}A: \x7f\r\nContent-Length: 0\r\n\r\n`,
    'a status of two digits': 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n',
    'two lengths': `${ok}Content-Length: 1\r\nContent-Length: 1\r\n\r\n1`,
    'two lengths in one': `${ok}Content-Length: 1, 1\r\n\r\n1`,
    'a length with a sign': `${ok}Content-Length: +1\r\n\r\n1`,
    'an empty length': `${ok}Content-Length:\r\n\r\n`,
    'a length that no number holds': `${ok}Content-Length: 1${'0'.repeat(16)}\r\n\r\n`,
    'a length and chunks': `${ok}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'a coding that was not asked for': `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    'chunks twice': `${ok}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'a chunk whose size is none': `${chunked}0x1\r\n{\r\n0\r\n\r\n`,
    'a chunk with half a quoted text': `${chunked}1;a="b\r\n{\r\n0\r\n\r\n`,
    'a chunk without a size': `${chunked}\r\n{\r\n0\r\n\r\n`,
    'a chunk of a size that no number holds': `${chunked}1${'0'.repeat(16)}\r\n`,
    'a chunk that is longer than it says': `${chunked}1\r\n{}\r\n0\r\n\r\n`,
    'a length in a trailer': `${chunked}0\r\nContent-Length: 0\r\n\r\n`,
    'chunks in a trailer': `${chunked}0\r\nTransfer-Encoding: chunked\r\n\r\n`,
    'a trailer that is none': `${chunked}0\r\nA\r\n\r\n`,
    'another protocol from here on': 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n',
    'headers without end': `${ok}${`X-Filler: ${'x'.repeat(1000)}\r\n`.repeat(17)}`,
    'headers that end too late': `${ok}${`X-Filler: ${'x'.repeat(1000)}\r\n`.repeat(17)}\r\n`,
    'a line of a chunk without end': `${chunked}1;${'x'.repeat(2000)}`,
    'trailers without end': `${chunked}0\r\n${`X-Filler: ${'x'.repeat(1000)}\r\n`.repeat(17)}`,
  };
  for (const [name, text] of Object.entries(refused)) {
    it(`refuses ${name}, in whatever pieces`, () => {
      expect([inOne(text), byteByByte(text)].map(({ answers, kind }) => [answers, kind])).to.deep.equal([
        [[], 'no-http'],
        [[], 'no-http'],
      ]);
    });
  }

  it('does not wait for the end of what can be no answer', () => {
    for (const begin of ['S', 'HTTP/2', 'HTTP/1.1 200 OK\n', '\r\n']) {
      expect(new AnswerReader(maxBodyBytes).read.bind(new AnswerReader(maxBodyBytes), bytesOf(begin))).to.throw(
        NoAnswer,
      );
    }
  });

  it('takes as much of a body as it may and no more, however its length is told', () => {
    const most = 'x'.repeat(maxBodyBytes);
    const framings: Array<(body: string) => string> = [
      (body) => `${ok}Content-Length: ${body.length}\r\n\r\n${body}`,
      (body) => `${ok}\r\n${body}`,
      (body) =>
        `${chunked}5\r\n${body.slice(0, 5)}\r\n${(body.length - 5).toString(16)}\r\n${body.slice(5)}\r\n0\r\n\r\n`,
    ];
    for (const frame of framings) {
      expect(inOne(frame(most)).answers.map(({ answer }) => answer.body.length)).to.deep.equal([maxBodyBytes]);
      expect(inOne(frame(`${most}x`)).kind).to.equal('too-large');
    }
  });

  it('reads no answer of what was cut anywhere', () => {
    for (const text of [`${ok}Content-Length: 9\r\n\r\n123456789`, `${chunked}3\r\n123\r\n0\r\nA: b\r\n\r\n`]) {
      for (let length = 0; length < text.length; length++) {
        expect(inOne(text.slice(0, length)).answers, `cut at ${length}`).to.deep.equal([]);
      }
    }
  });

  it('reads one answer after the other, and leaves a connection on which more came than was asked for', () => {
    const one = bytesOf(`${ok}Content-Length: 1\r\n\r\n1`);
    const two = bytesOf(`${chunked}1\r\n2\r\n0\r\n\r\n`);
    const { answers } = readAll([one, two, one]);
    expect(answers.map(({ answer, isReusable }) => [answer.body.toString(), isReusable])).to.deep.equal([
      ['1', true],
      ['2', true],
      ['1', true],
    ]);
    expect(readAll([Buffer.concat([one, two])])).to.deep.equal(whole('1', {}, false));
  });

  it("gives no answer that Node's own client would not give, whatever became of it on the way", async () => {
    const valid = fc.constantFrom(...Object.values(readable).map(([text]) => text));
    const change = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      by: fc.constantFrom(
        '',
        '\r',
        '\n',
        '\r\n',
        ' ',
        '0',
        '1',
        ':',
        ';',
        ',',
        '\0',
        'x',
        '\x80',
        'chunked',
        'Content-Length: 3\r\n',
      ),
      over: fc.integer({ min: 0, max: 2 }),
    });
    let readByBoth = 0;
    await fc.assert(
      fc.asyncProperty(valid, fc.array(change, { maxLength: 3 }), async (text, changes) => {
        let spoiled = text;
        for (const { at, by, over } of changes) {
          const place = Math.floor(at * spoiled.length);
          spoiled = spoiled.slice(0, place) + by + spoiled.slice(place + over);
        }
        const [ours] = inOne(spoiled).answers;
        if (ours === undefined) return;
        const nodes = await readByNode(bytesOf(spoiled));
        expect(nodes, JSON.stringify(spoiled)).to.deep.equal([ours.answer.status, ours.answer.body.toString('latin1')]);
        readByBoth++;
      }),
      { numRuns: 3000 },
    );
    expect(readByBoth).to.be.above(300);
  }).timeout(60_000);
});

/** Byte by byte, so that what follows an answer does not spoil it. @returns status and body; `null`: no whole answer. */
function readByNode(bytes: Buffer): Promise<[status: number | undefined, body: string] | null> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read: () => undefined,
      write(_chunk, _encoding, done) {
        done();
        void (async () => {
          for (const byte of bytes) {
            wire.push(Buffer.of(byte));
            await nextTurn();
          }
          wire.push(null);
        })();
      },
    });
    const request = get({ host: 'a', createConnection: () => wire }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => resolve(null));
      response.on('end', () => resolve([response.statusCode, Buffer.concat(chunks).toString('latin1')]));
    });
    request.on('error', () => resolve(null));
  });
}
