// Tests of the checks of the TLS negotiation: what is offered, and which choices of the server are violations.
import tls from 'node:tls';
import { expect } from 'chai';
import type { TlsFacts } from '../http/endpoint-request.ts';
import type { HelloChoice } from '../http/tls-hello.ts';
import {
  answer,
  checkOf,
  closed,
  createFakeContext,
  endingOf,
  type FakeOptions,
  findingOf,
} from '../testing/fake-context.ts';
import { tlsTopic } from './tls.ts';

function run(id: string, fake: FakeOptions) {
  const created = createFakeContext(fake);
  return { ...created, ended: checkOf(tlsTopic, id).run(created.context) };
}

const chooses = (id: string, choice: HelloChoice) => run(id, { greet: () => choice });
const choose = (version: number, cipher: number, compression = 0) => ({ version, cipher, compression });

describe('tls-old-versions-refused', () => {
  const id = 'tls-old-versions-refused';
  it('offers TLS 1.1 with old ciphers, and names what was negotiated', async () => {
    const { ended, hellos } = chooses(id, null);
    expect(await endingOf(ended)).to.equal('passed');
    expect(hellos).to.have.length(1);
    expect(hellos[0]?.version).to.equal(0x0302);
    expect(hellos[0]?.ciphers).to.include.members([0xc009, 0xc011, 0x0033, 0x0004]).and.to.have.length(16);
    const names = { 2: 'SSL 2.0', 768: 'SSL 3.0', 769: 'TLS 1.0', 770: 'TLS 1.1', 665: 'an old version' };
    for (const [version, name] of Object.entries(names))
      expect(await endingOf(chooses(id, choose(Number(version), 0x35)).ended)).to.equal(
        `violated: the server negotiated ${name}`,
      );
    expect(await endingOf(chooses(id, choose(0x0303, 0x35)).ended)).to.equal('passed');
  });
});

describe('tls-weak-ciphers-refused', () => {
  const id = 'tls-weak-ciphers-refused';
  const kinds: Readonly<Record<string, readonly number[]>> = {
    'no encryption': [0x0001, 0x0002, 0x003b, 0xc001, 0xc006, 0xc00b, 0xc010, 0xc015],
    'no authentication of the server': [
      ...[0x001b, 0x0034, 0x003a, 0x0046, 0x006c, 0x006d, 0x0089, 0x00a6, 0x00a7, 0xc017, 0xc018, 0xc019],
    ],
    'export-grade encryption': [0x0003, 0x0006, 0x0008, 0x000b, 0x000e, 0x0011, 0x0014, 0x0017, 0x0019],
    DES: [0x0009, 0x000c, 0x000f, 0x0012, 0x0015, 0x001a],
    RC4: [0x0004, 0x0005, 0x0018, 0xc002, 0xc007, 0xc00c, 0xc011, 0xc016],
  };
  it('offers every weak cipher, and names the kind of the negotiated one', async () => {
    const { ended, hellos } = chooses(id, null);
    expect(await endingOf(ended)).to.equal('passed');
    expect(hellos[0]?.version).to.equal(0x0303);
    expect(hellos[0]?.ciphers).to.deep.equal(Object.values(kinds).flat());
    for (const [kind, ciphers] of Object.entries(kinds))
      for (const cipher of ciphers)
        expect(await endingOf(chooses(id, choose(0x0303, cipher)).ended)).to.equal(
          `violated: the server negotiated a cipher with ${kind}`,
        );
    expect(await endingOf(chooses(id, choose(0x0303, 0xc02f)).ended)).to.equal(
      'violated: the server negotiated a cipher that was not offered',
    );
  });
});

describe('tls-3des-refused', () => {
  const id = 'tls-3des-refused';
  it('offers only 3DES', async () => {
    const { ended, hellos } = chooses(id, null);
    expect(await endingOf(ended)).to.equal('passed');
    const ciphers = [0x000a, 0x0016, 0x0013, 0xc008, 0xc012, 0x000d, 0x0010, 0xc003, 0xc00d];
    expect(hellos[0]).to.deep.include({ version: 0x0303, ciphers });
    expect(await endingOf(chooses(id, choose(0x0303, 0xc00d)).ended)).to.equal('violated: the server negotiated 3DES');
    expect(await endingOf(chooses(id, choose(0x0303, 0xc02f)).ended)).to.equal(
      'violated: the server negotiated a cipher that was not offered',
    );
    expect(checkOf(tlsTopic, id).fix[0]?.text).to.match(/^Remove 3DES/);
  });
});

