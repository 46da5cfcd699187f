// Tests that a lookup ends at its deadline or with its caller, and that the adapter is notified.
import { EventEmitter, once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { openSocket } from '../../tests/ask-server.ts';
import { SourceError, type UserSource } from '../adapters/user-source.ts';
import { withDeadline } from './deadline.ts';
import { StaleUserInfo, staleHeader } from './passing-user-info.ts';

const user = { groups: [], authorizations: {} };
const idle = { async check() {}, async close() {} };

/** Creates a source that never responds, and exposes the signals that it received. */
function createSilentSource(): UserSource & { readonly signals: AbortSignal[]; readonly asked: EventEmitter } {
  const signals: AbortSignal[] = [];
  const asked = new EventEmitter();
  return {
    ...idle,
    signals,
    asked,
    findUser(_userid, signal) {
      signals.push(signal);
      asked.emit('asked');
      return new Promise(() => undefined);
    },
  };
}

async function failureOf(lookedUp: unknown): Promise<unknown> {
  try {
    await lookedUp;
  } catch (error) {
    return error;
  }
  return null;
}

describe('the deadline of a lookup', () => {
  /** Opens a request that stays pending. `hangUp` disconnects its client. */
  async function openRequest(): Promise<{ response: ServerResponse; hangUp: () => void; close: () => void }> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = await openSocket(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const [, response] = await once(server, 'request');
    return {
      response,
      hangUp: () => socket.destroy(),
      close: () => {
        server.close();
        server.closeAllConnections();
      },
    };
  }

  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

  it('ends a lookup that is too slow, and aborts the signal of the source', async () => {
    const { response, close } = await openRequest();
    const source = createSilentSource();
    const failure = await failureOf(withDeadline(source, 20)('ada', response));
    expect(failure).to.be.instanceOf(SourceError).and.include({ kind: 'too-slow' });
    expect(source.signals[0]?.aborted).to.equal(true);
    expect(response.listenerCount('close'), 'listeners left over').to.equal(0);
    close();
  });

  it('reports too-slow, even if the adapter rejects with its own error after the abort', async () => {
    const { response, close } = await openRequest();
    const source: UserSource = {
      ...idle,
      findUser: (_userid, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    };
    expect(await failureOf(withDeadline(source, 20)('ada', response))).to.include({ kind: 'too-slow' });
    close();
  });

  it('aborts the signal when the client disconnects, before the deadline', async () => {
    const { response, hangUp, close } = await openRequest();
    const source = createSilentSource();
    const lookedUp = failureOf(withDeadline(source, 600_000)('ada', response));
    hangUp();
    expect(await lookedUp)
      .to.be.instanceOf(SourceError)
      .and.include({ kind: 'unavailable' });
    expect(source.signals[0]?.aborted).to.equal(true);
    close();
  });

  it('does not call the source when the client has already disconnected', async () => {
    const { response, hangUp, close } = await openRequest();
    const gone = once(response, 'close');
    hangUp();
    await gone;
    const source = createSilentSource();
    expect(await failureOf(withDeadline(source, 600_000)('ada', response))).to.include({ kind: 'unavailable' });
    expect(source.signals).to.deep.equal([]);
    close();
  });

  it('leaves no timer and no listener after a successful lookup', async () => {
    const { response, close } = await openRequest();
    const before = timers();
    const source: UserSource = { ...idle, findUser: async () => user };
    expect(await withDeadline(source, 600_000)('ada', response)).to.equal(user);
    expect(timers()).to.equal(before);
    expect(response.listenerCount('close')).to.equal(0);
    close();
  });

  it('leaves no timer after a source that throws synchronously', async () => {
    const { response, close } = await openRequest();
    const before = timers();
    const source: UserSource = {
      ...idle,
      findUser() {
        throw new Error('a bug');
      },
    };
    expect(await failureOf(withDeadline(source, 600_000)('ada', response))).to.include({ message: 'a bug' });
    expect(timers()).to.equal(before);
    close();
  });

  it('sets no timer for a source that looks up in memory', async () => {
    const { response, close } = await openRequest();
    const source: UserSource = { ...idle, answersFromMemory: true, findUser: async () => user };
    const before = timers();
    const lookedUp = withDeadline(source, 600_000)('ada', response);
    expect(timers()).to.equal(before);
    expect(await lookedUp).to.equal(user);
    close();
  });

  it('passes the reason to the adapter in the signal', async () => {
    const { response, close } = await openRequest();
    const source = createSilentSource();
    const failure = await failureOf(withDeadline(source, 20)('ada', response));
    expect(source.signals[0]?.reason).to.equal(failure);
    close();
  });

  it('returns the data that the source has in memory, without a lookup or a timer', async () => {
    const { response, close } = await openRequest();
    const source = { ...createSilentSource(), findUserInMemory: (userid: string) => (userid === 'ada' ? user : null) };
    const before = timers();
    expect(await withDeadline(source, 600_000)('ada', response)).to.equal(user);
    expect(await withDeadline(source, 600_000)('eve', response)).to.equal(null);
    expect(source.signals).to.deep.equal([]);
    expect(timers()).to.equal(before);
    close();
  });

  it('returns stale user info of the source at the deadline', async () => {
    const { response, close } = await openRequest();
    const silent = createSilentSource();
    const failures: unknown[] = [];
    const source: UserSource = {
      ...silent,
      findUserInMemory(_userid, failure) {
        if (failure === null) return undefined;
        failures.push(failure.kind);
        return new StaleUserInfo(Buffer.from(JSON.stringify(user)), 61.2);
      },
    };
    const found = await withDeadline(source, 20)('ada', response);
    expect(found?.groups).to.deep.equal([]);
    expect(failures).to.deep.equal(['too-slow']);
    expect(response.getHeader(staleHeader)).to.equal('62');
    expect(silent.signals[0]?.aborted).to.equal(true);
    close();
  });
});
