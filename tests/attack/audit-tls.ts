// TLS audit with testssl.sh (`npm run audit:tls`, two minutes): scans a server with default settings, and writes the findings to a file.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { scratchDirectory } from '../certificate-files.ts';
import { secretReference, startTestServer } from '../test-server.ts';
import { aboveLow, type TlsAudit, type TlsFinding, tlsAuditFile } from './tls-audit.ts';

const run = promisify(execFile);

/** Findings about this machine's OpenSSL, guesses about browsers, and values that differ from run to run: they say nothing about the settings. */
const besideThePoint =
  /^(?:engine_problem|scanTime|clientsimulation.*|cert|cert_(?:serial|finger|not).*|HTTP_clock_skew)$/;

/**
 * Issues a server certificate as a well-maintained CA would. Certificates of `certs create` have no CRL distribution point, which testssl.sh reports;
 * they are for development.
 */
async function issueCertificate(directory: string): Promise<{ ca: string; certificate: string; key: string }> {
  const file = (name: string) => join(directory, name);
  const openssl = (...arguments_: string[]) => run('openssl', arguments_, { cwd: directory });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'ca-key.pem',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=Audit CA',
    '-days',
    '90',
  );
  await openssl('req', ...newKey, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=localhost');
  const extensions = [
    'subjectAltName=DNS:localhost,IP:127.0.0.1',
    'basicConstraints=critical,CA:FALSE',
    'keyUsage=critical,digitalSignature',
    'extendedKeyUsage=serverAuth',
    'crlDistributionPoints=URI:http://localhost/audit.crl',
  ];
  writeFileSync(file('extensions'), extensions.join('\n'));
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial', '-extfile', 'extensions', '-days', '90'];
  await openssl('x509', '-req', '-in', 'request.pem', ...signed, '-out', 'certificate.pem');
  return { ca: file('ca.pem'), certificate: file('certificate.pem'), key: file('key.pem') };
}

const directory = scratchDirectory();
const { ca, certificate, key } = await issueCertificate(directory);
const server = await startTestServer(
  {
    listener: { tls: { certificate, key } },
    authentication: {
      mode: 'basic',
      basic: { credentials: [{ username: 'immuta', password: secretReference('PASSWORD') }] },
    },
  },
  { PASSWORD: 'a password of the audit' },
);
const output = join(directory, 'testssl.json');
const options = ['--quiet', '--color', '0', '--warnings', 'off', '--add-ca', ca, '--jsonfile', output];
await run('testssl', [...options, new URL(server.url).host], { maxBuffer: 2 ** 26 }).catch(({ code }) => {
  if (code === 'ENOENT') throw new Error('testssl is missing: apt-get install -y testssl.sh');
  // The exit code of testssl.sh counts findings of any kind.
});
await server.stop();

const raw = JSON.parse(readFileSync(output, 'utf8')) as TlsFinding[];
const findings = raw
  .filter(({ id }) => !besideThePoint.test(id))
  .map(({ id, severity, finding }) => ({ id, severity, finding }));
const { stdout: version } = await run('testssl', ['--version']);
const audit: TlsAudit = {
  tool: `testssl.sh ${/testssl\s+(\d[\w.]*)/.exec(version)?.[1] ?? ''}`,
  openssl: process.versions.openssl,
  findings,
};
writeFileSync(tlsAuditFile, `${JSON.stringify(audit, null, 2)}\n`);
for (const { id, severity, finding } of findings.filter(({ severity }) => !['OK', 'INFO'].includes(severity))) {
  process.stdout.write(`${severity.padEnd(9)}${id}: ${finding}\n`);
}
process.exitCode = aboveLow(audit).length === 0 ? 0 : 1;
