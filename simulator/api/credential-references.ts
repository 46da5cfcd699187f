// Owns the rule that settings which come over the network name no file and no variable of this machine that they did not name before.
import { ApiError } from './api-error.ts';

interface EndpointSettings {
  readonly uri?: unknown;
  readonly authentication?: { readonly passwordEnv?: unknown; readonly passwordFile?: unknown };
  readonly sslKeyFile?: unknown;
  readonly sslCertFile?: unknown;
  readonly sslCaFile?: unknown;
}

/**
 * Otherwise whoever has an API key could have any file of this machine sent to any server, as a password. Nor may what is named go to
 * another server than before.
 *
 * @param stored the settings of the IAM as they are. @throws {ApiError} 409.
 */
export function assertKnownReferences(stored: unknown, given: unknown): void {
  const before = endpointOf(stored);
  const after = endpointOf(given);
  const references = referencesOf(after);
  const known = referencesOf(before);
  for (const [option, reference] of Object.entries(references)) {
    if (known[option] === reference) continue;
    throw new ApiError(
      409,
      `externalUserInfo.${option} names a file or variable of this machine: set it with \`user-info simulate iam set\`.`,
    );
  }
  if (Object.keys(references).length > 0 && originOf(before) !== originOf(after)) {
    throw new ApiError(
      409,
      'These credentials are for another server than externalUserInfo.uri: change both with `user-info simulate iam set`.',
    );
  }
}

function endpointOf(settings: unknown): EndpointSettings {
  return (settings as { readonly externalUserInfo?: EndpointSettings }).externalUserInfo ?? {};
}

function referencesOf({ authentication, sslKeyFile, sslCertFile, sslCaFile }: EndpointSettings) {
  const { passwordEnv, passwordFile } = authentication ?? {};
  const references: Readonly<Record<string, unknown>> = {
    'authentication.passwordEnv': passwordEnv,
    'authentication.passwordFile': passwordFile,
    sslKeyFile,
    sslCertFile,
    sslCaFile,
  };
  return Object.fromEntries(Object.entries(references).filter(([, reference]) => reference !== undefined));
}

function originOf({ uri }: EndpointSettings): string | null {
  return typeof uri === 'string' && URL.canParse(uri) ? new URL(uri).origin : null;
}
