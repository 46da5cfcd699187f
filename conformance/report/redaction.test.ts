// Tests that no secret leaves the process: every field that an endpoint controls, every encoding, every report format, with and without --show-data.
import { inspect } from 'node:util';
import { expect } from 'chai';
import { issueCertificate } from '../../certs/issue-certificate.ts';
import { daysFromNow, issueCertificateAuthority } from '../../certs/issue-certificates.ts';
import type { EndpointOptions, Reply } from '../faults/conformant-endpoint.ts';
import { createCredentials } from '../http/credentials.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { createTranscript } from '../http/transcript.ts';
import { Nonconformity } from '../nonconformity.ts';
import { type ConformanceOptions, type ConformanceReport, renderReport, reportFormats } from '../run-conformance.ts';
import { canaries, login, runAgainst } from '../testing/fixture.ts';
import { sampleReport } from '../testing/sample-report.ts';
import { findSecretForms, secretEncodings } from '../testing/secret-encodings.ts';
import { renderConsoleReport } from './console-report.ts';
import { createRedact, redactReport, withheld } from './redaction.ts';
import { holdsSecret } from './secret-search.ts';

const { password } = login;
const encodings = Object.entries(secretEncodings);

/** Returns all outputs derived from a report, as one text. */
function renderAll(report: ConformanceReport): string {
  const files = reportFormats.map((format) => renderReport(report, format));
  return [...files, renderConsoleReport(report, { isColored: true, columns: 80 })].join('\n');
}

describe('the search for secrets', () => {
  for (const [name, encode] of encodings) {
    it(`finds a secret in ${name}, and finds nothing in another text of the same form`, () => {
      expect(holdsSecret(`{"groups":[{"name":"${encode(password)}"}]}`, [password])).to.equal(true);
      expect(holdsSecret(`{"groups":[{"name":"${encode('another-text-of-a-similar-length')}"}]}`, [password])).to.equal(
        false,
      );
    });
  }

  it('finds a secret in the bytes of UTF-16, also with letters beyond Latin-1', () => {
    for (const secret of [password, 'пароль-длинный']) {
      expect(holdsSecret(Buffer.from(`{"a":"${secret}"}`, 'utf16le'), [secret])).to.equal(true);
      expect(holdsSecret(Buffer.from(`{"a":"${secret}"}`, 'utf16le').swap16(), [secret])).to.equal(true);
    }
  });

  it('finds a secret with fullwidth letters, with spaces, and with invisible characters', () => {
    const wide = [...'secret-word'].map((letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)).join('');
    for (const text of [wide, 's e c r e t - w o r d', 's\u200becret-\u00adword']) {
      expect(holdsSecret(text, ['secret-word'])).to.equal(true);
    }
  });
});

describe('the redaction of a text', () => {
  const redact = createRedact(
    new Map([
      ['long-password', 'PASSWORD'],
      ['p4', 'PASSPHRASE'],
      ['', 'NONE'],
    ]),
  );

  it('replaces a secret, and keeps the other text', () => {
    expect(redact('no long-password here')).to.equal('no $PASSWORD here');
    expect(redact('{"groups":[]}')).to.equal('{"groups":[]}');
  });

  it('withholds a text with a short secret, or with an encoded secret beside a plain one', () => {
    expect(redact('x p4 y')).to.equal(withheld);
    expect(redact(`long-password ${Buffer.from('long-password').toString('hex')}`)).to.equal(withheld);
  });

  it('withholds what a check wrote into a report, and ignores a secret that occurs in the words of the kit', () => {
    const [check] = sampleReport.checks;
    if (!check) throw new Error('The sample has no check.');
    const evidence = [{ request: 'curl', expected: 'x', answered: 'long-password' }];
    const checks = [{ ...check, message: `Seen: ${Buffer.from('long-password').toString('base64')}`, evidence }];
    const secrets = new Map([['long-password', 'PASSWORD']]);
    const redacted = redactReport({ ...sampleReport, checks, leftOut: ['long-password'] }, secrets, 'own words');
    expect(redacted.checks[0]?.message).to.equal(withheld);
    expect(redacted.checks[0]?.evidence[0]?.answered).to.equal('$PASSWORD');
    expect(redacted.leftOut).to.deep.equal(['$PASSWORD']);
    const own = redactReport({ ...sampleReport, checks }, secrets, 'own words, long-password among them');
    expect(own.checks).to.deep.equal(checks);
  });
});

