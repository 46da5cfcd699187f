// Owns the rule that settings which come over the network name no file and no variable of this machine that they did not name before.
import { ApiError } from './api-error.ts';

type Options = Readonly<Record<string, unknown>>;

/** A part of the settings that refers to what is on this machine. */
interface ReferringPart {
  readonly name: 'externalUserInfo' | 'userList';
  /** Whose value names a file or a variable; a point leads into an option. */
  readonly references: readonly string[];
  /** The option with the server to which what they name is sent. */
  readonly server: string;
}

const parts: readonly ReferringPart[] = [
  {
    name: 'externalUserInfo',
    references: [
      ...['authentication.passwordEnv', 'authentication.passwordFile'],
      ...['sslKeyFile', 'sslCertFile', 'sslCaFile'],
    ],
    server: 'uri',
  },
  { name: 'userList', references: ['file', 'bindPasswordEnv', 'bindPasswordFile', 'caFile'], server: 'url' },
];

/**
 * Otherwise whoever has an API key could have any file of this machine sent to any server, as a password. Nor may what is named go to
 * another server than before.
 *
 * @param stored the settings of the IAM as they are. @throws {ApiError} 409.
 */
export function assertKnownReferences(stored: unknown, given: unknown): void {
  for (const part of parts)
    assertKnown(part, toOptions(toOptions(stored)[part.name]), toOptions(toOptions(given)[part.name]));
}

function assertKnown({ name, references, server }: ReferringPart, before: Options, after: Options): void {
  const known = findReferences(references, before);
  const named = findReferences(references, after);
  for (const [option, reference] of named) {
    if (known.get(option) === reference) continue;
    throw new ApiError(
      409,
      `${name}.${option} names a file or variable of this machine: set it with \`user-info simulate iam set\`.`,
    );
  }
  if (named.size > 0 && findServer(before[server]) !== findServer(after[server])) {
    throw new ApiError(
      409,
      `These credentials are for another server than ${name}.${server}: change both with \`user-info simulate iam set\`.`,
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
