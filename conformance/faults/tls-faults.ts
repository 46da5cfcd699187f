// Faults of TLS and of the server certificate, with real but wrongly configured TLS, and legal alternatives.
import type { ServerOptions } from 'node:https';
import { generate } from 'selfsigned';
import { type IssuedCertificate, issueCertificate } from '../../certs/issue-certificate.ts';
import { daysFromNow } from '../../certs/issue-certificates.ts';
import type { Fault } from './fault.ts';

interface ServerIdentity {
  readonly tls: ServerOptions;
  /** The CA that the run trusts. */
  readonly ca: string;
}

/** Returns the fault of an endpoint that is correct except for TLS. */
function tlsFault(name: string, trips: readonly string[], tls: NonNullable<Fault['tls']>, more: Partial<Fault> = {}) {
  return { name, auth: 'none', isHttps: true, trips, tls, alter: () => ({}), ...more } satisfies Fault;
}

/** Returns the fault of an endpoint with its own certificate, which the run trusts. */
function identityFault(
  name: string,
  trips: readonly string[],
  make: () => Promise<ServerIdentity>,
  more: Partial<Fault> = {},
): Fault {
  let made: Promise<ServerIdentity> | undefined;
  const identity = () => {
    made ??= make();
    return made;
  };
  return tlsFault(name, trips, async () => (await identity()).tls, {
    options: async () => ({ ca: (await identity()).ca }),
    ...more,
  });
}

const toIdentity = ({ certificate, key }: IssuedCertificate, tls: ServerOptions = {}): ServerIdentity => ({
  tls: { cert: certificate, key, ...tls },
  ca: certificate,
});

/** Creates a self-signed certificate; certs/ creates neither such keys nor a CA that may issue another CA. */
async function makeSelfSigned(commonName: string, options: NonNullable<Parameters<typeof generate>[1]>) {
  const made = await generate([{ name: 'commonName', value: commonName }], { algorithm: 'sha256', ...options });
  return { certificate: made.cert, key: made.private };
}

const loopback = { type: 7, ip: '127.0.0.1' } as const;

const rsa = (keySize: 1024 | 2048, tls?: ServerOptions) => async () =>
  toIdentity(
    await makeSelfSigned('localhost', {
      keyType: 'rsa',
      keySize,
      extensions: [{ name: 'subjectAltName', altNames: [loopback] }],
    }),
    tls,
  );

const server = { use: 'server', keyType: 'ec', commonName: 'localhost' } as const;
const alternativeNames = { dns: [], ip: ['127.0.0.1'], email: [] };

/** Creates a certificate issued by an intermediate CA; the run trusts both CAs, and the server may or may not send the intermediate one. */
async function makeChain(isWhole: boolean): Promise<ServerIdentity> {
  const root = await makeSelfSigned('root', {
    keyType: 'ec',
    curve: 'P-256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const dates = daysFromNow(0, 300);
  const between = await issueCertificate({ ...dates, use: 'ca', keyType: 'ec', commonName: 'between' }, root);
  const leaf = await issueCertificate({ ...dates, ...server, alternativeNames }, between);
  const cert = isWhole ? `${leaf.certificate}${between.certificate}` : leaf.certificate;
  return { tls: { cert, key: leaf.key }, ca: `${between.certificate}${root.certificate}` };
}

/**
 * Returns the fault of an endpoint that chooses `cipher` in `version`, by default TLS 1.2. It does so if a client offers the cipher in that version
 * or, for an older one, in TLS 1.1.
 */
const cipherFault = (name: string, trips: readonly string[], cipher: number, version = 0x0303) =>
  tlsFault(
    name,
    trips,
    {},
    {
      chooseByHand: (offer) =>
        offer.ciphers.includes(cipher) && offer.version === Math.max(version, 0x0302) ? { version, cipher } : null,
    },
  );

export const tlsFaults: readonly Fault[] = [
  tlsFault('tls-1-0', ['tls-old-versions-refused'], {
    minVersion: 'TLSv1',
    ciphers: 'DEFAULT:@SECLEVEL=0',
  }),
  tlsFault('null-ciphers', ['tls-weak-ciphers-refused'], { ciphers: 'ALL:!aNULL:eNULL:@SECLEVEL=0' }),
  tlsFault('anonymous-ciphers', ['tls-weak-ciphers-refused'], { ciphers: 'ALL:aNULL:@SECLEVEL=0' }),
  cipherFault('ssl-3', ['tls-old-versions-refused'], 0x0035, 0x0300),
  cipherFault('rc4', ['tls-weak-ciphers-refused'], 0x0005),
  cipherFault('export-cipher', ['tls-weak-ciphers-refused'], 0x0003),
  cipherFault('des', ['tls-weak-ciphers-refused'], 0x0009),
  cipherFault('triple-des', ['tls-3des-refused'], 0x000a),
  tlsFault(
    'compression-in-tls',
    ['tls-compression-refused'],
    {},
    {
      chooseByHand: ({ version, ciphers: [cipher = 0], compressions }) =>
        compressions.includes(1) ? { version, cipher, compression: 1 } : null,
    },
  ),
  tlsFault('tls-1-2-at-most', ['tls-1-3-offered'], { maxVersion: 'TLSv1.2' }),
  identityFault(
    'static-rsa',
    ['tls-forward-secrecy'],
    rsa(2048, { ciphers: 'TLS_AES_128_GCM_SHA256:AES128-GCM-SHA256' }),
  ),
  identityFault('rsa-1024', ['server-certificate-key-size'], rsa(1024, { ciphers: 'DEFAULT:@SECLEVEL=0' })),
  identityFault('chain-without-intermediate', ['server-certificate-chain'], () => makeChain(false)),
  identityFault(
    'common-name-only',
    ['server-certificate-name'],
    async () => toIdentity(await issueCertificate({ ...daysFromNow(0, 300), ...server }, 'self')),
    { host: 'localhost' },
  ),
  identityFault('expires-tomorrow', ['server-certificate-time-left'], async () =>
    toIdentity(await issueCertificate({ ...daysFromNow(-300, 2), ...server, alternativeNames }, 'self')),
  ),
];

/** Certificates that are correct in a different way than the conformant endpoint's: no check may fail. */
export const tlsAlternatives: readonly Fault[] = [
  identityFault('the whole chain, if the intermediate CA is trusted too', [], () => makeChain(true)),
  identityFault('an RSA key of 2,048 bits', [], rsa(2048)),
  identityFault(
    'a DNS name instead of an address',
    [],
    async () => {
      const names = { dns: ['localhost'], ip: [], email: [] };
      const dates = daysFromNow(0, 300);
      return toIdentity(await issueCertificate({ ...dates, ...server, alternativeNames: names }, 'self'));
    },
    { host: 'localhost' },
  ),
  identityFault('a certificate that is valid for a week, in the middle of that week', [], async () =>
    toIdentity(await issueCertificate({ ...daysFromNow(-3, 4), ...server, alternativeNames }, 'self')),
  ),
];
