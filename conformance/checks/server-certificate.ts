// Checks of a trusted server certificate: chain, name, key size and remaining validity.
import { X509Certificate } from 'node:crypto';
import net from 'node:net';
import type { Check } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { NoAnswer } from '../http/no-answer.ts';
import { assertConforms } from '../report/finding.ts';

const needs = ['https', 'control'] as const;

/** Returns the response for the known user and the server certificate of that connection. */
async function look(context: CheckContext): Promise<{ answer: Answer; certificate: X509Certificate }> {
  const answer = await context.askOnce({ userids: [context.knownUser] });
  const der = answer.tls?.chain[0];
  if (!der) throw new Untestable('The server sent no certificate.');
  return { answer, certificate: new X509Certificate(der) };
}

/** Returns the certificates of a PEM text. */
function splitPem(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

function isRoot(pem: string): boolean {
  const certificate = new X509Certificate(pem);
  return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
}

/** Returns Node's error code if the server certificate is not trusted with only these trust anchors; null: it is trusted. */
async function findDistrust(context: CheckContext, ca: string): Promise<string | null> {
  try {
    await context.askOnce({ userids: [context.knownUser], tls: { ca } });
    return null;
  } catch (error) {
    if (error instanceof NoAnswer && error.kind === 'untrusted') return error.code;
    throw error;
  }
}

const sendChain =
  'configure the server to send its certificate followed by all intermediate certificates; only the root may be omitted';

const chain: Check = {
  id: 'server-certificate-chain',
  title: 'MUST send the intermediate certificates with the server certificate',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-34'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'The platform has only the root CA. Without the intermediate certificates, it cannot verify the endpoint, although browsers that have cached them can.',
  fix: [
    { stack: 'any', text: 'Append the intermediate certificates to the file with the server certificate.' },
    { stack: 'nginx', text: 'Set ssl_certificate to a file with the whole chain.' },
  ],
  needs,
  async run(context) {
    const given = splitPem(context.options.ca ?? '');
    const roots = given.filter(isRoot);
    // With Node's own trust anchors, or a --ca that contains only roots, the control has already shown that no certificate is missing.
    const code = roots.length === given.length ? null : await findDistrust(context, roots.join('\n'));
    assertConforms(code === null, {
      asked: 'a known user, with the roots of --ca as the only trusted certificates',
      expected: 'a chain that leads to one of these roots',
      seen: `a chain that leads to one of these roots only with the intermediate certificates of --ca (${code})`,
      change: sendChain,
    });
  },
};

const name: Check = {
  id: 'server-certificate-name',
  title: 'MUST have a server certificate with the host as a subject alternative name',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-35'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'Go and browsers ignore the common name, but Node.js still accepts it. After an update of the client, the connection could fail.',
  fix: [
    { stack: 'any', text: 'Issue the certificate with the host name of the URL as a DNS subject alternative name.' },
  ],
  needs,
  async run(context) {
    const { answer, certificate } = await look(context);
    const host = context.options.url.hostname.replace(/^\[|\]$/g, '');
    const isNamed = net.isIP(host)
      ? certificate.checkIP(host) !== undefined
      : certificate.checkHost(host, { subject: 'never' }) !== undefined;
    assertConforms(isNamed, {
      asked: 'a known user',
      expected: 'a certificate with the host of the URL as a subject alternative name',
      seen: 'a certificate with the host as the common name only',
      change: 'issue the certificate with the host name of the URL as a DNS subject alternative name',
      answers: [answer],
    });
  },
};

/** Returns a description of a weak key; null: the key is long enough, or its strength does not depend on its length. */
function findWeakKey({ publicKey }: X509Certificate): string | null {
  const { asymmetricKeyType, asymmetricKeyDetails } = publicKey;
  const bits = asymmetricKeyDetails?.modulusLength;
  const isLengthened = asymmetricKeyType === 'rsa' || asymmetricKeyType === 'rsa-pss' || asymmetricKeyType === 'dsa';
  if (isLengthened && bits !== undefined && bits < 2048) return `${asymmetricKeyType.toUpperCase()} with ${bits} bits`;
  // OpenSSL's curves below 224 bits include their length in the name: prime192v1, secp160r1.
  const curve = asymmetricKeyDetails?.namedCurve;
  const curveBits = Number(/\d{3}/.exec(curve ?? '')?.[0] ?? Number.POSITIVE_INFINITY);
  return curveBits < 224 ? `the curve ${curve}` : null;
}

const keySize: Check = {
  id: 'server-certificate-key-size',
  title: 'MUST have a server key of at least 2,048 bits (RSA) or 224 bits (elliptic curves)',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-36'],
  impact: 'information-leak',
  why: 'Shorter keys can be broken, and an attacker can then impersonate the endpoint. Newer clients reject them.',
  fix: [{ stack: 'any', text: 'Create a new key (P-256, or RSA with 2,048 bits or more) and a certificate for it.' }],
  needs,
  async run(context) {
    const { certificate } = await look(context);
    const weakKey = findWeakKey(certificate);
    // curl rejects such a key unless the request allows it.
    const allowing = { userids: [context.knownUser], tls: { ciphers: 'DEFAULT:@SECLEVEL=0' } };
    const answers = weakKey === null ? [] : [await context.askOnce(allowing)];
    assertConforms(weakKey === null, {
      asked: 'a known user',
      expected: 'a certificate with a key of at least 2,048 bits (RSA) or 224 bits (elliptic curves)',
      seen: weakKey ?? '',
      change: 'create a new key (P-256, or RSA with 2,048 bits or more) and a certificate for it',
      answers,
    });
  },
};

const msPerDay = 24 * 3600_000;
const maxReserveDays = 14;

const timeLeft: Check = {
  id: 'server-certificate-time-left',
  title: 'SHOULD have a server certificate valid for at least two more weeks, or a fifth of its lifetime if shorter',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-27'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'When the certificate expires, the platform suddenly gets no user info for any user.',
  fix: [
    {
      stack: 'any',
      text: 'Renew the certificate now, and have it renewed automatically when a third of its lifetime is left.',
    },
  ],
  needs,
  async run(context) {
    const { answer, certificate } = await look(context);
    const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
    const reserveMs = Math.min(maxReserveDays * msPerDay, (to - from) / 5);
    const days = Math.floor((to - Date.now()) / msPerDay);
    assertConforms(to - Date.now() >= reserveMs, {
      asked: 'a known user',
      expected: 'a certificate valid for at least two more weeks, or a fifth of its lifetime if that is shorter',
      seen: `a certificate that expires in ${days === 0 ? 'less than a day' : `${days} days`}`,
      change: 'renew the certificate, and automate its renewal',
      answers: [answer],
    });
  },
};

/** These checks do not cover an untrusted certificate: in that case, the run ends before the first check. */
export const serverCertificateChecks: readonly Check[] = [chain, name, keySize, timeLeft];
