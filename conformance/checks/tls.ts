// Checks of the TLS negotiation: old versions, weak ciphers, compression, TLS 1.3, forward secrecy.
import tls from 'node:tls';
import type { Check, Topic } from '../check.ts';
import { Untestable } from '../check-endings.ts';
import { assertConforms } from '../report/finding.ts';
import { askOrClosed, toSentence } from './refusal-checks.ts';
import { serverCertificateChecks } from './server-certificate.ts';

const versionNames: Readonly<Record<number, string>> = {
  2: 'SSL 2.0',
  768: 'SSL 3.0',
  769: 'TLS 1.0',
  770: 'TLS 1.1',
};

/** Returns the numbers from `first` to `last`, inclusive. */
const span = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_each, index) => first + index);

/** Ciphers that a server with TLS 1.1 or earlier may choose: ECDHE, DHE and plain RSA, with AES, 3DES and RC4. */
const oldCiphers = [
  ...[0xc009, 0xc00a, 0xc013, 0xc014, 0xc008, 0xc012, 0xc007, 0xc011],
  ...[0x0033, 0x0039, 0x0016, 0x002f, 0x0035, 0x000a, 0x0005, 0x0004],
];

/** By weakness. RFC 9325, section 4.1, forbids all of them except those without authentication. */
const weakCiphers: Readonly<Record<string, readonly number[]>> = {
  'no encryption': [0x0001, 0x0002, 0x003b, 0xc001, 0xc006, 0xc00b, 0xc010, 0xc015],
  'no authentication of the server': [
    ...[0x001b, 0x0034, 0x003a, 0x0046, 0x006c, 0x006d, 0x0089, 0x00a6, 0x00a7],
    ...span(0xc017, 0xc019),
  ],
  'export-grade encryption': [0x0003, 0x0006, 0x0008, 0x000b, 0x000e, 0x0011, 0x0014, 0x0017, 0x0019],
  DES: [0x0009, 0x000c, 0x000f, 0x0012, 0x0015, 0x001a],
  RC4: [0x0004, 0x0005, 0x0018, 0xc002, 0xc007, 0xc00c, 0xc011, 0xc016],
};

const oldVersionsChange = 'set the minimum version to TLS 1.2';

const oldVersions: Check = {
  id: 'tls-old-versions-refused',
  title: 'MUST NOT negotiate TLS 1.1 or earlier',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-28'],
  impact: 'information-leak',
  why: 'The hashes and ciphers of these versions are broken. An attacker on the network can force a client to use such a version, and read passwords, groups and attributes.',
  fix: [
    { stack: 'any', text: 'Set the minimum version to TLS 1.2.' },
    {
      stack: 'express',
      text: "Create the HTTPS server with minVersion: 'TLSv1.2', and without @SECLEVEL=0 in ciphers.",
    },
    { stack: 'go', text: 'Set tls.Config.MinVersion to tls.VersionTLS12.' },
    { stack: 'spring', text: 'Set server.ssl.enabled-protocols=TLSv1.2,TLSv1.3.' },
    { stack: 'aspnet', text: 'Set SslProtocols to Tls12 | Tls13.' },
    { stack: 'nginx', text: 'Set ssl_protocols to TLSv1.2 TLSv1.3.' },
  ],
  needs: ['https'],
  async run(context) {
    // A server that supports TLS 1.1 or earlier chooses the latest of these versions that it supports.
    const shown = '-tls1_1 -cipher "ALL:COMPLEMENTOFALL:@SECLEVEL=0"';
    const choice = await context.greet({ version: 0x0302, ciphers: oldCiphers, shown });
    assertConforms(choice === null || choice.version > 0x0302, {
      asked: 'a connection with TLS 1.1 or earlier',
      expected: 'a refused connection',
      seen: `the server negotiated ${versionNames[choice?.version ?? 0] ?? 'an old version'}`,
      change: oldVersionsChange,
    });
  },
};