describe('the evidence of a response that repeats the password', () => {
  const credentials = createCredentials({ auth: 'basic', ...login });
  const fields: Readonly<Record<string, (encoded: string) => Pick<Answer, 'rawHeaders'> & { body: string }>> = {
    'the media type': (encoded) => ({ rawHeaders: [['Content-Type', `application/${encoded}`]], body: '{}' }),
    'a parameter of the content type': (encoded) => ({
      rawHeaders: [['Content-Type', `application/json; charset=${encoded}`]],
      body: '{}',
    }),
    'a string of the body': (encoded) => ({ rawHeaders: [], body: JSON.stringify({ groups: [{ name: encoded }] }) }),
    'a key of the body': (encoded) => ({ rawHeaders: [], body: JSON.stringify({ [encoded]: 1 }) }),
    'a page': (encoded) => ({ rawHeaders: [['Content-Type', 'text/html']], body: `<p>${encoded}</p>` }),
    'a body after a long beginning': (encoded) => ({ rawHeaders: [], body: `${'x'.repeat(390)} ${encoded}` }),
  };
  for (const [field, write] of Object.entries(fields)) {
    it(`contains it in no encoding, with and without showData: ${field}`, () => {
      for (const showData of [false, true]) {
        for (const [name, encode] of encodings) {
          const { rawHeaders, body } = write(encode(password));
          const transcript = createTranscript({
            endpoint: { url: new URL('http://127.0.0.1:8080/user-info'), timeoutMs: 1 },
            ...{ showData, userids: new Map(), secrets: new Map([[password, 'PASSWORD']]) },
          });
          const bytes = Buffer.from(body);
          transcript.record(
            { method: 'GET', userids: ['ada'], credentials: credentials.right },
            {
              ...{ status: 200, rawHeaders, body: bytes, wireBody: bytes, isChunked: false, isTruncated: false },
              ...{ surplusBytes: null, firstByteMs: 1, totalMs: 1, httpVersion: '1.1', parserFault: null, tls: null },
              header: (wanted) => rawHeaders.find(([each]) => each.toLowerCase() === wanted)?.[1] ?? null,
            },
          );
          const evidence = JSON.stringify(transcript.cut('x'));
          expect(findSecretForms(evidence, password), `${name}, showData ${showData}`).to.deep.equal([]);
        }
      }
    });
  }
});

/** Makes every response repeat the password in the fields that `change` sets, each response in another encoding. */
function repeatPassword(
  change: (reply: Reply, encoded: string) => Partial<Reply>,
): NonNullable<EndpointOptions['alter']> {
  let answers = 0;
  return () => ({
    finish(reply) {
      const [, encode] = encodings[answers++ % encodings.length] ?? [];
      return { ...reply, ...change(reply, encode?.(password) ?? password) };
    },
  });
}

const headersOf = (encoded: string) => ({
  ...{ Server: encoded, Location: `/${encoded}`, Link: `</${encoded}>; rel="next"`, 'Set-Cookie': `a=${encoded}` },
  ...{ 'WWW-Authenticate': `Basic realm="${encoded}"`, Allow: encoded, 'Cache-Control': encoded, ETag: `"${encoded}"` },
  ...{ 'Retry-After': encoded, 'X-Cache': encoded, 'X-Powered-By': `${encoded}/1.2`, Vary: encoded, Via: encoded },
});

/**
 * Removes separators, which header names, media types and host names must not contain. There, a response repeats only the rest of the encoded text.
 */
const asToken = (encoded: string) => encoded.replace(/[^\w-]/g, '') || 'x';

