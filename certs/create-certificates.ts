// Directory of development certificates: its files and their purposes.
import { join } from 'node:path';
import { CertificateError } from './certificate-error.ts';
import {
  type BadCertificateName,
  type BadCertificates,
  badCertificateFaults,
  issueBadCertificates,
} from './issue-bad-certificates.ts';
import type { IssuedCertificate } from './issue-certificate.ts';
import {
  type DevelopmentCertificates,
  defaultClientEmail,
  type IssueOptions,
  issueCertificates,
} from './issue-certificates.ts';
import { assertFilesAreNew, exists, type PemFile, writePemFiles } from './write-pem-files.ts';

/** Options of `createCertificates`; all of them are optional. */
export interface CreateOptions extends IssueOptions {
  /** Also creates `bad/`: certificates that must be rejected, and CRLs. Default: false. */
  readonly bad?: boolean;
  /** Replaces existing files. Default: false. */
  readonly force?: boolean;
}

/** A written file. */
interface CreatedFile {
  readonly path: string;
  /** Human-readable description. */
  readonly content: string;
}

/** The written files, and the settings that use them. Paths begin with the given directory. */
export interface CreatedCertificates {
  readonly files: readonly CreatedFile[];
  /** The three uploads of the platform's settings page ("Require SSL Request Cert"). */
  readonly platformSettings: { readonly key: string; readonly certificate: string; readonly ca: string };
  /** The values of `listener.tls` in the server's configuration. */
  readonly listenerTls: { readonly certificate: string; readonly key: string; readonly clientCa: readonly string[] };
  /** An entry of `authentication.clientCertificate.allow` that accepts the client certificate. */
  readonly allow: { readonly email: string };
}

type DescribedFile = PemFile & CreatedFile;

const badDirectory = 'bad';
const badNames = Object.keys(badCertificateFaults) as BadCertificateName[];

/**
 * Creates a development CA, a server certificate and a client certificate in `directory`: ca.pem, ca-key.pem, server.pem, server-key.pem, client.pem,
 * client-key.pem. With `bad`, also creates `bad/NAME.pem` and `bad/NAME-key.pem` for each `BadCertificateName`, `bad/other-ca.pem`, `bad/crl.pem` and
 * `bad/empty-crl.pem`. Files get mode 0600, new directories 0700.
 *
 * @throws {CertificateError} if an option is invalid, a file already exists (without `force`) or `bad/` exists (without `bad`). In these cases, no
 * file is written. Also throws it if a file cannot be written.
 */
export async function createCertificates(directory: string, options: CreateOptions = {}): Promise<CreatedCertificates> {
  const { bad = false, force = false } = options;
  const good = await issueCertificates(options);
  const files = goodFiles(directory, good);
  if (bad) files.push(...badFiles(directory, await issueBadCertificates(good.ca, options)));
  if (!force) await assertFilesAreNew(files.map(({ path }) => path));
  if (!bad) await assertNoBadDirectory(directory);
  await writePemFiles(files, force);
  const at = (name: string) => join(directory, name);
  return {
    files: files.map(({ path, content }) => ({ path, content })),
    platformSettings: { key: at('client-key.pem'), certificate: at('client.pem'), ca: at('ca.pem') },
    listenerTls: { certificate: at('server.pem'), key: at('server-key.pem'), clientCa: [at('ca.pem')] },
    allow: { email: options.clientEmail ?? defaultClientEmail },
  };
}

function goodFiles(directory: string, { ca, server, client }: DevelopmentCertificates): DescribedFile[] {
  return [
    { path: join(directory, 'ca.pem'), text: ca.certificate, content: 'the CA that the server and the client trust' },
    {
      path: join(directory, 'ca-key.pem'),
      text: ca.key,
      content: "the CA's private key: it can issue more certificates",
    },
    ...pair(directory, 'server', server, 'the server certificate'),
    ...pair(directory, 'client', client, 'the client certificate'),
  ];
}

function badFiles(directory: string, bad: BadCertificates): DescribedFile[] {
  const directoryPath = join(directory, badDirectory);
  return [
    ...badNames.flatMap((name) => pair(directoryPath, name, bad.certificates[name], badCertificateFaults[name])),
    { path: join(directoryPath, 'other-ca.pem'), text: bad.otherCa, content: 'the CA of other-ca-client.pem' },
    {
      path: join(directoryPath, 'crl.pem'),
      text: bad.revocationList,
      content: "the CA's CRL that revokes revoked-client.pem",
    },
    {
      path: join(directoryPath, 'empty-crl.pem'),
      text: bad.emptyRevocationList,
      content: "the CA's CRL that revokes no certificate",
    },
  ];
}

function pair(directoryPath: string, name: string, issued: IssuedCertificate, content: string): DescribedFile[] {
  return [
    { path: join(directoryPath, `${name}.pem`), text: issued.certificate, content },
    { path: join(directoryPath, `${name}-key.pem`), text: issued.key, content: `the private key of ${name}.pem` },
  ];
}

/** Throws if there are bad certificates of a replaced CA: endpoints would reject them for the wrong reason, so tests would be meaningless. */
async function assertNoBadDirectory(directory: string): Promise<void> {
  const directoryPath = join(directory, badDirectory);
  if (await exists(directoryPath)) {
    throw new CertificateError(
      `${directoryPath} exists and may contain certificates of the CA that would be replaced, so nothing was written. ` +
        'Add --bad to replace them too, or remove that directory first.',
    );
  }
}
