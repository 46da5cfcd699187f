// Passwords and PEM files in a request for an IAM: validated, kept beside the store, and named in the settings.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { SecretFiles } from '../secret-files.ts';
import { loadIamSettings } from '../sync/iam-settings.ts';
import { ApiError } from './api-error.ts';
import { assertKnownReferences } from './credential-references.ts';

export interface GivenSecrets {
  readonly password?: string;
  readonly sslKey?: string;
  readonly sslCert?: string;
  readonly sslCa?: string;
}

type Settings = Readonly<Record<string, unknown>>;

/** The option of `externalUserInfo` that names the file. */
const options = { sslKey: 'sslKeyFile', sslCert: 'sslCertFile', sslCa: 'sslCaFile' } as const;

/**
 * Returns the settings with references to the secrets, whose files exist then. Throws before a file is left behind.
 *
 * @param stored the settings of the IAM as they are. @throws {ApiError} 400 for a PEM text, 409 for a reference. @throws {SyncError} for the settings.
 */
export function withSecrets(
  files: SecretFiles,
  iam: string,
  stored: Settings,
  given: Settings,
  secrets: GivenSecrets,
): Settings {
  assertPem(secrets);
  // What is replaced is not sent to another server.
  const own = withoutReplaced(given, secrets);
  assertKnownReferences(stored, own);
  try {
    const settings = withReferences(files, iam, own, secrets);
    if (Object.keys(settings).length > 0) loadIamSettings(settings);
    return settings;
  } catch (error) {
    files.deleteUnused(iam, stored);
    throw error;
  }
}

function endpointOf(settings: Settings): Settings {
  return (settings.externalUserInfo ?? {}) as Settings;
}

function withoutReplaced(settings: Settings, secrets: GivenSecrets): Settings {
  if (settings.externalUserInfo === undefined) return settings;
  const { authentication, ...endpoint } = { ...endpointOf(settings) } as Record<string, unknown>;
  for (const [name, option] of Object.entries(options)) {
    if (secrets[name as keyof typeof options] !== undefined) delete endpoint[option];
  }
  if (authentication === undefined) return { ...settings, externalUserInfo: endpoint };
  const { passwordFile, passwordEnv, ...account } = authentication as Record<string, unknown>;
  const kept = secrets.password === undefined ? authentication : account;
  return { ...settings, externalUserInfo: { ...endpoint, authentication: kept } };
}

function withReferences(files: SecretFiles, iam: string, settings: Settings, secrets: GivenSecrets): Settings {
  const endpoint: Record<string, unknown> = { ...endpointOf(settings) };
  for (const [name, option] of Object.entries(options)) {
    const text = secrets[name as keyof typeof options];
    if (text !== undefined) endpoint[option] = files.keep(iam, option, text);
  }
  if (secrets.password !== undefined) {
    const account = (endpoint.authentication ?? {}) as Settings;
    endpoint.authentication = { ...account, passwordFile: files.keep(iam, 'passwordFile', secrets.password) };
  }
  return Object.keys(endpoint).length === 0 ? settings : { ...settings, externalUserInfo: endpoint };
}

/** @throws {ApiError} 400 for what is not PEM, an encrypted key, and a key that does not belong to the certificate. */
function assertPem({ sslKey, sslCert, sslCa }: GivenSecrets): void {
  const read = <Value>(what: string, parse: () => Value): Value => {
    try {
      return parse();
    } catch {
      throw new ApiError(400, `${what} Choose another file.`);
    }
  };
  const key =
    sslKey === undefined
      ? null
      : read('The SSL key file is not an unencrypted private key in PEM format.', () => createPrivateKey(sslKey));
  const cert =
    sslCert === undefined
      ? null
      : read('The SSL cert file is not a certificate in PEM format.', () => new X509Certificate(sslCert));
  if (sslCa !== undefined) {
    read('The SSL CA file is not a certificate in PEM format.', () => new X509Certificate(sslCa));
  }
  if (key !== null && cert !== null && !cert.checkPrivateKey(key)) {
    throw new ApiError(
      400,
      'The SSL key file does not belong to the SSL cert file. Choose the key of this certificate.',
    );
  }
}