const hostile: Readonly<Record<string, { change: (reply: Reply, encoded: string) => Partial<Reply>; isHttps?: true }>> =
  {
    'every header': { change: (reply, encoded) => ({ headers: { ...reply.headers, ...headersOf(encoded) } }) },
    'the content type and the body': {
      change: (reply, encoded) => ({
        headers: { ...reply.headers, 'Content-Type': `application/${asToken(encoded)}; charset=${asToken(encoded)}` },
        body: JSON.stringify({
          groups: [{ name: encoded }],
          authorizations: { [encoded]: [encoded] },
          [encoded]: encoded,
        }),
      }),
    },
    'a page with the words of a database': {
      change: (reply, encoded) => ({
        status: reply.status === 200 ? 200 : 500,
        headers: { 'Content-Type': 'text/html' },
        body: `<p>SQLSTATE ${encoded} at /srv/${encoded}</p>`,
      }),
    },
    'a redirect': {
      change: (reply, encoded) => ({
        ...(reply.status === 200 ? {} : { status: 302 }),
        headers: { ...reply.headers, Location: `https://${asToken(encoded)}.example.test/${encoded}` },
      }),
    },
    'reason, header names and trailers': {
      change: ({ status, body }, encoded) => ({
        wire: `HTTP/1.1 ${status} ${encoded}\r\nX-${asToken(encoded)}: 1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n${Buffer.byteLength(body).toString(16)};x="${encoded}"\r\n${body}\r\n0\r\nX-T: ${encoded}\r\n\r\n`,
      }),
    },
    'a status line that is not HTTP': {
      change: (reply, encoded) => (reply.status === 200 ? {} : { wire: `${encoded} HTTP/1.1 200\r\n\r\n` }),
    },
  };

describe('the reports on an endpoint that repeats the password', function () {
  this.timeout(120_000);
  const shown: Partial<ConformanceOptions> = { intrusive: false, hook: undefined, timeoutMs: 2000 };
  for (const [field, { change }] of Object.entries(hostile)) {
    for (const showData of [false, true]) {
      it(`contain it in no encoding ${showData ? 'with' : 'without'} showData: ${field}`, async () => {
        const report = await runAgainst({ auth: 'basic', alter: repeatPassword(change) }, { ...shown, showData });
        expect(report.checks, 'the endpoint is tested').not.to.have.length(0);
        expect(findSecretForms(renderAll(report), password)).to.deep.equal([]);
      });
    }
  }

  it('do not contain the password in any encoding when it is in the certificate', async () => {
    const ca = await issueCertificateAuthority('ec');
    const names = { dns: [password.replace(/[^a-z-]/g, ''), 'localhost'], ip: ['127.0.0.1'], email: [] };
    const request = { ...daysFromNow(-1, 1), use: 'server', keyType: 'ec', commonName: password } as const;
    const server = await issueCertificate({ ...request, alternativeNames: names }, ca);
    const tls = { cert: server.certificate, key: server.key, ca: ca.certificate };
    for (const trusted of [ca.certificate, (await issueCertificateAuthority('ec')).certificate]) {
      const report = await runAgainst({ auth: 'basic', tls }, { ...shown, ca: trusted, showData: true });
      expect(findSecretForms(renderAll(report), password)).to.deep.equal([]);
    }
  });
});

describe('the reports on an endpoint that repeats user ids in its content type', () => {
  it('contain no user id without showData', async () => {
    const alter = () => ({
      finish: (reply: Reply) => ({ ...reply, headers: { ...reply.headers, 'Content-Type': 'application/canary-ada' } }),
    });
    const output = renderAll(await runAgainst({ auth: 'basic', alter }, { intrusive: false, hook: undefined }));
    expect(output).to.include('an uncommon content type');
    expect(canaries.filter((canary) => output.includes(canary))).to.deep.equal([]);
  });
});

describe('the error of a failed check', () => {
  it('shows no response to a test runner that prints the properties and the cause of an error', async () => {
    const body = Buffer.from(password);
    const answer = { body, rawHeaders: [['X', password]] } as unknown as Answer;
    const error = new Nonconformity({ asked: 'a', expected: 'b', seen: 'c', change: 'd', answers: [answer] });
    expect(error.finding.answers).to.deep.equal([answer]);
    expect(inspect(error, { depth: 10, showHidden: true }))
      .not.to.include(password)
      .and.not.to.include('Buffer');
    expect(JSON.stringify(error)).not.to.include(password);
    expect(Object.keys(error)).not.to.include('finding');
  });
});
