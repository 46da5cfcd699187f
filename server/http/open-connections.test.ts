// Tests cutting connections whose client does not read its responses.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { cutStalledReaders, trackConnections } from './open-connections.ts';

describe('cutStalledReaders', () => {
  it('disconnects a client that reads nothing', async () => {
    const server = createServer((_, response) => response.end('x'.repeat(8_000_000)));
    const connections = trackConnections(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
    client.pause().write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const [accepted] = await once(server, 'connection');
    const checks = cutStalledReaders(connections, 50);
    await once(accepted, 'close');
    checks.close();
    client.destroy();
    server.close();
  });

  it('keeps a busy client, although a response of the same size is pending at each check', async () => {
    let checked = 0;
    // 600 bytes are pending at each check, but different ones each time.
    const socket = Object.defineProperties(new Socket(), {
      writableLength: { get: () => 600 },
      bytesWritten: { get: () => 600 * ++checked },
    });
    const connections = { ...trackConnections(createServer()), speaking: new Set([socket]) };
    const checks = cutStalledReaders(connections, 5);
    while (checked < 5 && !socket.destroyed) await delay(5);
    checks.close();
    expect(socket.destroyed).to.equal(false);
  });
});
