// Rules for settings in requests: they must not name new files or variables, and must not send a stored secret to another server.
import { ApiError } from './api-error.ts';
import { readOption, type SecretName, secretNames, secretOptions } from './secret-options.ts';

/** The option, in each section, that names the server to which the section's secrets are sent. */
const servers = { externalUserInfo: 'uri', userList: 'url' } as const;

/** Options that name a file that is not a secret for a server. */
const otherReferences = ['userList.file'];

interface Reference {
  readonly path: string;
  readonly section: keyof typeof servers;
  /** Name in messages. */
  readonly title: string;
}

const secretReferences: readonly Reference[] = secretNames.flatMap((name) => {
  const { section, options } = secretOptions[name];
  return options.map((option) => ({ path: `${section}.${option}`, section, title: titleOf(name) }));
});

/**
 * Rejects settings with which the holder of an API key could read a file on this machine or obtain a stored secret. These are references to files and
 * variables that the stored settings do not name, and a stored secret whose server changes. For another server, the secret must be entered again. The
 * verification of server certificates cannot be turned off either.
 *
 * @param stored the current settings of the IAM. @throws {ApiError} 409 with a line for each option.
 */
export function assertKnownReferences(stored: unknown, given: unknown): void {
  const paths = [...secretReferences.map(({ path }) => path), ...otherReferences];
  const unknown = paths.filter((path) => {
    const value = readOption(given, path);
    return value !== undefined && value !== readOption(stored, path);
  });
  refuse(
    unknown.map(
      (path) =>
        `${path} cannot be set through the API, because it names a file or environment variable on the machine of the simulator. Set it there with \`user-info simulate iam set\`.`,
    ),
  );
  const serverOf = (settings: unknown, section: keyof typeof servers) =>
    findServer(readOption(settings, `${section}.${servers[section]}`));
  const moved = secretReferences.filter(
    ({ path, section }) =>
      readOption(given, path) !== undefined && serverOf(stored, section) !== serverOf(given, section),
  );
  refuse(
    moved.map(({ path, section, title }) => {
      const [before, after] = [serverOf(stored, section), serverOf(given, section)];
      return `${path}: the stored ${title} was given for ${before ?? 'another server'}. Specify it again for ${after ?? 'the new server'}.`;
    }),
  );
  const isVerified = (settings: unknown) => readOption(settings, 'guesses.verifyServerCertificate') !== false;
  if (isVerified(stored) && !isVerified(given)) {
    refuse([
      'guesses.verifyServerCertificate: false would send the credentials to any server. Set it on the command line with `user-info simulate iam set`.',
    ]);
  }
}

function refuse(lines: readonly string[]): void {
  if (lines.length > 0) throw new ApiError(409, lines.join('\n'));
}

function titleOf(name: SecretName): string {
  return name === 'password' || name === 'bindPassword' ? 'password' : 'file';
}

/** Returns scheme, host and port; null if the text is not a URL. `origin` of an LDAP URL is "null". */
function findServer(url: unknown): string | null {
  if (typeof url !== 'string' || !URL.canParse(url)) return null;
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
