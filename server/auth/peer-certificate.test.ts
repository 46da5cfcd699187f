// Tests that the certificate of a peer is the one that Node shows, whatever the connection, and that it is read in a way that leaves no memory behind.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { type ConnectionOptions, connect, createServer, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import fc from 'fast-check';
import { type DevelopmentCertificates, issueCertificates } from '../../certs/issue-certificates.ts';
import { certificateOfSession, certificateShownOn } from './peer-certificate.ts';

const server = dirname(import.meta.dirname);

describe('the certificates of peers', () => {
  it('are asked for in one file, and by the ways that Node frees', () => {
    const sources = readdirSync(server, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /(?<!\.test)\.ts$/.test(name),
    );
    const asking = (call: string) => sources.filter((name) => readFileSync(join(server, name), 'utf8').includes(call));
    expect(asking('.getPeerX509Certificate()')).to.deep.equal([]);
    // The doctor asks others as a client, once.
    expect(asking('.getPeerCertificate(')).to.have.members(['auth/peer-certificate.ts', 'doctor/probe-host.ts']);
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const keyType of ['ec', 'rsa'] as const) {
      describe(`with ${version} and ${keyType.toUpperCase()} keys`, () => {
        let certificates: DevelopmentCertificates;

        before(async () => {
          certificates = await issueCertificates({ keyType });
        });

        it('are those that Node shows, on full handshakes and on resumed ones', async () => {
          const { client } = certificates;
          const seen = await connectTwice(certificates, {
            cert: client.certificate,
            key: client.key,
            maxVersion: version,
          });
          expect(seen.map(({ isResumed }) => isResumed)).to.deep.equal([false, true]);
          for (const { shown, bySession, byNode } of seen) {
            expect(byNode).to.have.length.above(300);
            expect(bySession).to.equal(byNode);
            expect(shown).to.equal(byNode);
          }
        });

        it('are none where none was shown', async () => {
          const seen = await connectTwice(certificates, { maxVersion: version });
          expect(seen.map(({ isResumed }) => isResumed)).to.deep.equal([false, true]);
          for (const { shown, bySession } of seen) expect([shown, bySession]).to.deep.equal([null, null]);
        });
      });
    }
  }
});

interface Seen {
  readonly isResumed: boolean;
  readonly shown: string | null;
  readonly bySession: string | null;
  readonly byNode: string;
}

/** What a server sees of two connections, the second of which takes the session of the first up; certificates as `raw:fingerprint`. */
async function connectTwice({ ca, server: own }: DevelopmentCertificates, options: ConnectionOptions): Promise<Seen[]> {
  const seen: Seen[] = [];
  const look = (socket: TLSSocket) => {
    const shown = certificateShownOn(socket);
    const { raw, fingerprint256 = '' } = socket.getPeerCertificate();
    const digest = fingerprint256.replaceAll(':', '').toLowerCase();
    seen.push({
      isResumed: socket.isSessionReused(),
      shown: shown && `${shown.raw.toString('hex')}:${shown.fingerprint256}`,
      bySession: certificateOfSession(socket.getSession())?.toString('hex').concat(':', digest) ?? null,
      byNode: raw ? `${raw.toString('hex')}:${digest}` : '',
    });
    socket.end('bye');
  };
  const trust = { ca: ca.certificate, requestCert: true, rejectUnauthorized: false };
  const listener = createServer({ cert: own.certificate, key: own.key, ...trust }, look);
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const { port } = listener.address() as AddressInfo;
  let session: Buffer | undefined;
  for (let connection = 0; connection < 2; connection += 1) {
    const socket = connect({ host: '127.0.0.1', port, ca: ca.certificate, ...options, ...(session && { session }) });
    socket.on('session', (given: Buffer) => {
      session = given;
    });
    socket.resume();
    await once(socket, 'close');
  }
  listener.close();
  return seen;
}

describe('a session', () => {
  const element = (tag: number, ...contents: Buffer[]): Buffer => {
    const content = Buffer.concat(contents);
    const { length } = content;
    const lengthBytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
    return Buffer.concat([Buffer.from([tag, ...lengthBytes]), content]);
  };
  const certificate = element(0x30, element(0x04, Buffer.alloc(300, 'c')));
  const other = element(0x30, element(0x04, Buffer.alloc(300, 'o')));
  const version = element(0x02, Buffer.from([1]));
  const whole = (...elements: Buffer[]) => element(0x30, version, ...elements);
  const found = (session: Buffer) => certificateOfSession(session)?.toString('hex') ?? null;

  it('gives the certificate that stands among its own elements', () => {
    // DER writes lengths below 128, below 256 and above in three ways.
    for (const length of [5, 127, 128, 200, 255, 256, 5000]) {
      const shown = element(0x30, Buffer.alloc(length, 'c'));
      const session = whole(element(0xa1, version), element(0xa3, shown), element(0xa4, version));
      expect(found(session), `${length} bytes`).to.equal(shown.toString('hex'));
    }
  });

  it('gives none that stands inside another element, where a peer may have put it', () => {
    // Such as in the name that a client asked for, or in a ticket.
    for (const tag of [0x04, 0xa2, 0xa6, 0x30]) {
      const hidden = element(tag, element(0xa3, other));
      expect(found(whole(hidden)), `tag ${tag}`).to.equal(null);
      expect(found(whole(hidden, element(0xa3, certificate))), `tag ${tag}`).to.equal(certificate.toString('hex'));
    }
  });

  it('gives none that is no single sequence, or has more behind it', () => {
    for (const broken of [
      element(0x04, certificate),
      Buffer.concat([certificate, other]),
      certificate.subarray(0, -1),
    ]) {
      expect(found(whole(element(0xa3, broken)))).to.equal(null);
    }
    expect(found(Buffer.concat([whole(element(0xa3, certificate)), Buffer.from([0])]))).to.equal(null);
    expect(certificateOfSession(undefined)).to.equal(null);
  });

  it('gives none where it ends too early', () => {
    const session = whole(element(0xa1, version), element(0xa3, certificate));
    for (let length = 0; length < session.length; length += 1) {
      expect(found(Buffer.from(session.subarray(0, length))), `${length} bytes`).to.equal(null);
    }
  });

  it('gives none where it is anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(found(Buffer.from([0xa3, ...bytes]))).to.equal(null);
        expect(found(whole(Buffer.from(bytes)))).to.satisfy(
          (text: string | null) => text === null || text.startsWith('30'),
        );
      }),
    );
  });

  it('is wiped, and what it gave is not', () => {
    const session = whole(element(0xa3, certificate));
    const raw = certificateOfSession(session);
    expect(session.every((byte) => byte === 0)).to.equal(true);
    expect(raw?.equals(certificate)).to.equal(true);
  });
});
