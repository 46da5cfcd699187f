// Tests that what follows connections on their way to a worker holds none that has arrived, and cuts the others.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { obtainCollector } from './collect-garbage.ts';
import { followHandedConnections } from './handed-connections.ts';

/** What node:cluster hands on is the handle below a socket. */
interface Handle {
  readonly fd: number;
  close(done?: () => void): void;
}

/** A child that takes whatever it is sent. */
const childThatTakesAll = () => ({ send: () => true }) as unknown as ChildProcess;
const send = (child: ChildProcess, handle: Handle) => child.send({ act: 'newconn' }, handle as never);
const closed = (handle: Handle) => new Promise<void>((resolve) => handle.close(resolve));
const tick = () => new Promise((resolve) => setImmediate(resolve));

describe('connections on their way to a worker', () => {
  let server: Server;
  beforeEach(async () => {
    server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => server.close());

  async function accept(): Promise<{ handle: Handle; client: Socket }> {
    const accepted = once(server, 'connection') as Promise<[Socket & { _handle: Handle }]>;
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [{ _handle: handle }] = await accepted;
    return { handle, client };
  }

  it('are not held when they have arrived, however many come', async () => {
    const collectGarbage = obtainCollector();
    const child = childThatTakesAll();
    const handed = followHandedConnections(child, () => undefined);
    const seen: Array<WeakRef<Handle>> = [];
    async function handOne(): Promise<void> {
      const { handle, client } = await accept();
      seen.push(new WeakRef(handle));
      send(child, handle);
      await closed(handle);
      client.destroy();
    }
    for (let count = 0; count < 300; count++) await handOne();
    await tick();
    collectGarbage();
    // Looked through every 16; so many and a little more may be there still.
    expect(seen.filter((reference) => reference.deref() !== undefined)).to.have.length.below(40);
    handed.cut();
  });

  it('are cut when they have not arrived, and left alone when they have', async () => {
    const child = childThatTakesAll();
    let told = 0;
    const handed = followHandedConnections(child, () => {
      told += 1;
    });
    const [arrived, lost] = [await accept(), await accept()];
    for (const { handle } of [arrived, lost]) send(child, handle);
    child.send({ act: 'listening' });
    expect(told).to.equal(2);
    await closed(arrived.handle);
    let closedAgain = 0;
    arrived.handle.close = () => {
      closedAgain += 1;
    };
    const ended = once(lost.client.resume(), 'close');
    handed.cut();
    await ended;
    expect(closedAgain).to.equal(0);
    expect(lost.handle.fd).to.be.below(0);
    arrived.client.destroy();
  });
});
