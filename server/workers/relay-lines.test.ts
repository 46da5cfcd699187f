// Tests forwarding the workers' output: lines stay complete, and unread output does not accumulate.
import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { expect } from 'chai';
import { relayLines } from './worker-process.ts';

async function end(...streams: readonly PassThrough[]): Promise<void> {
  for (const stream of streams) {
    stream.end();
    await once(stream, 'end');
  }
}

describe('relaying the output of workers', () => {
  it('keeps lines of two workers apart, including an unterminated last line', async () => {
    const [one, two] = [new PassThrough(), new PassThrough()];
    const heard = new PassThrough({ encoding: 'utf8' });
    relayLines(one, heard);
    relayLines(two, heard);
    one.write('first of ');
    two.write('of two\nand ');
    one.write('one\nnext');
    two.write('another\n');
    await end(one, two);
    expect(String(heard.read()).split('\n').sort()).to.deep.equal([
      '',
      'and another',
      'first of one',
      'next',
      'of two',
    ]);
  });

  it('drops lines when too many wait for a reader, instead of using more memory', async () => {
    const worker = new PassThrough();
    const stalled = new Writable({ write: () => undefined });
    relayLines(worker, stalled);
    const lines = `${'x'.repeat(1023)}\n`.repeat(1024);
    for (let written = 0; written < 40; written++) {
      if (!worker.write(lines)) await once(worker, 'drain');
    }
    await end(worker);
    expect(stalled.writableLength / lines.length).to.be.within(32, 33);
  });

  it('relays output without line breaks in parts', async () => {
    const worker = new PassThrough();
    const heard = new PassThrough();
    relayLines(worker, heard);
    worker.write('x'.repeat(3 * 1024 * 1024));
    const [part] = await once(heard, 'data');
    expect(part.length).to.be.greaterThan(0);
    heard.resume();
    await end(worker);
  });
});
