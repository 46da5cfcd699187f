// Tests that path validation of a forwarded certificate agrees with OpenSSL's in a handshake, or is stricter.
import { execFileSync } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
} from '@peculiar/x509';
import { expect } from 'chai';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { createPathValidator } from './certificate-path.ts';

const dayMs = 86_400_000;
const elliptic = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

interface Issued {
  readonly certificate: X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}
interface Wish {
  readonly name: string;
  /** `undefined`: by itself. */
  readonly issuer?: Issued;
  readonly isCa?: boolean;
  readonly pathLength?: number;
  readonly usage?: KeyUsageFlags;
  readonly purposes?: string[];
  readonly extra?: Extension[];
  /** Days from now. */
  readonly days?: readonly [number, number];
  readonly hash?: string;
  readonly keys?: webcrypto.CryptoKeyPair;
}

function rsaKeys(bits: number, hash = 'SHA-256'): Promise<webcrypto.CryptoKeyPair> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', modulusLength: bits, publicExponent: Uint8Array.of(1, 0, 1), hash };
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

let issued = 0;
/** Returns a new serial number. The library's own random serial numbers are not always encoded in a CRL in the same way as in the certificate. */
const nextSerial = () => `01${(issued++).toString(16).padStart(6, '0')}`;

async function issue(wish: Wish): Promise<Issued> {
  const { name, issuer, isCa = false, days = [-1, 30], usage, purposes, extra = [] } = wish;
  const keys = wish.keys ?? (await webcrypto.subtle.generateKey(elliptic, true, ['sign', 'verify']));
  const signer = issuer?.keys ?? keys;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: nextSerial(),
    subject: `CN=${name}`,
    issuer: issuer?.certificate.subject ?? `CN=${name}`,
    notBefore: new Date(Date.now() + days[0] * dayMs),
    notAfter: new Date(Date.now() + days[1] * dayMs),
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    signingAlgorithm: { name: signer.privateKey.algorithm.name, hash: wish.hash ?? 'SHA-256' },
    extensions: [
      new BasicConstraintsExtension(isCa, wish.pathLength, true),
      new KeyUsagesExtension(
        usage ?? (isCa ? KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign : KeyUsageFlags.digitalSignature),
        true,
      ),
      ...(purposes ? [new ExtendedKeyUsageExtension(purposes)] : []),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(signer.publicKey),
      ...extra,
    ],
  });
  return { certificate, keys };
}

async function listOf(
  { certificate, keys }: Issued,
  revoked: readonly Issued[],
  days: readonly [number, number] = [-1, 7],
  extensions: Extension[] = [],
): Promise<string> {
  const list = await X509CrlGenerator.create({
    issuer: certificate.subject,
    thisUpdate: new Date(Date.now() + days[0] * dayMs),
    nextUpdate: new Date(Date.now() + days[1] * dayMs),
    signingKey: keys.privateKey,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    entries: revoked.map(({ certificate: { serialNumber } }) => ({ serialNumber, revocationDate: new Date() })),
    extensions: [await AuthorityKeyIdentifierExtension.create(keys.publicKey), ...extensions],
  });
  return `${PemConverter.encode(list.rawData, 'X509 CRL')}\n`;
}

interface Case {
  readonly leaf: Issued;
  readonly roots: readonly Issued[];
  readonly others?: readonly Issued[];
  readonly lists?: readonly string[];
}

const pemOf = (issued: readonly Issued[]) =>
  issued.map(({ certificate }) => `${certificate.toString('pem')}\n`).join('');

