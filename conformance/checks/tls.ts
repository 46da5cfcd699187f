// Owns the checks of what TLS agrees on: old versions and weak ciphers refused, the new version offered, forward secrecy.
import tls from 'node:tls';
import type { Check, Topic } from '../check.ts';
import { Untestable } from '../check-endings.ts';
import { assertConforms } from '../finding.ts';
import { serverCertificateChecks } from './server-certificate.ts';

const versionNames: Readonly<Record<number, string>> = {
  2: 'SSL 2.0',
  768: 'SSL 3.0',
  769: 'TLS 1.0',
  770: 'TLS 1.1',
};

/** Numbers from one to another, both included. */
const span = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_each, index) => first + index);

/** What servers of TLS 1.1 and older may choose: ECDHE, DHE and plain RSA, with AES, 3DES and RC4. */
const oldCiphers = [
  ...[0xc009, 0xc00a, 0xc013, 0xc014, 0xc008, 0xc012, 0xc007, 0xc011],
  ...[0x0033, 0x0039, 0x0016, 0x002f, 0x0035, 0x000a, 0x0005, 0x0004],
];

/** By what is weak in them. RFC 9325, 4.1: none of them is negotiated. */
const weakCiphers: Readonly<Record<string, readonly number[]>> = {
  'no encryption': [0x0001, 0x0002, 0x003b, 0xc001, 0xc006, 0xc00b, 0xc010, 0xc015],
  'no authentication of the server': [
    ...[0x001b, 0x0034, 0x003a, 0x0046, 0x006c, 0x006d, 0x0089, 0x00a6, 0x00a7],
    ...span(0xc017, 0xc019),
  ],
  'an export cipher': [0x0003, 0x0006, 0x0008, 0x000b, 0x000e, 0x0011, 0x0014, 0x0017, 0x0019],
  DES: [0x0009, 0x000c, 0x000f, 0x0012, 0x0015, 0x001a],
  RC4: [0x0004, 0x0005, 0x0018, 0xc002, 0xc007, 0xc00c, 0xc011, 0xc016],
};

const oldVersionsChange = 'set the lowest version to TLS 1.2';

const oldVersions: Check = {
  id: 'tls-old-versions-refused',
  level: 'MUST',
  platformVerdict: 'information-leak',
  title: 'MUST refuse TLS 1.1 and everything older',
  source: 'RFC 8996, 4 and 5; RFC 9325, 3.1.1',
  why: 'Their hashes and ciphers are broken: who sits in between can force a caller down to them, and read who is in which group.',
  mend: [
    { stack: 'any', text: 'Set the lowest version to TLS 1.2.' },
    {
      stack: 'express',
      text: "Create the HTTPS server with minVersion: 'TLSv1.2', and without @SECLEVEL=0 in ciphers.",
    },
    { stack: 'go', text: 'Set tls.Config.MinVersion to tls.VersionTLS12.' },
    { stack: 'spring', text: 'Set server.ssl.enabled-protocols=TLSv1.2,TLSv1.3.' },
    { stack: 'aspnet', text: 'Set SslProtocols to Tls12 | Tls13.' },
    { stack: 'nginx', text: 'Set ssl_protocols TLSv1.2 TLSv1.3;.' },
  ],
  needs: ['https'],
  async run(context) {
    // Whoever knows any older version answers with the best of those.
    const choice = await context.greet({ version: 0x0302, ciphers: oldCiphers });
    assertConforms(choice === null || choice.version > 0x0302, {
      asked: 'a connection with TLS 1.1 at most',
      expected: 'a refusal of the connection',
      seen: `the server agreed on ${versionNames[choice?.version ?? 0] ?? 'an old version'}`,
      change: oldVersionsChange,
    });
  },
};

const weakChange = 'take NULL, anonymous, export, DES and RC4 ciphers out of the list that the server accepts';

