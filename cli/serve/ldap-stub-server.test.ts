// Tests of the limits of the stub server for clients: the size of a message, and requests whose responses are not read.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { writeSearch } from '../../server/adapters/ldap/wire/ldap-messages.ts';
import { serveAnswers, startLdapStub } from './ldap-stub-server.ts';

const searchOf = (id: number, sizeLimit = 0) =>
  writeSearch(id, {
    ...{ base: 'o=x', scope: 'sub', filter: { kind: 'present', attribute: 'cn' }, attributes: ['cn'] },
    ...{ sizeLimit, timeLimitSeconds: 0, page: null },
  });
const entry = { dn: 'o=x', attributes: new Map([['cn', [Buffer.from('x')]]]) };

async function connectTo(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

describe('the stub of an LDAP server', () => {
  it('closes the connection on reading the header of a message that is too large', async () => {
    const stub = await startLdapStub([entry], 0);
    const socket = await connectTo(stub.url);
    const closed = once(socket, 'close');
    // The header of a sequence of 3.9 MB, without its content.
    socket.write(Buffer.from([0x30, 0x83, 0x3b, 0x82, 0x60, 2, 1]));
    await closed;
    await stub.close();
  });

  it('reads a message that arrives byte by byte, and several messages in one packet', async () => {
    const stub = await startLdapStub([entry], 0);
    const socket = await connectTo(stub.url);
    let received = 0;
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    for (const byte of searchOf(1)) socket.write(Buffer.from([byte]));
    while (received === 0) await delay(5);
    await delay(50);
    const one = received;
    socket.write(Buffer.concat([searchOf(2), searchOf(3)]));
    while (received < 3 * one) await delay(5);
    expect(received).to.equal(3 * one);
    socket.destroy();
    await stub.close();
  });

  it('returns the entries that fit a size limit, and then sizeLimitExceeded', async () => {
    const entries = [entry, { ...entry, dn: 'cn=y,o=x' }, { ...entry, dn: 'cn=z,o=x' }];
    const stub = await startLdapStub(entries, 0);
    const socket = await connectTo(stub.url);
    let received = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
    });
    socket.write(searchOf(1, 2));
    // SearchResultDone with the result code 4.
    const done = Buffer.from([0x65, 0x07, 0x0a, 0x01, 0x04]);
    while (!received.includes(done)) await delay(5);
    expect([received.includes('cn=y,o=x'), received.includes('cn=z,o=x')]).to.deep.equal([true, false]);
    socket.destroy();
    await stub.close();
  });

  it('processes no further requests while responses are not read', async () => {
    let answered = 0;
    const stub = await serveAnswers(async () => {
      answered += 1;
      return [Buffer.alloc(1024 * 1024)];
    }, 0);
    const socket = await connectTo(stub.url);
    socket.pause();
    const total = 200;
    socket.write(Buffer.concat(Array.from({ length: total }, (_, index) => searchOf(index + 1))));
    let before = -1;
    while (answered === 0 || answered !== before) {
      before = answered;
      await delay(300);
    }
    expect(answered).to.be.lessThan(50);
    let received = 0;
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    socket.resume();
    while (received < total * 1024 * 1024) await delay(10);
    expect(answered).to.equal(total);
    socket.destroy();
    await stub.close();
  });
});
