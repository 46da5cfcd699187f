// Command `user-info lookup`: looks up a user in the configured source without a server, and with --explain shows where each part comes from.
import type { Command } from 'commander';
import { bufferOf } from '../../schemas/encoded-user-info.ts';
import type { LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import { escapeOrdersInJson, makeVisibleLine } from '../../schemas/printable-text.ts';
import { type AdapterLog, SourceError, type UserOrigins } from '../../server/adapters/user-source.ts';
import { encodeUserInfo } from '../../server/answer.ts';
import { createGuardedSource, withoutCaches } from '../../server/guards/create-guarded-source.ts';
import { GuardTallies } from '../../server/guards/guard-tally.ts';
import { applyUseridRules } from '../../server/userid-rules.ts';
import { CommandFailure, exitCodes, invalidUsage } from '../exit-codes.ts';
import { colorsFor } from '../terminal-colors.ts';
import { loadConfigOrFail } from './load-config-or-fail.ts';

interface LookupFlags {
  readonly config: string;
  readonly explain: boolean;
  readonly json: boolean;
}

export function addLookupCommand(program: Command): void {
  program
    .command('lookup')
    .description("Look up one user in the configured data source without a server, and print the endpoint's response.")
    .argument('<userid>', 'userid of the user, as the platform sends it')
    .requiredOption('--config <file>', 'configuration, YAML or JSON')
    .option('--explain', 'show where each group and value comes from', false)
    .option('--json', 'print the response body; with --explain, the origins', false)
    .addHelpText(
      'after',
      `
Examples:
  $ user-info lookup ada.lovelace@example.com --config user-info.yaml
  $ user-info lookup ada.lovelace@example.com --config user-info.yaml --explain
  $ user-info lookup ada.lovelace@example.com --config user-info.yaml --json | jq .groups

Exit codes: 0 found, 1 unknown or disabled user, 2 invalid configuration or userid, 3 the lookup in the source failed.
`,
    )
    .action(runLookup);
}

async function runLookup(givenUserid: string, flags: LookupFlags): Promise<void> {
  const config = await loadConfigOrFail(flags.config);
  const outcome = applyUseridRules(givenUserid, config.userid);
  if ('refused' in outcome) {
    throw invalidUsage(`The server would reject this userid: ${outcome.refused}.`);
  }
  try {
    await printUser(config, outcome.userid, flags);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new CommandFailure(exitCodes.unreachable, `The lookup failed. ${error.message}`, { cause: error });
  }
}

async function printUser(config: LoadedServerConfig, userid: string, { explain, json }: LookupFlags): Promise<void> {
  const context = { log: complaintsToStderr, guardTallies: new GuardTallies() };
  // The result must come from the source itself, not from a cache shared with other servers.
  const source = await createGuardedSource(withoutCaches(config), context);
  try {
    const signal = AbortSignal.timeout(config.deadlineMs);
    const user = await source.findUser(userid, signal);
    const origins = explain ? ((await source.explainUser?.(userid, signal)) ?? null) : null;
    if (user === null) {
      if (origins?.absent !== undefined) {
        process.stdout.write(
          json ? `${escapeOrdersInJson(JSON.stringify(origins, null, 2))}\n` : describeAbsence(origins),
        );
      }
      throw new CommandFailure(exitCodes.negative, 'The user is unknown or disabled: the server responds with 404.');
    }
    if (explain && origins === null) {
      throw new SourceError('bad-answer', 'This source cannot explain its results.');
    }
    const body = bufferOf(encodeUserInfo(user)).toString();
    if (json) process.stdout.write(`${escapeOrdersInJson(origins ? JSON.stringify(origins, null, 2) : body)}\n`);
    else process.stdout.write(origins ? describeOrigins(origins) : describeUser(JSON.parse(body) as UserInfo));
  } finally {
    await source.close();
  }
}

function describeUser({ groups, authorizations }: UserInfo): string {
  const attributes = Object.entries(authorizations).map(
    ([name, values]) => `  ${makeVisibleLine(name)}: ${values.map(makeVisibleLine).join(', ') || '(no value)'}`,
  );
  return layOut(
    groups.map(({ name }) => `  ${makeVisibleLine(name)}`),
    attributes,
  );
}

function describeOrigins({ groups, authorizations, asked = [], dropped = [] }: UserOrigins): string {
  const { dim } = colorsFor(process.stdout);
  const names = groups.map(({ name }) => makeVisibleLine(name));
  const values = authorizations.map(({ name, value }) => makeVisibleLine(`${name}: ${value}`));
  const texts = [...names, ...values];
  const width = Math.min(60, Math.max(0, ...texts.map((text) => text.length)));
  const line = (text: string, origin: string) => `  ${text.padEnd(width)}  ${dim(makeVisibleLine(origin))}`;
  const answer = layOut(
    groups.map(({ origin }, index) => line(names[index] ?? '', origin)),
    authorizations.map(({ origin }, index) => line(values[index] ?? '', origin)),
  );
  return [
    answer,
    section(
      'dropped',
      dropped.map(({ found, rule }) => [found, rule] as const),
    ),
    describeAsked(asked),
  ].join('');
}

function describeAbsence({ absent, asked = [] }: UserOrigins): string {
  return `${colorsFor(process.stdout).bold('no such user')}\n  ${makeVisibleLine(absent ?? '')}\n${describeAsked(asked)}`;
}

function describeAsked(asked: NonNullable<UserOrigins['asked']>): string {
  return section(
    'asked',
    asked.map(({ query, outcome }) => [query, outcome] as const),
  );
}

function section(title: string, pairs: ReadonlyArray<readonly [text: string, comment: string]>): string {
  const { bold, dim } = colorsFor(process.stdout);
  if (pairs.length === 0) return '';
  return `${bold(title)}\n${pairs.map(([text, comment]) => `  ${makeVisibleLine(text)}\n    ${dim(makeVisibleLine(comment))}\n`).join('')}`;
}

function layOut(groups: string[], authorizations: string[]): string {
  const { bold, dim } = colorsFor(process.stdout);
  const orNone = (lines: string[]) => (lines.length > 0 ? lines : [dim('  (none)')]);
  return `${[bold('groups'), ...orNone(groups), bold('authorizations'), ...orNone(authorizations)].join('\n')}\n`;
}

const complaintsToStderr: AdapterLog = {
  info: () => undefined,
  warn: (_details, message) => process.stderr.write(`${makeVisibleLine(message)}\n`),
  error: (_details, message) => process.stderr.write(`${makeVisibleLine(message)}\n`),
};
