// Command `user-info simulate impersonation`: who may impersonate whom on the data platforms, and the statements for it.
import type { Command } from 'commander';
import { makeVisible, makeVisibleLine } from '../../schemas/printable-text.ts';
import type { Simulator } from '../../simulator/open-simulator.ts';
import { type DataPlatformId, dataPlatforms } from '../../simulator/platforms/data-platforms.ts';
import { type Allowed, evaluateImpersonation, listRights } from '../../simulator/platforms/impersonation.ts';
import {
  impersonationPlatforms,
  type Statement,
  writeGrant,
} from '../../simulator/platforms/impersonation-statements.ts';
import { writeQueryAudit } from '../../simulator/platforms/query-audit.ts';
import { canBeQuoted } from '../../simulator/platforms/sql-text.ts';
import { CommandFailure, exitCodes, invalidUsage, withoutFaults } from '../exit-codes.ts';
import { compileSchema, readSchemaFile } from '../schema-file.ts';
import { printJson, printResult, renderTable } from '../text-table.ts';
import { toDataPlatform } from './simulate-external-ids.ts';
import {
  changeSimulator,
  iamOption,
  type StoreFlags,
  useSimulator,
  withActorOption,
  withStoreOptions,
} from './simulator-command.ts';

interface StartFlags extends StoreFlags {
  readonly iam: string;
  readonly targetIam?: string;
  readonly query: string;
}

interface RightsFlags extends StoreFlags {
  readonly iam: string;
}

/** Adds `impersonation`. */
export function addImpersonationCommand(simulate: Command): void {
  const impersonation = simulate
    .command('impersonation')
    .description('Impersonation on data platforms: integrations, permissions, start, grant, revoke.')
    .addHelpText(
      'after',
      `
Examples:
  integrations.yaml states what is enabled in the integrations, and who may impersonate others in the data platform itself:
    redshift: { enableImpersonation: true, members: [ada] }
    databricks: { allowedImpersonationUsers: [reporting@example.com] }
  $ user-info simulate impersonation integrations --settings integrations.yaml
  $ user-info simulate impersonation rights ada@example.com
  $ user-info simulate impersonation start redshift ada@example.com bob@example.com

Data platforms with impersonation: ${impersonationPlatforms.join(', ')}. If the impersonation is refused, start prints the reason and exits with 1.
`,
    );
  withActorOption(impersonation.command('integrations'))
    .description('Show the integrations of the data platforms, or replace them.')
    .option('--settings <file>', 'new settings, YAML or JSON (schemas/integration-settings.schema.json)')
    .action((flags: StoreFlags & { readonly settings?: string }) => {
      const { settings: file } = flags;
      if (file === undefined) return useSimulator(flags, ({ integrations }) => printJson(integrations.get()));
      const validate = compileSchema('integration-settings.schema.json');
      const { value } = withoutFaults((faults) => readSchemaFile('--settings', file, validate, faults));
      return changeSimulator(
        flags,
        { changed: 'Replaced the integrations.', unchanged: 'these integrations are already set.' },
        ({ integrations }, by) => integrations.set(value, by),
      );
    });
  withStoreOptions(impersonation.command('rights'))
    .description('Show on which data platforms a user may impersonate others, and why.')
    .argument('<userid>', 'user name; for Databricks, the user does not have to exist in the platform')
    .addOption(iamOption('impersonating user'))
    .action((userid: string, flags: RightsFlags) =>
      useSimulator(flags, (simulator) => {
        const rights = listRights(simulator, { iam: flags.iam, userid });
        printResult(flags, rights, () => renderRights(rights));
      }),
    );
  withStoreOptions(impersonation.command('start'))
    .description(
      'Show whether one user may impersonate another, and the statements that start and end the impersonation.',
    )
    .argument('<platform>', '', toDataPlatform)
    .argument('<userid>', 'impersonating user; for Databricks, the user name on Databricks is also accepted')
    .argument('<target>', 'the user to impersonate')
    .addOption(iamOption('impersonating user'))
    .option(
      '--target-iam <id>',
      'IAM of the other user (default: the same IAM); no effect on Databricks, which uses the IAM of the integration',
    )
    .option('--query <sql>', 'query of the audit record', 'SELECT 1')
    .action(startImpersonation);
  for (const [name, isGiven] of [
    ['grant', true],
    ['revoke', false],
  ] as const) {
    withStoreOptions(impersonation.command(name))
      .description(
        `Print the statement that an administrator of the data platform runs to ${isGiven ? 'grant' : 'revoke'} the permission.`,
      )
      .argument('<platform>', '', toDataPlatform)
      .argument('<user>', 'name of the user on the data platform')
      .action((platform: DataPlatformId, user: string, flags: StoreFlags) =>
        useSimulator(flags, (simulator) => printGrant(simulator, platform, user, isGiven, flags)),
      );
  }
}

