// Command `user-info simulate external-ids`: users' names on the data platforms.
import { type Command, Option } from 'commander';
import { findClosestWord, suggest } from '../../schemas/closest-word.ts';
import { makeVisible } from '../../schemas/printable-text.ts';
import {
  type AwsUserType,
  awsUserTypes,
  type DataPlatformId,
  dataPlatformIds,
  dataPlatforms,
} from '../../simulator/platforms/data-platforms.ts';
import type { ExternalId, ExternalIdChoice, ExternalIdGap } from '../../simulator/platforms/external-ids.ts';
import {
  type ExternalIdReport,
  guessedCase,
  resolveExternalIds,
} from '../../simulator/platforms/resolve-external-ids.ts';
import { exitCodes, invalidUsage } from '../exit-codes.ts';
import { printResult, renderTable } from '../text-table.ts';
import {
  changeSimulator,
  iamOption,
  type StoreFlags,
  useSimulator,
  withActorOption,
  withStoreOptions,
} from './simulator-command.ts';

interface SetFlags extends StoreFlags {
  readonly iam: string;
  readonly id?: string;
  readonly type?: AwsUserType;
  readonly none?: boolean;
  readonly unset?: boolean;
}

interface ResolveFlags extends StoreFlags {
  readonly ignoreCase?: boolean;
  readonly disabled?: boolean;
}

const gapTexts: Readonly<Record<ExternalIdGap, string>> = {
  'attribute-missing': 'the mapped attribute is missing: the user name is used',
  'several-values': 'the mapped attribute has several values: no account',
  'no-identity-center-id': 'no User ID of IAM Identity Center: no account',
};

/** Adds `external-ids`. */
export function addExternalIdsCommand(simulate: Command): void {
  const externalIds = simulate
    .command('external-ids')
    .description('User names on data platforms: show, set, resolve all.')
    .addHelpText(
      'after',
      `
Examples:
  $ user-info simulate external-ids set ada@example.com snowflake --id ADA
  $ user-info simulate external-ids set ada@example.com aws --id data-readers --type iam-role
  $ user-info simulate external-ids show ada@example.com
  $ user-info simulate external-ids resolve snowflake

Data platforms: ${dataPlatformIds.join(', ')}.
If no name is set, the user name is used. profileSchema in the settings of the IAM maps attributes of the identity provider to names. Mapped names
cannot be set by hand. resolve exits with 1 if users share an account, or if an account is uncertain.
`,
    );
  withStoreOptions(externalIds.command('show <userid>'))
    .description("Show a user's names on the data platforms, with their origins.")
    .addOption(iamOption('user'))
    .action((userid: string, flags: StoreFlags & { readonly iam: string }) =>
      useSimulator(flags, (simulator) => {
        const ids = simulator.externalIds.of({ iam: flags.iam, userid });
        printResult(flags, ids, () => renderExternalIds(ids));
      }),
    );
  withActorOption(externalIds.command('set <userid>'))
    .description('Set the name of a user on a data platform by hand.')
    .argument('<platform>', '', toDataPlatform)
    .option('--id <name>', 'name on the data platform')
    .addOption(new Option('--type <type>', 'kind of AWS name').choices(awsUserTypes))
    .option('--none', 'the user has no account there')
    .option('--unset', 'the user name is used')
    .addOption(iamOption('user'))
    .action((userid: string, platform: DataPlatformId, flags: SetFlags) => {
      const choice = toChoice(flags);
      const { name } = dataPlatforms[platform];
      return changeSimulator(
        flags,
        {
          changed: ({ id }: ExternalId) => `Set the user name of ${userid} on ${name}: ${id ?? 'no account'}.`,
          unchanged: `${userid} already has this user name on ${name}.`,
        },
        ({ externalIds: ids }, by) => ids.set({ iam: flags.iam, userid }, platform, choice, by),
      );
    });
  withStoreOptions(externalIds.command('resolve'))
    .description('Resolve all users on a data platform, and list shared and missing accounts.')
    .argument('<platform>', '', toDataPlatform)
    .option(
      '--ignore-case',
      'if letter case is undocumented, treat names that differ only in letter case as one account',
    )
    .option('--disabled', 'include disabled users')
    .action((platform: DataPlatformId, flags: ResolveFlags) =>
      useSimulator(flags, (simulator) => {
        const report = resolveExternalIds(simulator.externalIds, platform, {
          undocumentedCase: flags.ignoreCase ? 'ignored' : guessedCase,
          includeDisabled: flags.disabled === true,
        });
        printResult(flags, report, () => describeReport(report));
        if (report.collisions.length + report.gaps.length > 0) process.exitCode = exitCodes.negative;
      }),
    );
}

/** @throws {CommandFailure} with exit code 2. */
export function toDataPlatform(text: string): DataPlatformId {
  const found = dataPlatformIds.find((id) => id === text);
  if (found) return found;
  const guess = suggest(findClosestWord(text, dataPlatformIds));
  throw invalidUsage(
    makeVisible(
      `Unknown data platform ${text}${guess === '' ? `. Known data platforms: ${dataPlatformIds.join(', ')}.` : guess}`,
    ),
  );
}

function toChoice({ id, type, none, unset }: SetFlags): ExternalIdChoice {
  const given = [id !== undefined, none === true, unset === true].filter(Boolean);
  if (given.length !== 1) throw invalidUsage('Specify exactly one of --id, --none and --unset.');
  if (id === undefined && type !== undefined) throw invalidUsage('--type needs --id.');
  if (id !== undefined) return { kind: 'mapped', id, awsType: type ?? null };
  return none ? { kind: 'none' } : { kind: 'unset' };
}

/** Renders one row per data platform. */
export function renderExternalIds(ids: readonly ExternalId[]): string {
  const rows = ids.map(({ platform, id, awsType, attribute, source, gap }) => [
    dataPlatforms[platform].name,
    id ?? '(no account)',
    awsType ?? '',
    attribute === null ? source : `profile schema: ${attribute}`,
    gap === null ? '' : gapTexts[gap],
  ]);
  return renderTable(['data platform', 'user name', 'type', 'by', ''], rows, '');
}

function describeReport(report: ExternalIdReport): string {
  const { platform, users, mapped, userName, withoutAccount, collisions, gaps, guesses } = report;
  const shared = collisions.map(({ id, awsType, users: owners }) => [
    id,
    awsType ?? '',
    owners.map(({ userid, iam }) => `${userid} (${iam})`).join(', '),
  ]);
  const uncertain = gaps.map(({ user, gap }) => [user.userid, user.iam, gapTexts[gap]]);
  return [
    `${dataPlatforms[platform].name}: ${users} users; ${mapped} mapped, ${userName} by user name, ${withoutAccount} without an account.\n`,
    `\n${renderTable(['shared account', 'type', 'users'], shared, 'No account is shared.')}`,
    `\n${renderTable(['user', 'iam', 'gap'], uncertain, 'No gaps.')}`,
    guesses.letterCase === undefined
      ? ''
      : `\nAssumed, because undocumented: letter case ${guesses.letterCase} (--ignore-case).\n`,
  ].join('');
}
