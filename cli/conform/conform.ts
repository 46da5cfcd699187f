// Command `user-info conform`: options, the run, its reports and its exit code.
import type { Command } from 'commander';
import { catalogue } from '../../conformance/checks/catalogue.ts';
import { listRequests, type RequestList } from '../../conformance/list-requests.ts';
import { applyBaseline, createBaseline, findOutcome, type RunOutcome } from '../../conformance/report/baseline.ts';
import { renderConsoleReport } from '../../conformance/report/console-report.ts';
import { renderDispute } from '../../conformance/report/dispute-report.ts';
import { withPlatformEffects } from '../../conformance/report/platform-effects.ts';
import { renderJsonReport, renderReport, reportFormats } from '../../conformance/report/report-formats.ts';
import {
  type ConformanceOptions,
  type ConformanceReport,
  runConformance,
  runSelfCheck,
} from '../../conformance/run-conformance.ts';
import { findSelectionFaults } from '../../conformance/select-checks.ts';
import { findExpired } from '../../schemas/fact-validity.ts';
import type { ConformanceBaseline } from '../../schemas/generated/conformance-baseline.ts';
import type { PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import { CommandFailure, exitCodes, invalidUsage } from '../exit-codes.ts';
import { createProgressLine, createProgressLog } from '../progress-line.ts';
import { collect } from '../repeatable-options.ts';
import { readPlatformProfile } from '../schema-file.ts';
import { isColored } from '../terminal-colors.ts';
import { readBaseline, writeBaseline } from './baseline-file.ts';
import { addConformFlags } from './conform-flags.ts';
import { type ConformFlags, readOptions } from './conform-options.ts';
import { mergeSettings } from './conform-settings.ts';
import { findDisputeFault, writeDispute } from './dispute.ts';
import { loadChecks } from './load-checks.ts';
import { findFileFaults, findReportTargets, makeDirectory, writeReports } from './report-targets.ts';

/** Adds `conform`. */
export function addConformCommand(program: Command): void {
  const command = program
    .command('conform')
    .description('Test any user info endpoint against the contract, given its URL.')
    .argument('[url]', 'URL of the endpoint, without a query string');
  addConformFlags(command)
    .option('--config <file>', 'read options from this file, YAML or JSON; command-line flags take precedence')
    .option('--self-check', "first run the same checks against the kit's conformant endpoint")
    .option('--dry-run', 'list the requests without sending them')
    .option(
      '--write-baseline <file>',
      'write a baseline of all violations that fail the run, and keep the reasons of --baseline',
    )
    .option('--json', 'print the report as JSON')
    .option(
      '--dispute <check>',
      'write dispute-CHECK.md, a prefilled report that disputes the finding of this check; repeatable',
      collect,
    )
    .option('--verbose', 'list every check, and all details of warnings (default: one line per topic)')
    .addHelpText('after', help)
    .action(conform);
}

const help = `
Examples:
  Basic credentials, with the password in an environment variable:
    $ user-info conform https://users.example.com/user-info --auth basic \\
        --username platform --password-env USER_INFO_PASSWORD \\
        --known-user ada@example.com --known-user bob@example.com
  Basic credentials and a client certificate, and a server certificate from a private CA:
    $ user-info conform https://users.example.com/user-info --auth both \\
        --username platform --password-file password.txt \\
        --cert client.pem --key client-key.pem --ca ca.pem --known-user ada@example.com
  Options from a file that names the password variable (\`passwordEnv: USER_INFO_PASSWORD\`):
    $ user-info conform --config conform.yaml
  Only some checks, by id or by topic:
    $ user-info conform http://127.0.0.1:8080/user-info --auth none --known-user ada --only an-unknown-user,userid-missing-refused
  Compare with the expected access of users, and test an outage of the data source:
    $ user-info conform http://127.0.0.1:8080/user-info --auth none --known-user ada \\
        --expect expected.yaml --break 'systemctl stop slapd' --restore 'systemctl start slapd'
  JSON for programs:
    $ user-info conform http://127.0.0.1:8080/user-info --auth none --known-user ada --report json=report.json
  Reports for people and for CI in one run:
    $ user-info conform http://127.0.0.1:8080/user-info --auth none --known-user ada \\
        --report html=report.html --report junit=report.xml --report sarif=report.sarif
  Report the effects of the findings on a platform that \`user-info learn\` measured:
    $ user-info conform http://127.0.0.1:8080/user-info --auth none --known-user ada --profile-of-platform platform-profile.yaml
  Accept known failures:
    $ user-info conform http://127.0.0.1:8080/user-info --auth none --known-user ada --write-baseline known.yaml
    $ user-info conform http://127.0.0.1:8080/user-info --auth none --known-user ada --baseline known.yaml

A run sends at most --max-requests small requests, and at most --max-failed-logins of them with wrong credentials for one user name.
It sends no more wrong credentials after a 429, and stops at the first sign of a lockout. --dry-run lists the requests.
Reports contain user ids, groups and values only with --show-data, and never credentials.
Each flag that takes a value can also be set in the environment, and most flags in the --config file. For example, --known-user is USER_INFO_CONFORM_KNOWN_USER
in the environment, and knownUsers in the file. The command line takes precedence over the environment, and the environment over the file.
Only violations of the contract make an endpoint non-conformant. Violations of standards and hardening are warnings; --fail-on standards or
--fail-on hardening makes them change the exit code too.
Exit codes: 0 success; 1 a violation in a rule set of --fail-on, or of a custom check, that the baseline does not accept; 2 the command line or a file is invalid;
3 the endpoint could not be reached or tested; 4 the baseline is stale: an accepted violation no longer occurs, or its expiry date has passed.
`;

const exitCodeOf: Readonly<Record<RunOutcome, number>> = {
  succeeds: exitCodes.ok,
  fails: exitCodes.negative,
  'could-not-run': exitCodes.unreachable,
  'stale-baseline': exitCodes.staleBaseline,
};

async function conform(argument: string | undefined, _flags: ConformFlags, command: Command): Promise<void> {
  const faults: string[] = [];
  const { url, flags } = mergeSettings(argument, command, faults);
  const options = readOptions(url, flags, faults, process.env, await loadChecks(flags.checks, faults));
  const targets = findReportTargets(flags.report ?? [], reportFormats, faults);
  const isStdoutTaken = targets.some(({ file }) => file === '-');
  if (flags.json && isStdoutTaken)
    faults.push('--json and a --report that goes to stdout (-) are mutually exclusive. Use one of them.');
  faults.push(
    ...findSelectionFaults(catalogue, { only: flags.dispute }).map((fault) => fault.replace('--only', '--dispute')),
  );
  const baseline = flags.baseline === undefined ? null : readBaseline(flags.baseline, faults);
  const profile = readProfile(flags.profileOfPlatform, faults);
  if (flags.writeBaseline !== undefined && (flags.only ?? flags.skip) !== undefined) {
    faults.push('--write-baseline requires all checks. Remove --only and --skip.');
  }
  if (flags.writeBaseline !== undefined) faults.push(...findFileFaults('--write-baseline', flags.writeBaseline));
  if (faults.length > 0) throw invalidUsage(faults.join('\n'));
  if (flags.profile !== undefined) {
    process.stderr.write(
      '--profile is deprecated: replace --profile strict with --strict-keys, and remove --profile lenient.\n',
    );
  }
  if (flags.mend !== undefined) process.stderr.write('--mend is deprecated: use --restore.\n');
  if (flags.dryRun) {
    process.stdout.write(writeRequestList(url, await listRequests(options)));
    return;
  }

  if (flags.keepCertificates !== undefined) makeDirectory('--keep-certificates', flags.keepCertificates);
  if (flags.selfCheck) await checkOurselves(options);
  const progress = process.stderr.isTTY ? createProgressLine(process.stderr) : createProgressLog(process.stderr);
  let results: ConformanceReport;
  try {
    results = await runConformance({ ...options, onProgress: progress.show });
  } finally {
    progress.clear();
  }
  const { explore, seed } = results.attestation.configuration;
  if (explore !== undefined)
    process.stderr.write(`The run used generated inputs. Repeat them with --explore ${explore} --seed ${seed}.\n`);
  const stated = profile === null ? results : withPlatformEffects(results, profile, new Date());
  const report = holdAgainstBaseline(stated, baseline, flags.writeBaseline);
  if (flags.json) process.stdout.write(renderJsonReport(report));
  else if (!isStdoutTaken) process.stdout.write(renderConsoleReport(report, consoleStyle(flags.verbose)));
  process.exitCode = exitCodeOf[findOutcome(report)];
  writeReports(targets, (format) => renderReport(report, format));
  for (const id of flags.dispute ?? []) disputeFinding(id, report);
}

/** Returns the platform profile, with a warning when facts have expired; null: none was given, or it cannot be used, and `faults` says why. */
function readProfile(file: string | undefined, faults: string[]): PlatformProfile | null {
  const profile = file === undefined ? null : readPlatformProfile('--profile-of-platform', file, faults);
  const expired = profile === null ? [] : findExpired({ facts: profile.facts, date: profile.date }, new Date());
  if (expired.length > 0) {
    process.stderr.write(
      `--profile-of-platform: ${expired.join(', ')} expired. The report marks expired facts. Measure them again with \`user-info learn\`.\n`,
    );
  }
  return profile;
}

/** Writes the dispute of one finding, or reports on stderr that there is none. */
function disputeFinding(id: string, report: ConformanceReport): void {
  const fault = findDisputeFault(id, report);
  if (fault === null) writeDispute(`dispute-${id}.md`, renderDispute(report, id));
  process.stderr.write(fault === null ? `Written: dispute-${id}.md\n` : `--dispute: ${fault}\n`);
}

/** Stops the command if the kit's own conformant endpoint fails a check, because results for another endpoint would then prove nothing. */
async function checkOurselves(options: ConformanceOptions): Promise<void> {
  const { passed, obstacle, failures } = await runSelfCheck(options);
  if (obstacle === null && failures.length === 0) {
    process.stderr.write(`The self-check passed: ${passed} checks against the kit's own endpoint.\n`);
    return;
  }
  const lines =
    obstacle === null ? failures.map(({ id, message }) => `  ${id}: ${message.split('\n').join(' ')}`) : [obstacle];
  const cause =
    'The self-check failed, so no request was sent to the endpoint. The cause is this machine, its load or its network.';
  throw new CommandFailure(exitCodes.unreachable, [cause, ...lines].join('\n'));
}

/** Marks known failures, using the given baseline, or the one written from this run. */
function holdAgainstBaseline(
  report: ConformanceReport,
  given: ConformanceBaseline | null,
  fileToWrite: string | undefined,
): ConformanceReport {
  const today = new Date().toISOString().slice(0, 10);
  // If the run has no results, a new baseline would lose all accepted violations.
  if (fileToWrite === undefined || report.checks.length === 0) {
    return given ? applyBaseline(report, given, today) : report;
  }
  const written = createBaseline(report, given);
  try {
    writeBaseline(fileToWrite, written, report);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw invalidUsage(
      `--write-baseline: ${fileToWrite} cannot be written (${code}). Check that its directory exists and is writable.`,
    );
  }
  return applyBaseline(report, written, today);
}

function consoleStyle(isVerbose = false) {
  // A terminal that does not report its size has 0 columns.
  return { isColored: isColored(process.stdout), columns: process.stdout.columns || 100, isVerbose };
}

/** Returns a script of curl lines, each below a comment with its check. */
function writeRequestList(url: string, { requests, failedLogins }: RequestList): string {
  const lines = requests.flatMap(({ checkId, request }, index) =>
    index > 0 && requests[index - 1]?.checkId === checkId
      ? [request]
      : [`# ${checkId ?? 'before the checks: whether the endpoint is reachable'}`, request],
  );
  const summary = `# ${requests.length} requests, ${failedLogins} of them with wrong credentials. None was sent to ${url}.`;
  return `${[...lines, summary].join('\n')}\n`;
}