const weakChange = "remove NULL, anonymous, export, DES and RC4 ciphers from the server's cipher list";

const weak: Check = {
  id: 'tls-weak-ciphers-refused',
  title: 'MUST NOT negotiate ciphers that are broken, or that lack encryption or authentication',
  ruleSet: 'standards',
  level: 'MUST',
  clauses: ['S-29'],
  impact: 'information-leak',
  why: 'With such a cipher, an attacker on the network can read passwords, groups and attributes. The attacker can also respond in place of the endpoint.',
  fix: [
    {
      stack: 'any',
      text: 'Remove NULL, anonymous, export, DES and RC4 ciphers from the cipher list. The defaults of current libraries contain none of them.',
    },
    { stack: 'nginx', text: 'Do not set ssl_ciphers, or set it to HIGH:!aNULL:!eNULL.' },
  ],
  needs: ['https'],
  async run(context) {
    const shown = '-tls1_2 -cipher "eNULL:aNULL:EXPORT:DES:RC4:@SECLEVEL=0"';
    const choice = await context.greet({ version: 0x0303, ciphers: Object.values(weakCiphers).flat(), shown });
    const found = Object.entries(weakCiphers).find(([, ciphers]) => choice && ciphers.includes(choice.cipher));
    assertConforms(choice === null, {
      asked: 'a connection with weak ciphers only',
      expected: 'a refused connection',
      seen: `the server negotiated ${found ? `a cipher with ${found[0]}` : 'a cipher that was not offered'}`,
      change: weakChange,
    });
  },
};

/** RSA, DHE, ECDHE, and static Diffie-Hellman. */
const tripleDesCiphers = [0x000a, 0x0016, 0x0013, 0xc008, 0xc012, 0x000d, 0x0010, 0xc003, 0xc00d];

const tripleDesChange = 'remove 3DES from the cipher list of the server';
const tripleDes: Check = {
  id: 'tls-3des-refused',
  title: 'SHOULD NOT negotiate 3DES',
  ruleSet: 'standards',
  level: 'SHOULD',
  clauses: ['S-30'],
  impact: 'information-leak',
  why: 'The blocks of 3DES have 64 bits: an attacker who records enough of one connection can decrypt parts of it (Sweet32). The effective key length is 112 bits.',
  fix: [
    { stack: 'any', text: toSentence(tripleDesChange) },
    { stack: 'go', text: 'Do not set tls.Config.CipherSuites, and do not set tls3des in GODEBUG.' },
    { stack: 'spring', text: 'Add 3DES_EDE_CBC to jdk.tls.disabledAlgorithms in java.security.' },
    { stack: 'nginx', text: 'Do not set ssl_ciphers, or set it to HIGH:!aNULL:!3DES.' },
  ],
  needs: ['https'],
  async run(context) {
    const shown = '-tls1_2 -cipher "3DES:@SECLEVEL=0"';
    const choice = await context.greet({ version: 0x0303, ciphers: tripleDesCiphers, shown });
    assertConforms(choice === null, {
      asked: 'a connection with 3DES ciphers only',
      expected: 'a refused connection',
      seen:
        choice && tripleDesCiphers.includes(choice.cipher)
          ? 'the server negotiated 3DES'
          : 'the server negotiated a cipher that was not offered',
      change: tripleDesChange,
    });
  },
};

/** Ciphers that servers with TLS 1.2 usually support: ECDHE, DHE and plain RSA, with AES. */
const usualCiphers = [
  ...[0xc02b, 0xc02c, 0xc02f, 0xc030, 0xc023, 0xc024, 0xc027, 0xc028, 0xc009, 0xc00a, 0xc013, 0xc014],
  ...[0x009e, 0x009f, 0x0033, 0x0039, 0x009c, 0x009d, 0x003c, 0x003d, 0x002f, 0x0035],
];

