// Settings of an IAM as used by a sync: defaults, validation, referenced files and secrets.
import { resolve } from 'node:path';
import { loadValidator } from '../../schemas/compile-schema.ts';
import { describeOptionErrors } from '../../schemas/describe-option-error.ts';
import type { ExternalUserInfo, LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import { readReferencedFile, readSecret } from './referenced-texts.ts';
import { SyncError } from './sync-error.ts';
import { parseSchedule, type Schedule } from './sync-schedule.ts';
import { findUserListFaults } from './user-list-settings.ts';

const validate = loadValidator<LoadedIamSettings>('iam-settings');

/** Credentials for requests to the endpoint: PEM texts and a header. Never stored or printed. */
export interface ClientCredentials {
  readonly basicHeader: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly ca: string | null;
}

/** Returns the settings with all defaults. @throws {SyncError} `settings`, with all errors at once. */
export function loadIamSettings(stored: unknown): LoadedIamSettings {
  const settings = structuredClone(stored);
  if (!validate(settings)) throw new SyncError('settings', describeOptionErrors(validate.errors));
  const faults = [
    ...findCombinationFaults(settings.externalUserInfo),
    ...(settings.userList === undefined ? [] : findUserListFaults(settings.userList)),
    ...findScheduleFaults(settings),
  ];
  if (faults.length > 0) throw new SyncError('settings', faults.join('\n'));
  return settings;
}

/** Returns when all users are synchronized; null: only manually. */
export function scheduleOf({ sync, guesses }: LoadedIamSettings): Schedule | null {
  return sync.cronRule === undefined ? null : parseSchedule(sync.cronRule, guesses.scheduleTimeZone);
}

function findScheduleFaults(settings: LoadedIamSettings): string[] {
  try {
    scheduleOf(settings);
    return [];
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    return [`sync.cronRule: ${error.message}`];
  }
}

/** Returns the same settings, with paths resolved from `directory`. Values that are not settings remain unchanged. */
export function resolveSettingsFiles(
  settings: Readonly<Record<string, unknown>>,
  directory: string,
): Readonly<Record<string, unknown>> {
  const { externalUserInfo: endpoint, userList } = settings as Partial<Record<string, unknown>>;
  const { authentication } = (isObject(endpoint) ? endpoint : {}) as { readonly authentication?: unknown };
  return {
    ...settings,
    ...(isObject(endpoint) && {
      externalUserInfo: {
        ...resolveFiles(endpoint, ['sslKeyFile', 'sslCertFile', 'sslCaFile'], directory),
        ...(isObject(authentication) && { authentication: resolveFiles(authentication, ['passwordFile'], directory) }),
      },
    }),
    ...(isObject(userList) && { userList: resolveFiles(userList, ['file', 'bindPasswordFile', 'caFile'], directory) }),
  };
}

function resolveFiles(options: object, names: readonly string[], directory: string): object {
  const files = Object.entries(options).flatMap(([name, file]) =>
    names.includes(name) && typeof file === 'string' ? [[name, resolve(directory, file)] as const] : [],
  );
  return { ...options, ...Object.fromEntries(files) };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function findCombinationFaults(endpoint: ExternalUserInfo): string[] {
  const faults: string[] = [];
  if (!/^https?:\/\/[^\s#@]+$/.test(endpoint.uri) || !URL.canParse(endpoint.uri)) {
    return ['externalUserInfo.uri must be a URL that begins with https:// or http://, without spaces, @ and #.'];
  }
  const isHttps = endpoint.uri.startsWith('https:');
  if (new URL(endpoint.uri).searchParams.has('userid')) {
    faults.push(
      'externalUserInfo.uri already contains a userid. Remove this parameter; the simulator adds it for each user.',
    );
  }
  if (isHttps !== endpoint.useSSL) {
    faults.push(`externalUserInfo.useSSL must be ${isHttps} with this uri.`);
  }
  if (endpoint.useAuth) {
    const { username = '', passwordEnv, passwordFile } = endpoint.authentication ?? {};
    if (!endpoint.authentication) faults.push('externalUserInfo.useAuth needs authentication.');
    else if ((passwordEnv === undefined) === (passwordFile === undefined)) {
      faults.push('externalUserInfo.authentication requires either passwordEnv or passwordFile.');
    }
    if (username.includes(':')) faults.push('externalUserInfo.authentication.username must not contain a colon.');
  }
  if (endpoint.sslRequestCert) {
    for (const option of ['sslKeyFile', 'sslCertFile', 'sslCaFile'] as const) {
      if (endpoint[option] === undefined) faults.push(`externalUserInfo.sslRequestCert needs ${option}.`);
    }
    if (!isHttps) faults.push('externalUserInfo.sslRequestCert requires an https URI.');
  }
  return faults;
}

/** Reads the referenced files and secrets. @throws {SyncError} `settings`, with all errors at once. */
export function readClientCredentials(endpoint: ExternalUserInfo): ClientCredentials {
  const faults: string[] = [];
  const read = (option: 'sslKeyFile' | 'sslCertFile' | 'sslCaFile') => {
    const file = endpoint[option];
    return file === undefined ? null : readReferencedFile(file, `externalUserInfo.${option}`, faults);
  };
  const credentials = {
    basicHeader: endpoint.useAuth ? readBasicHeader(endpoint, faults) : null,
    cert: endpoint.sslRequestCert ? read('sslCertFile') : null,
    key: endpoint.sslRequestCert ? read('sslKeyFile') : null,
    ca: read('sslCaFile'),
  };
  if (faults.length > 0) throw new SyncError('settings', faults.join('\n'));
  return credentials;
}

function readBasicHeader({ authentication }: ExternalUserInfo, faults: string[]): string | null {
  const { username, passwordEnv, passwordFile } = authentication ?? {};
  const secret = { env: passwordEnv, file: passwordFile };
  const password = readSecret(secret, 'externalUserInfo.authentication.passwordFile', faults);
  return password === null ? null : `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