const weak: Check = {
  id: 'tls-weak-ciphers-refused',
  level: 'MUST',
  platformVerdict: 'information-leak',
  title: 'MUST refuse ciphers that do not encrypt, do not authenticate, or are broken',
  source: 'RFC 9325, 4.1; RFC 7465, 2',
  why: 'With such a cipher everybody on the way reads who is in which group, or answers in place of the endpoint.',
  mend: [
    {
      stack: 'any',
      text: 'Take NULL, anonymous, export, DES and RC4 ciphers out of the list; the default of a current library has none.',
    },
    { stack: 'nginx', text: 'Leave ssl_ciphers out, or set it to HIGH:!aNULL:!eNULL.' },
  ],
  needs: ['https'],
  async run(context) {
    const choice = await context.greet({ version: 0x0303, ciphers: Object.values(weakCiphers).flat() });
    const found = Object.entries(weakCiphers).find(([, ciphers]) => choice && ciphers.includes(choice.cipher));
    assertConforms(choice === null, {
      asked: 'a connection with ciphers that must not be used',
      expected: 'a refusal of the connection',
      seen: `the server agreed on ${found ? `one with ${found[0]}` : 'one that was not offered'}`,
      change: weakChange,
    });
  },
};

const newVersion: Check = {
  id: 'tls-1-3-offered',
  level: 'SHOULD',
  platformVerdict: 'information-leak',
  title: 'SHOULD offer TLS 1.3',
  source: 'RFC 9325, 3.1.1',
  why: 'It has none of the choices that were got wrong before, and it hides the client certificate on the way.',
  mend: [
    { stack: 'any', text: 'Allow TLS 1.3; every library that is still supported has it.' },
    { stack: 'nginx', text: 'Set ssl_protocols TLSv1.2 TLSv1.3;.' },
  ],
  needs: ['https', 'control'],
  async run(context) {
    if (tls.DEFAULT_MAX_VERSION !== 'TLSv1.3')
      throw new Untestable('Node was started without TLS 1.3: take --tls-max-v1.2 out of its options.');
    const answer = await context.askOnce({ userids: [context.knownUser] });
    assertConforms(answer.tls?.protocol === 'TLSv1.3', {
      asked: 'a known user, with TLS 1.2 or 1.3',
      expected: 'TLS 1.3, the better of the two',
      seen: `the server chose ${answer.tls?.protocol}`,
      change: 'allow TLS 1.3',
      answers: [answer],
    });
  },
};

const forwardSecrecy: Check = {
  id: 'tls-forward-secrecy',
  level: 'SHOULD',
  platformVerdict: 'information-leak',
  title: 'SHOULD choose a cipher with forward secrecy in TLS 1.2 too',
  source: 'RFC 9325, 4.1 and 7.3',
  why: 'Without it, whoever gets hold of the server’s key one day reads everything that was ever recorded, passwords among it.',
  mend: [
    { stack: 'any', text: 'Prefer ciphers that begin with ECDHE or DHE, and let the server choose.' },
    { stack: 'nginx', text: 'Set ssl_ciphers to a list that begins with ECDHE.' },
  ],
  needs: ['https', 'control'],
  async run(context) {
    const plain = await context.askOnce({ userids: [context.knownUser] });
    const isTls12 = plain.tls?.protocol === 'TLSv1.2';
    const answer = isTls12
      ? plain
      : await context.askOnce({ userids: [context.knownUser], tls: { maxVersion: 'TLSv1.2' } }).catch(() => null);
    // Refused: TLS 1.3 alone is spoken, which always has it.
    if (!answer) return;
    assertConforms(/^(?:ECDHE|DHE)-/.test(answer.tls?.cipher ?? ''), {
      asked: 'a known user, with TLS 1.2',
      expected: 'a cipher with ECDHE or DHE',
      seen: 'one that encrypts with the key of the certificate',
      change: 'prefer ciphers that begin with ECDHE or DHE, and let the server choose',
      answers: [answer],
    });
  },
};

export const tlsTopic: Topic = {
  title: 'TLS',
  checks: [oldVersions, weak, newVersion, forwardSecrecy, ...serverCertificateChecks],
};
