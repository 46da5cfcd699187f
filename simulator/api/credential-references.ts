// Rules for settings that come over the network: no file or variable that they did not name before, no other server for credentials and user lists.
import { ApiError } from './api-error.ts';

type Options = Readonly<Record<string, unknown>>;

/** A part of the settings that refers to what is on this machine. */
interface ReferringPart {
  readonly name: 'externalUserInfo' | 'userList';
  /** Whose value names a file or a variable; a point leads into an option. */
  readonly references: readonly string[];
  /** The option with the server to which what they name is sent. */
  readonly server: string;
  /** Whether the server may not change even when nothing is sent to it. */
  readonly isServerFixed: boolean;
}

const parts: readonly ReferringPart[] = [
  {
    name: 'externalUserInfo',
    references: [
      ...['authentication.passwordEnv', 'authentication.passwordFile'],
      ...['sslKeyFile', 'sslCertFile', 'sslCaFile'],
    ],
    server: 'uri',
    isServerFixed: false,
  },
  {
    name: 'userList',
    references: ['file', 'bindPasswordEnv', 'bindPasswordFile', 'caFile'],
    server: 'url',
    // Whom it does not list is disabled.
    isServerFixed: true,
  },
];

/**
 * Otherwise whoever has an API key could have any file of this machine sent to any server, as a password. Nor may what is named go to
 * another server than before.
 *
 * @param stored the settings of the IAM as they are. @throws {ApiError} 409.
 */
export function assertKnownReferences(stored: unknown, given: unknown): void {
  const [before, after] = [toOptions(stored), toOptions(given)];
  for (const part of parts) assertKnown(part, toOptions(before[part.name]), toOptions(after[part.name]));
  const isVerified = (settings: Options) => toOptions(settings.guesses).verifyServerCertificate !== false;
  if (isVerified(before) && !isVerified(after)) {
    throw new ApiError(
      409,
      'guesses.verifyServerCertificate: false would send the credentials to any server: set it with `user-info simulate iam set`.',
    );
  }
}

function assertKnown(
  { name, references, server, isServerFixed }: ReferringPart,
  before: Options,
  after: Options,
): void {
  const known = findReferences(references, before);
  const named = findReferences(references, after);
  for (const [option, reference] of named) {
    if (known.get(option) === reference) continue;
    throw new ApiError(
      409,
      `${name}.${option} names a file or variable of this machine: set it with \`user-info simulate iam set\`.`,
    );
  }
  const isOther = findServer(before[server]) !== findServer(after[server]);
  if (isOther && isServerFixed && after[server] !== undefined) {
    throw new ApiError(
      409,
      `${name}.${server} names another server than before: change it with \`user-info simulate iam set\`.`,
    );
  }
  if (isOther && named.size > 0) {
    throw new ApiError(
      409,
      `The stored password and files are for another server than ${name}.${server}. Give them again with the new address, or change both with \`user-info simulate iam set\`.`,
    );
  }
}

function findReferences(names: readonly string[], options: Options): ReadonlyMap<string, unknown> {
  const values = names.map((name) => {
    const value = name.split('.').reduce<unknown>((at, key) => toOptions(at)[key], options);
    return [name, value] as const;
  });
  return new Map(values.filter(([, value]) => value !== undefined));
}

function toOptions(value: unknown): Options {
  return typeof value === 'object' && value !== null ? (value as Options) : {};
}

/** Scheme, host and port. `origin` is nothing for LDAP. */
function findServer(url: unknown): string | null {
  if (typeof url !== 'string' || !URL.canParse(url)) return null;
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
