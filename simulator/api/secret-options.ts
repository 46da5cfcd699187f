// The secrets that a request for an IAM may contain, and the options of the settings that refer to them.

interface SecretOption {
  readonly section: 'externalUserInfo' | 'userList';
  /** Paths of the options within the section. The first one refers to the file that the simulator writes. */
  readonly options: readonly [string, ...string[]];
}

export const secretOptions = {
  password: {
    section: 'externalUserInfo',
    options: ['authentication.passwordFile', 'authentication.passwordEnv'],
  },
  sslKey: { section: 'externalUserInfo', options: ['sslKeyFile'] },
  sslCert: { section: 'externalUserInfo', options: ['sslCertFile'] },
  sslCa: { section: 'externalUserInfo', options: ['sslCaFile'] },
  bindPassword: { section: 'userList', options: ['bindPasswordFile', 'bindPasswordEnv'] },
  ldapCa: { section: 'userList', options: ['caFile'] },
} as const satisfies Readonly<Record<string, SecretOption>>;

export type SecretName = keyof typeof secretOptions;

export const secretNames = Object.keys(secretOptions) as readonly SecretName[];

/** Returns the option at a path, e.g. "userList.caFile"; undefined if there is none. */
export function readOption(settings: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (at, name) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined),
      settings,
    );
}

/** Returns an object with one option, e.g. `{ userList: { caFile: value } }`. */
export function nestOption(path: string, value: unknown): object {
  return path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as object;
}