/** Returns whether `openssl verify` accepts the certificate for a TLS client, at a server's security level. */
function isTakenByOpenssl({ leaf, roots, others = [], lists = [] }: Case): boolean {
  const directory = scratchDirectory();
  const file = (name: string, text: string) => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const given = [
    '-no-CApath',
    '-no-CAstore',
    ...['-CAfile', file('roots.pem', pemOf(roots)), '-purpose', 'sslclient', '-auth_level', '2'],
    ...(others.length > 0 ? ['-untrusted', file('others.pem', pemOf(others))] : []),
    ...(lists.length > 0 ? ['-crl_check_all', '-CRLfile', file('crl.pem', lists.join(''))] : []),
  ];
  try {
    execFileSync('openssl', ['verify', ...given, file('leaf.pem', pemOf([leaf]))], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function reasonOf({ leaf, roots, others = [], lists = [] }: Case): Promise<string | null> {
  const validate = createPathValidator([pemOf(roots)], lists);
  const der = ({ certificate }: Issued) => Buffer.from(certificate.rawData);
  const verdict = await validate(der(leaf), others.map(der), Date.now());
  return verdict.trusted ? null : verdict.reason;
}

const clientAuth = [ExtendedKeyUsage.clientAuth];
/** Creates a critical extension. If the type is unknown, the content must not matter. */
const critical = (type: string, ...bytes: number[]) => new Extension(type, true, Uint8Array.of(...bytes));
/** Permits only the DNS name "a" (RFC 5280, 4.2.1.10). */
const nameConstraints = critical('2.5.29.30', 0x30, 0x07, 0xa0, 0x05, 0x30, 0x03, 0x82, 0x01, 0x61);

describe('the path of a forwarded certificate', () => {
  let root: Issued;
  let middle: Issued;
  let otherRoot: Issued;

  before(async () => {
    root = await issue({ name: 'root', isCa: true });
    middle = await issue({ name: 'middle', isCa: true, issuer: root });
    otherRoot = await issue({ name: 'root', isCa: true });
  });

  const leafOf = (issuer: Issued, wish: Partial<Wish> = {}) =>
    issue({ name: 'platform', issuer, purposes: clientAuth, ...wish });

  const taken: Record<string, () => Promise<Case>> = {
    'issued by a root': async () => ({ leaf: await leafOf(root), roots: [root] }),
    'issued by an intermediate CA that came with it': async () => ({
      leaf: await leafOf(middle),
      roots: [root],
      others: [middle],
    }),
    'issued by an intermediate CA of the files': async () => ({ leaf: await leafOf(middle), roots: [middle, root] }),
    'beside another CA of the same name': async () => ({ leaf: await leafOf(root), roots: [otherRoot, root] }),
    'without a purpose': async () => ({
      leaf: await issue({ name: 'platform', issuer: root }),
      roots: [root],
    }),
    'with an RSA key of 2,048 bits': async () => ({
      leaf: await leafOf(root, { keys: await rsaKeys(2048) }),
      roots: [root],
    }),
    'not on the current CRL of its issuer': async () => ({
      leaf: await leafOf(root),
      roots: [root],
      lists: [await listOf(root, [middle])],
    }),
    'with a CRL for each CA of its path': async () => ({
      leaf: await leafOf(middle),
      roots: [root],
      others: [middle],
      lists: [await listOf(root, []), await listOf(middle, [])],
    }),
  };
  for (const [name, make] of Object.entries(taken)) {
    it(`is accepted: ${name}`, async () => {
      const made = await make();
      expect(isTakenByOpenssl(made), 'by OpenSSL').to.equal(true);
      expect(await reasonOf(made)).to.equal(null);
    });
  }

  const issuerMissing = /^unable to get issuer certificate$/;
  const purpose = /^unsuitable certificate purpose$/;
  const refused: Record<string, [RegExp, () => Promise<Case>]> = {
    expired: [
      /^certificate has expired$/,
      async () => ({ leaf: await leafOf(root, { days: [-9, -1] }), roots: [root] }),
    ],
    'not yet valid': [/not yet valid/, async () => ({ leaf: await leafOf(root, { days: [1, 9] }), roots: [root] })],
    'for servers': [
      purpose,
      async () => ({ leaf: await leafOf(root, { purposes: [ExtendedKeyUsage.serverAuth] }), roots: [root] }),
    ],
    'for any purpose but this by name': [
      purpose,
      async () => ({ leaf: await leafOf(root, { purposes: ['2.5.29.37.0'] }), roots: [root] }),
    ],
    'whose key may not sign': [
      purpose,
      async () => ({ leaf: await leafOf(root, { usage: KeyUsageFlags.keyEncipherment }), roots: [root] }),
    ],
    'self-signed': [issuerMissing, async () => ({ leaf: await issue({ name: 'platform' }), roots: [root] })],
    'by a CA with the right name and another key': [
      issuerMissing,
      async () => ({ leaf: await leafOf(otherRoot), roots: [root] }),
    ],
    'by a root that came with it': [
      issuerMissing,
      async () => ({ leaf: await leafOf(otherRoot), roots: [root], others: [otherRoot] }),
    ],
    'by an intermediate CA that is missing': [
      issuerMissing,
      async () => ({ leaf: await leafOf(middle), roots: [root] }),
    ],
    'by an intermediate CA without its root': [
      issuerMissing,
      async () => ({ leaf: await leafOf(middle), roots: [middle] }),
    ],
    'by a client’s certificate': [
      issuerMissing,
      async () => {
        const client = await leafOf(root);
        return { leaf: await leafOf(client), roots: [root], others: [client] };
      },
    ],
    'by a certificate that may sign certificates and is not a CA': [
      /^invalid CA certificate$/,
      async () => {
        const usage = KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign;
        const client = await leafOf(root, { usage });
        return { leaf: await leafOf(client), roots: [root], others: [client] };
      },
    ],
    'by an expired intermediate CA': [
      /expired/,
      async () => {
        const ca = await issue({ name: 'late', isCa: true, issuer: root, days: [-9, -1] });
        return { leaf: await leafOf(ca), roots: [root], others: [ca] };
      },
    ],
    'by an expired root': [
      /expired/,
      async () => {
        const ca = await issue({ name: 'late', isCa: true, days: [-9, -1] });
        return { leaf: await leafOf(ca), roots: [ca] };
      },
    ],
    'by one CA more than its root allows': [
      /path length/,
      async () => {
        const short = await issue({ name: 'short', isCa: true, pathLength: 0 });
        const ca = await issue({ name: 'below', isCa: true, issuer: short });
        return { leaf: await leafOf(ca), roots: [short], others: [ca] };
      },
    ],
    'by a CA for servers': [
      purpose,
      async () => {
        const ca = await issue({ name: 'servers', isCa: true, issuer: root, purposes: [ExtendedKeyUsage.serverAuth] });
        return { leaf: await leafOf(ca), roots: [root], others: [ca] };
      },
    ],
    'with an unknown critical extension': [
      /critical extension 1\.2\.3\.4/,
      async () => ({ leaf: await leafOf(root, { extra: [critical('1.2.3.4', 5, 0)] }), roots: [root] }),
    ],
    'with an RSA key of 1,024 bits': [
      /key too small/,
      async () => ({ leaf: await leafOf(root, { keys: await rsaKeys(1024) }), roots: [root] }),
    ],
    'signed with SHA-1': [
      /too weak/,
      async () => {
        const ca = await issue({ name: 'rsa', isCa: true, keys: await rsaKeys(2048, 'SHA-1'), hash: 'SHA-1' });
        return { leaf: await leafOf(ca, { hash: 'SHA-1' }), roots: [ca] };
      },
    ],
    revoked: [
      /revoked/,
      async () => {
        const leaf = await leafOf(root);
        return { leaf, roots: [root], lists: [await listOf(root, [leaf])] };
      },
    ],
    'by a revoked intermediate CA': [
      /revoked/,
      async () => ({
        leaf: await leafOf(middle),
        roots: [root],
        others: [middle],
        lists: [await listOf(root, [middle]), await listOf(middle, [])],
      }),
    ],
    'by a CA without a CRL where others have one': [
      /CRL/,
      async () => ({
        leaf: await leafOf(middle),
        roots: [root],
        others: [middle],
        lists: [await listOf(root, [])],
      }),
    ],
    'with a CRL that is overdue': [
      /CRL is not current/,
      async () => ({ leaf: await leafOf(root), roots: [root], lists: [await listOf(root, [], [-9, -1])] }),
    ],
    'with a CRL that is not yet valid': [
      /CRL is not current/,
      async () => ({ leaf: await leafOf(root), roots: [root], lists: [await listOf(root, [], [1, 9])] }),
    ],
    'with a CRL that another key signed': [
      /unable to get certificate CRL/,
      async () => ({ leaf: await leafOf(root), roots: [root], lists: [await listOf(otherRoot, [])] }),
    ],
    'with a CRL that has an unknown critical extension': [
      /unable to get certificate CRL/,
      async () => ({
        leaf: await leafOf(root),
        roots: [root],
        lists: [await listOf(root, [], [-1, 7], [critical('1.2.3.4', 5, 0)])],
      }),
    ],
  };
  for (const [name, [reason, make]] of Object.entries(refused)) {
    it(`is rejected: ${name}`, async () => {
      const made = await make();
      expect(isTakenByOpenssl(made), 'by OpenSSL').to.equal(false);
      expect(await reasonOf(made)).to.match(reason);
    });
  }

  it('is rejected where a CA has name constraints, which OpenSSL would evaluate', async () => {
    const ca = await issue({ name: 'narrow', isCa: true, issuer: root, extra: [nameConstraints] });
    const made = { leaf: await leafOf(ca), roots: [root], others: [ca] };
    expect(isTakenByOpenssl(made)).to.equal(true);
    expect(await reasonOf(made)).to.equal('name constraints are not supported');
  });

  it('is rejected when it is not a certificate, or comes with data that is not a certificate', async () => {
    const validate = createPathValidator([pemOf([root])], []);
    const good = Buffer.from((await leafOf(root)).certificate.rawData);
    const results = [
      await validate(Buffer.from('canary'), [], Date.now()),
      await validate(good, [Buffer.from('canary')], Date.now()),
    ];
    expect(results.map(({ trusted }) => trusted)).to.deep.equal([false, false]);
  });

  it('is valid until its first certificate or CRL expires', async () => {
    const validate = createPathValidator([pemOf([root])], [await listOf(root, [], [-1, 3])]);
    const verdict = await validate(Buffer.from((await leafOf(root)).certificate.rawData), [], Date.now());
    if (!verdict.trusted) expect.fail(verdict.reason);
    expect((verdict.untilMs - Date.now()) / dayMs).to.be.within(2.9, 3);
  });

  it('is not evaluated when a CRL file contains no CRL', () => {
    expect(() => createPathValidator([pemOf([root])], ['canary'])).to.throw(TypeError, /CRL file contains no/);
  });

  it('is rejected when it is circular', async () => {
    const one = await issue({ name: 'one', isCa: true, issuer: root });
    const two = await issue({ name: 'two', isCa: true, issuer: one });
    // The same name and key as `one`, issued by `two`.
    const round = await issue({ name: 'one', isCa: true, issuer: two, keys: one.keys });
    const made = { leaf: await leafOf(one), roots: [otherRoot], others: [round, two] };
    expect(await reasonOf(made)).to.match(issuerMissing);
  });

  it('is rejected when many CAs have signed each other', async () => {
    const first = await issue({ name: 'many', isCa: true });
    const others = [first];
    while (others.length < 9) {
      others.push(await issue({ name: 'many', isCa: true, issuer: first, keys: first.keys }));
    }
    const made = { leaf: await leafOf(first), roots: [otherRoot], others };
    expect(await reasonOf(made)).to.equal('too many possible paths from its issuer to a CA');
  });
});
