// Passwords and PEM files in a request for an IAM: validated, stored in files next to the store, and referenced in the settings.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { SecretFiles } from '../secret-files.ts';
import { loadIamSettings } from '../sync/iam-settings.ts';
import { ApiError } from './api-error.ts';
import { assertKnownReferences } from './credential-references.ts';
import { applyMergePatch } from './merge-patch.ts';
import { nestOption, readOption, type SecretName, secretNames, secretOptions } from './secret-options.ts';

export type GivenSecrets = Readonly<Partial<Record<SecretName, string>>>;

type Settings = Readonly<Record<string, unknown>>;

/**
 * Writes the secrets to files, and returns the settings with references to them. Leaves no files behind if it throws.
 *
 * @param stored the current settings of the IAM. @throws {ApiError} 400 for an invalid PEM text, 409 for a reference that is not allowed. @throws
 * {SyncError} for invalid settings.
 */
export function withSecrets(
  files: SecretFiles,
  iam: string,
  stored: Settings,
  given: Settings,
  secrets: GivenSecrets,
): Settings {
  assertPem(secrets);
  const names = secretNames.filter((name) => secrets[name] !== undefined);
  // A replaced secret is not sent to another server.
  const own = withoutReplaced(given, names);
  assertKnownReferences(stored, own);
  try {
    const settings = withReferences(files, iam, own, secrets, names);
    if (Object.keys(settings).length > 0) loadIamSettings(settings);
    return settings;
  } catch (error) {
    files.deleteUnused(iam, stored);
    throw error;
  }
}

function withoutReplaced(settings: Settings, names: readonly SecretName[]): Settings {
  const paths = names.flatMap((name) => {
    const { section, options } = secretOptions[name];
    return options.map((option) => `${section}.${option}`);
  });
  return paths
    .filter((path) => readOption(settings, path) !== undefined)
    .reduce((changed, path) => applyMergePatch(changed, nestOption(path, null)) as Settings, settings);
}

function withReferences(
  files: SecretFiles,
  iam: string,
  settings: Settings,
  secrets: GivenSecrets,
  names: readonly SecretName[],
): Settings {
  return names.reduce((changed, name) => {
    const { section, options } = secretOptions[name];
    const [option] = options;
    const file = files.keep(iam, option.split('.').at(-1) ?? option, secrets[name] ?? '');
    return applyMergePatch(changed, nestOption(`${section}.${option}`, file)) as Settings;
  }, settings);
}

/** Validates PEM texts. @throws {ApiError} 400 for text that is not PEM, an encrypted key, or a key that does not belong to the certificate. */
function assertPem({ sslKey, sslCert, sslCa, ldapCa }: GivenSecrets): void {
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
  for (const [title, ca] of [
    ['SSL CA file', sslCa],
    ['CA file of the user list', ldapCa],
  ]) {
    if (ca !== undefined) read(`The ${title} is not a certificate in PEM format.`, () => new X509Certificate(ca));
  }
  if (key !== null && cert !== null && !cert.checkPrivateKey(key)) {
    throw new ApiError(400, 'The SSL key file does not match the SSL cert file. Choose the key of this certificate.');
  }
}