export function renderRights(rights: ReturnType<typeof listRights>): string {
  const rows = rights.map((right) => [
    dataPlatforms[right.platform].name,
    right.isAllowed ? 'yes' : 'no',
    right.isAllowed ? right.right : right.message,
  ]);
  return renderTable(['data platform', 'allowed', 'permission or reason'], rows, '');
}

function startImpersonation(
  platform: DataPlatformId,
  userid: string,
  target: string,
  { iam, targetIam = iam, query, ...flags }: StartFlags,
): Promise<void> {
  return useSimulator(flags, (simulator) => {
    const evaluated = evaluateImpersonation(simulator, platform, { iam, userid }, { iam: targetIam, userid: target });
    if (!evaluated.isAllowed) {
      if (!flags.json) throw new CommandFailure(exitCodes.negative, makeVisibleLine(`Refused: ${evaluated.message}`));
      printJson(evaluated);
      process.exitCode = exitCodes.negative;
      return;
    }
    const audit = writeQueryAudit(evaluated, query, simulator.now());
    const toText = () => `${describeAllowed(evaluated, userid, target)}${describeAudit(audit)}`;
    printResult(flags, { ...evaluated, audit }, toText);
  });
}

function describeAllowed({ right, start, end, show, notes }: Allowed, userid: string, target: string): string {
  const part = (title: string, statements: readonly Statement[]) =>
    statements.length === 0
      ? []
      : [`${title}:`, ...statements.map(({ where, text }) => `  ${wherePrefix(where)}${text}`)];
  const lines = [
    `${userid} may impersonate ${target} (${right}).`,
    ...part('Start', start),
    ...part('Show', show),
    ...part('End', end),
    ...notes,
  ];
  return `${lines.map(makeVisibleLine).join('\n')}\n`;
}

const wherePrefix = (where: Statement['where']) => (where === 'jdbc-property' ? 'JDBC: ' : '');

function describeAudit({ record, isGuess }: ReturnType<typeof writeQueryAudit>): string {
  const title = isGuess ? 'The audit record of a query (assumed)' : 'The audit record of a query';
  return makeVisible(`${title}:\n  ${JSON.stringify(record)}\n`);
}

function printGrant(
  { integrations }: Simulator,
  platform: DataPlatformId,
  user: string,
  isGiven: boolean,
  flags: StoreFlags,
): void {
  const known = impersonationPlatforms.find((id) => id === platform);
  const { name } = dataPlatforms[platform];
  if (known === undefined) throw new CommandFailure(exitCodes.negative, `${name} does not support impersonation.`);
  if (!canBeQuoted(user)) {
    throw invalidUsage('The name contains control characters, so no statement is safe.');
  }
  const grant = writeGrant(known, user, isGiven, integrations.get());
  if (grant === null) {
    const instead =
      known === 'trino' ? 'by the permission IMPERSONATE_USER' : "by the cluster's list of Spark environment variables";
    throw new CommandFailure(
      exitCodes.negative,
      `${name} has no statement for impersonation; it is configured ${instead}.`,
    );
  }
  printResult(flags, grant, () => makeVisible(`As ${grant.as}:\n  ${grant.statement.text}\n`));
}