const deflate = 1;
const compressionChange = 'disable TLS compression; HTTP compression is not affected';
const compression: Check = {
  id: 'tls-compression-refused',
  title: 'SHOULD NOT use TLS compression',
  ruleSet: 'standards',
  level: 'SHOULD',
  clauses: ['S-31'],
  impact: 'information-leak',
  why: 'The length of compressed data reveals its content. An attacker who can choose the requested user names can recover the password that is sent in the same request (CRIME).',
  fix: [
    { stack: 'any', text: toSentence(compressionChange) },
    { stack: 'nginx', text: 'Update nginx and OpenSSL: current versions disable TLS compression.' },
  ],
  needs: ['https'],
  async run(context) {
    const shown = '-tls1_2 -comp';
    const choice = await context.greet({ version: 0x0303, ciphers: usualCiphers, compressions: [deflate], shown });
    assertConforms(choice === null || choice.compression === 0, {
      asked: 'a connection that offers TLS compression',
      expected: 'a connection without compression, or a refused connection',
      seen: 'the server chose compression',
      change: compressionChange,
    });
  },
};

const newVersion: Check = {
  id: 'tls-1-3-offered',
  title: 'SHOULD support TLS 1.3',
  ruleSet: 'standards',
  level: 'SHOULD',
  clauses: ['S-32'],
  impact: 'information-leak',
  why: 'TLS 1.3 has no insecure options, and encrypts the client certificate during the handshake.',
  fix: [
    { stack: 'any', text: 'Enable TLS 1.3. All maintained libraries support it.' },
    { stack: 'nginx', text: 'Set ssl_protocols to TLSv1.2 TLSv1.3.' },
  ],
  needs: ['https', 'control'],
  async run(context) {
    if (tls.DEFAULT_MAX_VERSION !== 'TLSv1.3')
      throw new Untestable('Node.js was started without TLS 1.3. Remove --tls-max-v1.2 from its options.');
    const answer = await context.askOnce({ userids: [context.knownUser] });
    assertConforms(answer.tls?.protocol === 'TLSv1.3', {
      asked: 'a known user, with TLS 1.2 or 1.3',
      expected: 'TLS 1.3',
      seen: `the server chose ${answer.tls?.protocol}`,
      change: 'enable TLS 1.3',
      answers: [answer],
    });
  },
};

const forwardSecrecy: Check = {
  id: 'tls-forward-secrecy',
  title: 'SHOULD choose a cipher with forward secrecy for TLS 1.2',
  ruleSet: 'standards',
  level: 'SHOULD',
  clauses: ['S-33'],
  impact: 'information-leak',
  why: 'Without forward secrecy, an attacker who obtains the private key of the server can decrypt all recorded traffic, including passwords.',
  fix: [
    { stack: 'any', text: 'Prefer ciphers that begin with ECDHE or DHE, and let the server choose.' },
    { stack: 'nginx', text: 'Set ssl_ciphers to a list that begins with ECDHE ciphers.' },
  ],
  needs: ['https', 'control'],
  async run(context) {
    const plain = await context.askOnce({ userids: [context.knownUser] });
    const isTls12 = plain.tls?.protocol === 'TLSv1.2';
    const answer = isTls12
      ? plain
      : await askOrClosed(context, { userids: [context.knownUser], tls: { maxVersion: 'TLSv1.2' } });
    // TLS 1.2 is rejected, and TLS 1.3 always has forward secrecy.
    if (!answer) return;
    assertConforms(/^(?:ECDHE|DHE)-/.test(answer.tls?.cipher ?? ''), {
      asked: 'a known user, with TLS 1.2',
      expected: 'a cipher with ECDHE or DHE',
      seen: 'a cipher without forward secrecy',
      change: 'prefer ciphers that begin with ECDHE or DHE, and let the server choose',
      answers: [answer],
    });
  },
};

export const tlsTopic: Topic = {
  title: 'TLS',
  checks: [oldVersions, weak, tripleDes, compression, newVersion, forwardSecrecy, ...serverCertificateChecks],
};
