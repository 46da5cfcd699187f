// Tests of the limits of reading a response: each limit stops the reading, and many small pieces are read like a single piece.
import { expect } from 'chai';
import { answerLimits } from './answer-limits.ts';
import { ResponseReader } from './response-reader.ts';

const start = 'HTTP/1.1 200 OK\r\n';

/** Reads `first`, and then `unit` until the reader is done, at most 64 MiB. @returns the limit, and the number of bytes read. */
function readEndless(first: string, unit: string): { readonly exceeded: string | null; readonly bytes: number } {
  const reader = new ResponseReader('GET');
  reader.push(Buffer.from(first));
  const block = Buffer.from(unit.repeat(Math.ceil(65_536 / unit.length)));
  let bytes = 0;
  while (!reader.isDone && !reader.isNotHttp && bytes < 64 * 1024 * 1024) {
    reader.push(block);
    bytes += block.length;
  }
  return { exceeded: reader.exceeded, bytes };
}

describe('reading an endless response', () => {
  const cases: readonly { name: string; first: string; unit: string; exceeded: string; maxBytes: number }[] = [
    { name: 'headers', first: start, unit: 'abc: d\r\n', exceeded: 'head', maxBytes: 2 * answerLimits.maxHeadBytes },
    { name: 'one header', first: `${start}X: `, unit: 'x', exceeded: 'head', maxBytes: 2 * answerLimits.maxHeadBytes },
    {
      name: 'interim responses',
      first: '',
      unit: 'HTTP/1.1 103 E\r\nA: b\r\n\r\n',
      exceeded: 'interim',
      maxBytes: 2 * 1024 * 1024,
    },
    {
      name: 'a body to the end of the connection',
      first: `${start}\r\n`,
      unit: 'x',
      exceeded: 'body',
      maxBytes: 5 * 1024 * 1024,
    },
    {
      name: 'chunks of one byte',
      first: `${start}Transfer-Encoding: chunked\r\n\r\n`,
      unit: '1\r\nx\r\n',
      exceeded: 'framing',
      maxBytes: 8 * 1024 * 1024,
    },
    {
      name: 'chunk extensions',
      first: `${start}Transfer-Encoding: chunked\r\n\r\n1;`,
      unit: 'x',
      exceeded: 'framing',
      maxBytes: 2 * answerLimits.maxHeadBytes,
    },
    {
      name: 'trailers',
      first: `${start}Transfer-Encoding: chunked\r\n\r\n0\r\n`,
      unit: 'abc: d\r\n',
      exceeded: 'framing',
      maxBytes: 2 * answerLimits.maxHeadBytes,
    },
  ];
  for (const { name, first, unit, exceeded, maxBytes } of cases) {
    it(`stops at a limit: ${name}`, () => {
      const read = readEndless(first, unit);
      expect(read.exceeded).to.equal(exceeded);
      expect(read.bytes).to.be.lessThanOrEqual(maxBytes);
    });
  }

  it('stops at the limit on header fields, and keeps the status and the first fields', () => {
    const reader = new ResponseReader('GET');
    reader.push(Buffer.from(`${start}${'a:b\r\n'.repeat(1001)}\r\n{}`));
    expect(reader.read()).to.deep.include({ status: 200, exceeded: 'fields', isComplete: false });
    expect(reader.read()?.rawHeaders).to.have.length(1000);
  });
});

describe('reading a response byte by byte', () => {
  const responses: Readonly<Record<string, string>> = {
    'with a length, and bytes after it': `${start}Content-Length: 3\r\nX: y\r\n\r\nabcdef`,
    'in chunks with extensions and trailers': `${start}Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nX: y\r\n\r\nrest`,
    'in chunks without trailers': `${start}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
    'after interim ones': `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 E\r\nA: b\r\n\r\n${start}Content-Length: 1\r\n\r\na`,
    'to the end of the connection': `${start}\r\nabc`,
    'with chunks that cannot be read': `${start}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\nabc`,
  };
  for (const [name, text] of Object.entries(responses)) {
    it(`returns the same as reading it at once: ${name}`, () => {
      const [atOnce, inPieces] = [new ResponseReader('GET'), new ResponseReader('GET')];
      const rest = atOnce.push(Buffer.from(text)).toString();
      const rests = [...Buffer.from(text)].map((byte) => inPieces.push(Buffer.from([byte])).toString()).join('');
      expect(inPieces.read()).to.deep.equal(atOnce.read());
      expect(rests).to.equal(rest);
    });
  }
});
