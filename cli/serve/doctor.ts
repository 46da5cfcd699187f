// Command `user-info doctor`: connects to every data source of a configuration and reports what works and what to fix.
import type { Command } from 'commander';
import { diagnoseSources, type SourceDiagnosis } from '../../server/doctor/diagnose-source.ts';
import type { Finding, Verdict } from '../../server/doctor/probes/finding.ts';
import { applyUseridRules } from '../../server/userid-rules.ts';
import { CommandFailure, exitCodes, invalidUsage } from '../exit-codes.ts';
import { colorsFor } from '../terminal-colors.ts';
import { readConfigOrFail } from './load-config-or-fail.ts';

interface DoctorFlags {
  readonly config: string;
  readonly userid?: string;
  readonly json: boolean;
}

/** A source with all its findings. */
interface Diagnosed extends Pick<SourceDiagnosis, 'place' | 'type'> {
  readonly findings: readonly Finding[];
}

/** Adds `doctor`. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'Connect to every data source of a configuration and check host names, ports, TLS, logins, permissions and clocks.',
    )
    .requiredOption('--config <file>', 'configuration, YAML or JSON')
    .option('--userid <userid>', 'also look up this user; only counts are shown')
    .option('--json', 'print the findings as JSON', false)
    .addHelpText('after', help)
    .action(runDoctor);
}

const help = `
Examples:
  $ user-info doctor --config user-info.yaml
  $ user-info doctor --config user-info.yaml --userid ada.lovelace@example.com
  $ user-info doctor --config user-info.yaml --json | jq '.sources[].findings[] | select(.verdict == "fails")'

The command shows no secrets and no user data. It logs in to each server at most twice, and once more for a merge. After a rejected login, it does not try again.
Exit codes: 0 everything works, 1 everything works except that the user is unknown or disabled, 2 invalid configuration or userid, 3 a problem was found.
`;

async function runDoctor(flags: DoctorFlags): Promise<void> {
  const { config, overrides } = await readConfigOrFail(flags.config);
  const outcome = flags.userid === undefined ? null : applyUseridRules(flags.userid, config.userid);
  if (outcome !== null && 'refused' in outcome) {
    throw invalidUsage(`The server would reject this userid: ${outcome.refused}.`);
  }
  const diagnosed: Diagnosed[] = [];
  for (const { place, type, findings } of diagnoseSources(config, outcome?.userid ?? null, overrides)) {
    const made: Finding[] = [];
    if (!flags.json) process.stdout.write(describePlace(place, type));
    for await (const finding of findings) {
      made.push(finding);
      if (!flags.json) process.stdout.write(describeFinding(finding));
    }
    diagnosed.push({ place, type, findings: made });
  }
  const all = diagnosed.flatMap(({ findings }) => findings);
  const failed = all.filter(({ verdict }) => verdict === 'fails').length;
  if (flags.json) process.stdout.write(`${JSON.stringify({ works: failed === 0, sources: diagnosed }, null, 2)}\n`);
  if (failed > 0)
    throw new CommandFailure(exitCodes.unreachable, `${failed === 1 ? 'One test' : `${failed} tests`} failed.`);
  // The last source includes all others, so its finding about the user corresponds to the response of the endpoint.
  const user = diagnosed.at(-1)?.findings.find(({ subject }) => subject === 'user');
  if (user?.verdict === 'untried') {
    throw new CommandFailure(exitCodes.negative, 'The user is unknown or disabled: the server responds with 404.');
  }
}

const signs: Readonly<Record<Verdict, string>> = { works: '✓', doubtful: '!', fails: '✗', untried: '-' };

function describePlace(place: string, type: string): string {
  const { bold } = colorsFor(process.stdout);
  return `${bold(place)} (${type})\n`;
}

function describeFinding({ subject, verdict, text, cure }: Finding): string {
  const colors = colorsFor(process.stdout);
  const paint = { works: colors.green, doubtful: colors.yellow, fails: colors.red, untried: colors.dim }[verdict];
  const indent = ' '.repeat(15);
  // The errors of a file can span several lines.
  const line = `  ${paint(signs[verdict])} ${subject.padEnd(10)} ${text.replaceAll('\n', `\n${indent}`)}\n`;
  return cure === undefined ? line : `${line}${indent}${colors.dim(`→ ${cure}`)}\n`;
}