describe('tls-compression-refused', () => {
  const id = 'tls-compression-refused';
  it('offers compression with usual ciphers', async () => {
    const { ended, hellos } = chooses(id, null);
    expect(await endingOf(ended)).to.equal('passed');
    expect(hellos[0]).to.deep.include({ version: 0x0303, compressions: [1] });
    expect(hellos[0]?.ciphers).to.include.members([0xc02b, 0x009e, 0x0035]).and.to.have.length(22);
    expect(await endingOf(chooses(id, choose(0x0303, 0xc02f, 0)).ended)).to.equal('passed');
    expect(await endingOf(chooses(id, choose(0x0303, 0xc02f, 1)).ended)).to.equal(
      'violated: the server chose compression',
    );
    expect(checkOf(tlsTopic, id).fix[0]?.text).to.match(/^Disable TLS compression/);
  });
});

const facts = (protocol: string, cipher = 'ECDHE-RSA-AES128-GCM-SHA256'): TlsFacts => ({
  ...{ protocol, cipher, chain: [], untrusted: null, isSessionReused: false, session: null },
});

describe('tls-1-3-offered', () => {
  const id = 'tls-1-3-offered';
  const runWith = (facts: TlsFacts | null) => run(id, { respond: () => answer(200, '', { tls: facts }) });

  it('requires TLS 1.3', async () => {
    const { ended, sent } = runWith(facts('TLSv1.3'));
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.deep.equal([{ userids: ['ada@kit.test'] }]);
    const finding = await findingOf(runWith(facts('TLSv1.2')).ended);
    expect(finding.seen).to.equal('the server chose TLSv1.2');
    expect(finding.answers).to.have.length(1);
    expect(await endingOf(runWith(null).ended)).to.include('violated: ');
  });

  it('is untestable where Node.js was started without TLS 1.3', async () => {
    const { DEFAULT_MAX_VERSION } = tls;
    tls.DEFAULT_MAX_VERSION = 'TLSv1.2';
    try {
      expect(await endingOf(runWith(facts('TLSv1.2')).ended)).to.include(
        'untestable: Node.js was started without TLS 1.3',
      );
    } finally {
      tls.DEFAULT_MAX_VERSION = DEFAULT_MAX_VERSION;
    }
  });
});

describe('tls-forward-secrecy', () => {
  const id = 'tls-forward-secrecy';
  /** Runs the check against a server where the usual request gets TLS 1.3 and the request with TLS 1.2 gets this result. */
  const limited = (response: ReturnType<typeof answer> | Error) =>
    run(id, { respond: (request) => (request.tls ? response : answer(200, '', { tls: facts('TLSv1.3', 'TLS_X') })) });

  it('requests TLS 1.2 unless it was negotiated already', async () => {
    const { ended, sent } = limited(answer(200, '', { tls: facts('TLSv1.2') }));
    expect(await endingOf(ended)).to.equal('passed');
    expect(sent).to.deep.equal([
      { userids: ['ada@kit.test'] },
      { userids: ['ada@kit.test'], tls: { maxVersion: 'TLSv1.2' } },
    ]);
    const plain = run(id, { respond: () => answer(200, '', { tls: facts('TLSv1.2', 'AES128-SHA') }) });
    expect(await endingOf(plain.ended)).to.equal('violated: a cipher without forward secrecy');
    expect(plain.sent).to.have.length(1);
  });

  it('accepts ECDHE and DHE, and a server without TLS 1.2', async () => {
    const withCipher = (cipher: string) => limited(answer(200, '', { tls: facts('TLSv1.2', cipher) })).ended;
    for (const cipher of ['ECDHE-RSA-X', 'DHE-RSA-X']) expect(await endingOf(withCipher(cipher))).to.equal('passed');
    for (const cipher of ['AES128-ECDHE-X', 'ECDH-RSA-X', 'XDHE-RSA', 'ECDHEX'])
      expect((await findingOf(withCipher(cipher))).answers).to.have.length(1);
    expect(await endingOf(limited(closed()).ended)).to.equal('passed');
    expect(await endingOf(limited(answer(200)).ended)).to.include('violated: ');
  });
});
