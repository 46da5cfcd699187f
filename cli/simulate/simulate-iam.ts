// Command `user-info simulate iam`: IAMs, their settings, and the permissions of their users and groups.
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { findClosestWord, suggest } from '../../schemas/closest-word.ts';
import { findExpired } from '../../schemas/fact-validity.ts';
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import type { PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import { makeVisible, makeVisibleLine } from '../../schemas/printable-text.ts';
import type { Iam } from '../../simulator/identities/identity-store.ts';
import { permit } from '../../simulator/identities/permissions.ts';
import { toSettings } from '../../simulator/learn/platform-profile.ts';
import { quoteShellWord } from '../../simulator/platforms/shell-word.ts';
import { loadIamSettings, resolveSettingsFiles, scheduleOf } from '../../simulator/sync/iam-settings.ts';
import { SyncError } from '../../simulator/sync/sync-error.ts';
import { testConnection } from '../../simulator/sync/test-connection.ts';
import { exitCodes, invalidUsage, withoutFaults } from '../exit-codes.ts';
import { collect } from '../repeatable-options.ts';
import { compileSchema, readPlatformProfile, readSchemaFile } from '../schema-file.ts';
import { printJson, printText } from '../text-table.ts';
import {
  changeSimulator,
  printTable,
  type StoreFlags,
  useSimulator,
  warn,
  withActorOption,
  withStoreOptions,
} from './simulator-command.ts';
import { isLdapUrl, readListOfSettings, type UserListFlags, withUserListOptions } from './user-list.ts';

/** Settings as written in the file, without defaults, so that the defaults of a later version apply. */
type WrittenSettings = Readonly<Record<string, unknown>> & Pick<LoadedIamSettings, 'externalUserInfo'>;

interface CreateFlags extends StoreFlags {
  readonly name?: string;
  readonly type: string;
  readonly settings?: string;
  readonly profile?: string;
}

interface KeptListFlags extends UserListFlags {
  readonly bindPasswordEnv?: string;
}

/** The protocols that the platform documents for an IAM. */
const iamTypes = ['ldap', 'openid-connect', 'saml'] as const;

/** Adds `iam`. */
export function addIamCommand(simulate: Command): void {
  const iam = simulate
    .command('iam')
    .description(
      'IAMs: list, show, create, rename, settings of the endpoint, user list, sync schedule, test, permissions, delete.',
    )
    .addHelpText(
      'after',
      `
Examples:
  okta.yaml, with paths relative to its directory:
    externalUserInfo:
      uri: https://users.example.com/user-info
      useAuth: true
      authentication: { username: immuta, passwordEnv: USER_INFO_PASSWORD }
      useSSL: true
      sslRequestCert: true
      sslKeyFile: client-key.pem
      sslCertFile: client.pem
      sslCaFile: ca.pem
    guesses:
      onNotFound: disable
  $ user-info simulate iam create okta --type openid-connect --settings okta.yaml
  $ user-info simulate iam show okta
  $ user-info simulate iam schedule okta '0 */1 * * *' --time-zone Europe/Zurich
  $ user-info simulate iam user-list okta 'ldaps://ldap.example.com/ou=people,dc=example,dc=com?uid' \\
      --bind-dn cn=reader,dc=example,dc=com --bind-password-file ldap-password
  $ user-info simulate iam permit okta --group stewards --permission GOVERNANCE
`,
    );
  withStoreOptions(iam.command('list'))
    .description('List all IAMs; bim is the built-in IAM.')
    .action((flags: StoreFlags) =>
      useSimulator(flags, ({ identities }) => {
        const head = ['iam', 'name', 'type', 'endpoint', 'users from', 'sync schedule'];
        printTable(flags, identities.iams.list(), head, toRow, '');
      }),
    );
  withStoreOptions(iam.command('show <iam>'))
    .description('Show an IAM with every setting, including defaults and assumptions.')
    .action((id: string, flags: StoreFlags) =>
      useSimulator(flags, ({ identities }) => {
        const found = identities.iams.get(id);
        const hasSettings = Object.keys(found.settings).length > 0;
        printJson(hasSettings ? { ...found, settings: loadIamSettings(found.settings) } : found);
      }),
    );
  withActorOption(iam.command('create'))
    .description('Create an IAM.')
    .argument('<iam>', 'its id')
    .requiredOption('--type <type>', `protocol: ${iamTypes.join(', ')}`)
    .option('--name <text>', 'display name (default: the id)')
    .option('--settings <file>', 'settings of the endpoint, YAML or JSON')
    .option(
      '--profile <file>',
      'platform profile of `user-info learn`: its facts replace defaults of `guesses`, and reports mark them as measured; --settings takes precedence',
    )
    .action((id: string, flags: CreateFlags) => {
      const settings = flags.settings === undefined ? {} : readSettings(flags.settings, flags.profile);
      if (flags.profile !== undefined && flags.settings === undefined) {
        throw invalidUsage('--profile requires --settings.');
      }
      if (!(iamTypes as readonly string[]).includes(flags.type)) {
        const guess = suggest(findClosestWord(flags.type, iamTypes));
        warn(`unknown IAM type ${flags.type}${guess || '.'} Documented: ${iamTypes.join(', ')}.`);
      }
      const next =
        flags.settings === undefined
          ? `Set its endpoint: user-info simulate iam set ${quoteShellWord(id)} --settings FILE`
          : `Test it: user-info simulate iam test ${quoteShellWord(id)}`;
      return changeSimulator(flags, { changed: `Created IAM ${id}.`, unchanged: null, next }, ({ identities }, by) =>
        identities.iams.create({ id, name: flags.name ?? id, type: flags.type, settings }, by),
      );
    });
  withActorOption(iam.command('set <iam>'))
    .description('Replace the settings of the endpoint.')
    .requiredOption('--settings <file>', 'YAML or JSON')
    .action((id: string, flags: StoreFlags & { readonly settings: string }) => {
      const settings = readSettings(flags.settings);
      return changeSimulator(
        flags,
        { changed: `Replaced the settings of ${id}.`, unchanged: `${id} already has these settings.` },
        ({ identities, secretFiles }, by) => {
          const changed = identities.iams.setSettings(id, settings, by);
          secretFiles.deleteUnused(id, settings);
          return changed;
        },
      );
    });
  withActorOption(iam.command('rename <iam>'))
    .description('Change the display name of an IAM. Its id does not change.')
    .argument('<name>', 'the display name')
    .action((id: string, name: string, flags: StoreFlags) =>
      changeSimulator(
        flags,
        { changed: `Renamed ${id} to ${name}.`, unchanged: `${id} already has this display name.` },
        ({ identities }, by) => identities.iams.rename(id, name, by),
      ),
    );
  withActorOption(iam.command('schedule <iam>'))
    .description('Set the sync schedule of `simulate serve`. Other settings do not change.')
    .argument('<rule>', 'cron rule, e.g. "0 */1 * * *"; off: only manual syncs')
    .option('--time-zone <name>', 'time zone of the rule, e.g. Europe/Zurich (default: unchanged)')
    .action((id: string, rule: string, flags: StoreFlags & { readonly timeZone?: string }) =>
      changeSimulator(
        flags,
        {
          changed: ({ settings }: Iam) => describeNext(id, settings),
          unchanged: `${id} already has this schedule.`,
        },
        ({ identities }, by) => {
          const settings = withSchedule(identities.iams.get(id).settings, rule, flags.timeZone);
          loadIamSettings(settings);
          return identities.iams.setSettings(id, settings, by);
        },
      ),
    );
  withUserListOptions(withActorOption(iam.command('user-list <iam>')))
    .description('Set the user list of a sync. Other settings remain.')
    .argument('<list>', 'CSV, LDIF or an LDAP URL; off: the users in the store')
    .option('--bind-password-env <variable>', 'environment variable with the password, instead of a file')
    .action((id: string, list: string, flags: StoreFlags & KeptListFlags) =>
      changeSimulator(
        flags,
        {
          changed: ({ settings }: Iam) => {
            const { userList } = loadIamSettings(settings);
            return `Set the user list of ${id}: ${userList?.url ?? userList?.file ?? 'the users in the store'}.`;
          },
          unchanged: `${id} already has this user list.`,
        },
        ({ identities }, by) => {
          const settings = withUserList(identities.iams.get(id).settings, list, flags);
          loadIamSettings(settings);
          return identities.iams.setSettings(id, settings, by);
        },
      ),
    );
  withStoreOptions(iam.command('test <iam>'))
    .description(
      '"Test connection": request a nonexistent user from the endpoint, and read the user list. For "Test user login" see login --dry-run.',
    )
    .action((id: string, flags: StoreFlags) =>
      useSimulator(flags, async ({ identities }) => {
        const { settings } = identities.iams.get(id);
        const tested = await testConnection(settings, new AbortController().signal);
        if (!flags.json) printText(`${makeVisibleLine(tested.message)} The request took ${tested.elapsedMs} ms.\n`);
        if (!tested.isOk) process.exitCode = tested.status === null ? exitCodes.unreachable : exitCodes.negative;
        const list = await readListOfSettings(loadIamSettings(settings)).catch((error) => {
          // If the list cannot be read, the endpoint's result, which is already known, is printed before the error.
          if (flags.json) printJson({ ...tested, userList: null });
          throw error;
        });
        const listed = list === null ? null : { name: list.name, users: list.users.length };
        if (flags.json) printJson({ ...tested, userList: listed });
        else printText(describeList(listed));
      }),
    );
  withActorOption(iam.command('permit <iam>'))
    .description(
      'Set the permissions of all users of an IAM, or of the members of one of its groups. The previous permissions are replaced.',
    )
    .option('--group <name>', 'name of the group (default: all users)')
    .option('--permission <name>', 'permission to set; repeatable (default: no permission)', collect, [])
    .action((id: string, flags: StoreFlags & { readonly group?: string; readonly permission: readonly string[] }) =>
      changeSimulator(
        flags,
        { changed: `Replaced the permissions of ${id}.`, unchanged: `${id} already has these permissions.` },
        ({ identities }, by) => permit(identities, id, flags.group ?? null, flags.permission, by),
      ),
    );
  withActorOption(iam.command('delete <iam>'))
    .description('Delete an IAM that has no users and no groups.')
    .requiredOption('--confirm', "confirm the deletion, as in the platform's dialog")
    .action((id: string, flags: StoreFlags) =>
      changeSimulator(flags, { changed: `Deleted IAM ${id}.`, unchanged: null }, ({ identities, secretFiles }, by) => {
        identities.iams.delete(id, by);
        secretFiles.deleteUnused(id, null);
        return null;
      }),
    );
}

/** Returns the settings with this schedule; `off` removes it. */
function withSchedule(settings: Iam['settings'], rule: string, timeZone: string | undefined): Iam['settings'] {
  const { sync = {}, guesses = {} } = settings as Partial<LoadedIamSettings>;
  const { cronRule: _, ...others } = sync as LoadedIamSettings['sync'];
  return {
    ...settings,
    sync: rule === 'off' ? others : { ...others, cronRule: rule },
    ...(timeZone !== undefined && { guesses: { ...guesses, scheduleTimeZone: timeZone } }),
  };
}

function describeNext(iam: string, settings: Iam['settings']): string {
  const schedule = scheduleOf(loadIamSettings(settings));
  if (schedule === null) return `Removed the sync schedule of ${iam}. The IAM is now synchronized only manually.`;
  const nextMs = schedule.nextAfter(Date.now());
  if (nextMs === null) return `Set the sync schedule of ${iam}. It has no future time, so no sync will start.`;
  return `Set the sync schedule of ${iam}. Next sync: ${new Date(nextMs).toISOString()}, while \`simulate serve\` runs.`;
}

/** Returns the settings with this list; `off` removes it. The path is absolute, so that later commands find the file from any directory. */
function withUserList(settings: Iam['settings'], list: string, flags: KeptListFlags): Iam['settings'] {
  const { userList: _, ...others } = settings as Partial<LoadedIamSettings>;
  if (list === 'off') return others;
  const { useridColumn, ignoreColumns, bindDn, bindPasswordEnv, bindPasswordFile, ldapCa: caFile } = flags;
  const named = isLdapUrl(list) ? { url: list } : { file: list };
  const account = { bindDn, bindPasswordEnv, bindPasswordFile, caFile };
  const given = Object.entries(account).filter(([, value]) => value !== undefined);
  const ignored = ignoreColumns.length === 0 ? {} : { ignoreColumns };
  const userList = { ...named, useridColumn, ...ignored, ...Object.fromEntries(given) };
  return resolveSettingsFiles({ ...others, userList }, process.cwd());
}

function describeList(list: { readonly name: string; readonly users: number } | null): string {
  return list === null
    ? ''
    : `${makeVisibleLine(`The user list was read completely: ${list.users} users of ${list.name}.`)}\n`;
}

function toRow({ id, name, type, settings }: Iam): string[] {
  const { externalUserInfo, userList, sync } = settings as Partial<LoadedIamSettings>;
  return [
    ...[id, name, type, externalUserInfo?.uri ?? ''],
    ...[userList?.url ?? userList?.file ?? 'store', sync?.cronRule ?? ''],
  ];
}

/**
 * Returns the settings as written in the file, with paths resolved from the file's directory. @throws {CommandFailure} with exit code 2 and all
 * errors.
 */
export function readSettings(file: string, profile?: string): Iam['settings'] {
  const validate = compileSchema<WrittenSettings>('iam-settings.schema.json');
  const { value } = withoutFaults((faults) => readSchemaFile('--settings', file, validate, faults));
  const own = resolveSettingsFiles(value, dirname(file));
  const settings = profile === undefined ? own : withProfile(own, readProfile(profile));
  assertTogether(settings);
  return settings;
}

/** @throws {CommandFailure} with exit code 2 and all errors. */
function readProfile(file: string): PlatformProfile {
  const profile = withoutFaults((faults) => readPlatformProfile('--profile', file, faults));
  const { facts, date } = profile;
  const expired = findExpired({ facts, date }, new Date());
  if (expired.length > 0) {
    warn(
      `--profile: ${expired.join(', ')} in ${file} expired. The values are used, and reported as expired. Measure them again with \`user-info learn\`.`,
    );
  }
  return profile;
}

/** Adds the facts of a profile and their origin. The IAM's own guesses take precedence. */
function withProfile(own: Iam['settings'], profile: PlatformProfile): Iam['settings'] {
  const { guesses, platformProfile } = toSettings(profile);
  return { ...own, guesses: { ...guesses, ...(own.guesses as object) }, platformProfile };
}

/** Reports invalid combinations of options now, instead of at the first sync. @throws {CommandFailure} 2. */
function assertTogether(settings: Iam['settings']): void {
  try {
    loadIamSettings(settings);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    throw invalidUsage(makeVisible(error.message), { cause: error });
  }
}
