// Owns the checks of the server's certificate that a run can make though it trusts it: whole chain, name, key, and time that is left.
import { X509Certificate } from 'node:crypto';
import net from 'node:net';
import type { Check } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import { assertConforms } from '../finding.ts';
import { NoAnswer } from '../no-answer.ts';
import type { Answer } from '../question.ts';

const needs = ['https', 'control'] as const;

/** The answer to the plain question, and the server's certificate as it came with it. */
async function look(context: CheckContext): Promise<{ answer: Answer; certificate: X509Certificate }> {
  const answer = await context.askOnce({ userids: [context.knownUser] });
  const der = answer.tls?.chain[0];
  if (!der) throw new Untestable('The server showed no certificate.');
  return { answer, certificate: new X509Certificate(der) };
}

/** The certificates of a PEM text. */
function splitPem(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

function isRoot(pem: string): boolean {
  const certificate = new X509Certificate(pem);
  return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
}

/** Why the server's certificate is not trusted with these anchors alone, as Node's code; null: it is. */
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
  'let the server send its certificate and every intermediate one behind it; only the root may be left out';

const chain: Check = {
  id: 'server-certificate-chain',
  title: 'MUST send the intermediate certificates with the server certificate',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-34'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'The platform is given the CA. Without what lies between it can’t trust the endpoint, though a browser that has met the intermediate elsewhere can.',
  fix: [
    { stack: 'any', text: 'Append the intermediate certificates to the file of the server’s certificate.' },
    { stack: 'nginx', text: 'Name a file with the whole chain in ssl_certificate.' },
  ],
  needs,
  async run(context) {
    const given = splitPem(context.options.ca ?? '');
    const roots = given.filter(isRoot);
    // Node's own anchors, and a --ca of roots alone, have just shown that nothing is missing.
    const code = roots.length === given.length ? null : await findDistrust(context, roots.join('\n'));
    assertConforms(code === null, {
      asked: 'a known user, with the roots of --ca as the only trusted certificates',
      expected: 'a chain that leads to one of them',
      seen: `one that does not (${code}), while it does with the intermediate certificates of --ca`,
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
  why: 'Current clients ignore the common name. Node still takes it, Java, Go and browsers do not: after an update nothing works any more.',
  fix: [{ stack: 'any', text: 'Issue the certificate with the name of the URL as a DNS subject alternative name.' }],
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
      seen: 'one that names it as the common name only',
      change: 'issue the certificate with the name of the URL as a DNS subject alternative name',
      answers: [answer],
    });
  },
};

/** Bits, for keys whose strength shows in their length; null: for others. */
function findWeakKey({ publicKey }: X509Certificate): string | null {
  const { asymmetricKeyType, asymmetricKeyDetails } = publicKey;
  const bits = asymmetricKeyDetails?.modulusLength;
  const isLengthened = asymmetricKeyType === 'rsa' || asymmetricKeyType === 'rsa-pss' || asymmetricKeyType === 'dsa';
  if (isLengthened && bits !== undefined && bits < 2048) return `${asymmetricKeyType.toUpperCase()} with ${bits} bits`;
  // The curves of OpenSSL below 224 bits have their length in their name: prime192v1, secp160r1.
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
  why: 'Shorter keys can be broken, and then somebody else answers in the name of the endpoint. Newer clients refuse them.',
  fix: [{ stack: 'any', text: 'Make a new key, P-256 or RSA with 2,048 bits or more, and a certificate for it.' }],
  needs,
  async run(context) {
    const { answer, certificate } = await look(context);
    const weakKey = findWeakKey(certificate);
    assertConforms(weakKey === null, {
      asked: 'a known user',
      expected: 'a certificate with a key of at least 2,048 bits (RSA) or 224 bits (elliptic curves)',
      seen: weakKey ?? '',
      change: 'make a new key, P-256 or RSA with 2,048 bits or more, and a certificate for it',
      answers: [answer],
    });
  },
};

const msPerDay = 24 * 3600_000;
const maxReserveDays = 14;

const timeLeft: Check = {
  id: 'server-certificate-time-left',
  title:
    'SHOULD have a server certificate that is valid for two more weeks, or for a fifth of its lifetime if that is shorter',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-27'],
  impact: 'refused',
  sentByPlatform: true,
  why: 'When it has expired the platform gets no user info at all, of a sudden and for everybody.',
  fix: [
    { stack: 'any', text: 'Renew the certificate now, and let a program renew it when a third of its time is left.' },
  ],
  needs,
  async run(context) {
    const { answer, certificate } = await look(context);
    const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
    const reserveMs = Math.min(maxReserveDays * msPerDay, (to - from) / 5);
    const days = Math.floor((to - Date.now()) / msPerDay);
    assertConforms(to - Date.now() >= reserveMs, {
      asked: 'a known user',
      expected: 'a certificate that is valid for two weeks more, or a fifth of its time where that is shorter',
      seen: `one that expires in ${days === 0 ? 'less than a day' : `${days} days`}`,
      change: 'renew the certificate, and let a program do so from now on',
      answers: [answer],
    });
  },
};

/** Of a certificate that is not trusted at all no check is made: the run ends before, and says what is wrong. */
export const serverCertificateChecks: readonly Check[] = [chain, name, keySize, timeLeft];
