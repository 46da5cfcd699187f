// Valid and invalid certificates that the tests of a run share, in memory and as files.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BadCertificates, issueBadCertificates } from '../certs/issue-bad-certificates.ts';
import { type DevelopmentCertificates, issueCertificates } from '../certs/issue-certificates.ts';

export interface CertificateFiles {
  readonly good: DevelopmentCertificates;
  readonly bad: BadCertificates;
  /** Content of `listener.tls` in a configuration. */
  readonly listenerTls: { readonly certificate: string; readonly key: string; readonly clientCa: string[] };
  /** The CRL that revokes `revoked-client`. */
  readonly crl: string;
}

let made: Promise<CertificateFiles> | undefined;

/** Returns the same set of files for all tests of a process. The files are removed when the process ends. */
export function certificateFiles(): Promise<CertificateFiles> {
  made ??= makeCertificateFiles();
  return made;
}

async function makeCertificateFiles(): Promise<CertificateFiles> {
  const good = await issueCertificates();
  const bad = await issueBadCertificates(good.ca);
  const directory = scratchDirectory();
  const write = (name: string, text: string) => {
    const file = join(directory, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  return {
    good,
    bad,
    listenerTls: {
      certificate: write('server.pem', good.server.certificate),
      key: write('server-key.pem', good.server.key),
      clientCa: [write('ca.pem', good.ca.certificate)],
    },
    crl: write('crl.pem', bad.revocationList),
  };
}

let root: string | undefined;

/** Creates a directory that is removed when the process ends. */
export function scratchDirectory(): string {
  root ??= makeRoot();
  return mkdtempSync(join(root, 'scratch-'));
}

function makeRoot(): string {
  const directory = mkdtempSync(join(tmpdir(), 'user-info-test-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
