// Command `user-info simulate scenario`: runs scenario files and reports their results.
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type Command, Option } from 'commander';
import type { LoadedScenario } from '../../schemas/generated/loaded-scenario.ts';
import { makeVisible, makeVisibleLine } from '../../schemas/printable-text.ts';
import { readSchema } from '../../schemas/read-schema.ts';
import { playScenario, type ScenarioOutcome, type StepOutcome } from '../../simulator/scenarios/play-scenario.ts';
import { StepFailure } from '../../simulator/scenarios/scenario-world.ts';
import { findReportTargets, reportOption, writeReports } from '../conform/report-targets.ts';
import { exitCodes, invalidUsage, withoutFaults } from '../exit-codes.ts';
import { readSchemaFile } from '../schema-file.ts';
import { stopOnSignal } from '../stop-on-signal.ts';
import { colorsFor } from '../terminal-colors.ts';
import { printJson, printText } from '../text-table.ts';
import { describeGuessesOf } from './guesses-text.ts';
import { renderScenarioReport, scenarioReportFormats } from './scenario-report.ts';
import { createScenarioServer } from './scenario-server.ts';
import { createScenarioSource, type ScenarioSourceKind, scenarioSourceKinds } from './scenario-sources.ts';
import { readSettings } from './simulate-iam.ts';

interface ScenarioFlags {
  readonly source: ScenarioSourceKind;
  readonly report?: readonly string[];
  readonly keep?: string;
  readonly json?: boolean;
}

interface ReadScenario {
  readonly file: string;
  readonly scenario: LoadedScenario;
}

const help = `
Examples:
  $ user-info simulate scenario examples/scenarios/leaver.yaml
  $ user-info simulate scenario examples/scenarios/*.yaml --json
  With a real LDAP directory, and reports for people and CI:
    $ user-info simulate scenario examples/scenarios/*.yaml --source ldap --report html=scenarios.html --report junit=scenarios.xml
  Keep all files, including the store and the endpoint's log:
    $ user-info simulate scenario outage.yaml --keep kept
    $ user-info simulate runs list --store kept/outage/simulator.db

Scenarios can run shell commands: run only scenarios that you trust.
Exit codes: 0 all scenarios passed, 1 a step failed, 2 a file is invalid.
`;

/** Adds `scenario`. */
export function addScenarioCommand(simulate: Command): void {
  simulate
    .command('scenario')
    .description('Run scenario files for syncs: joiners, outages, rotations.')
    .argument('<file...>', 'scenario files, YAML or JSON')
    .addOption(
      new Option(
        '--source <kind>',
        'data source of the scenarios: a CSV file, SQLite, or an OpenLDAP server that the command starts',
      )
        .choices(scenarioSourceKinds)
        .default('csv'),
    )
    .addOption(reportOption(scenarioReportFormats))
    .option(
      '--keep <directory>',
      'keep the files of each scenario in a directory of its own (default: remove the files)',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(play);
}

async function play(files: readonly string[], flags: ScenarioFlags): Promise<void> {
  // Before the scenarios run, so that no result is lost because of a missing directory.
  const reports = withoutFaults((faults) => findReportTargets(flags.report ?? [], scenarioReportFormats, faults));
  const scenarios = readScenarios(files);
  const outcomes = await stopOnSignal(async (signal) => {
    const played: ScenarioOutcome[] = [];
    for (const read of scenarios) {
      const show = (text: string) => (flags.json ? undefined : printText(text));
      show(`${makeVisibleLine(read.scenario.name)}\n`);
      played.push(await playOne(read, flags, signal, (step) => show(describeStep(step))));
    }
    return played;
  });
  if (outcomes === null) return;
  const failed = outcomes.filter(({ passed }) => !passed).length;
  writeReports(reports, (format) => renderScenarioReport(format, outcomes, flags.source));
  if (flags.json) printJson(outcomes);
  else printText(`${outcomes.length - failed} passed, ${failed} failed.\n${describeGuessesOf(outcomes)}`);
  if (failed > 0) process.exitCode = exitCodes.negative;
}

async function playOne(
  { file, scenario }: ReadScenario,
  { keep, source }: ScenarioFlags,
  signal: AbortSignal,
  onStep: (outcome: StepOutcome) => void,
): Promise<ScenarioOutcome> {
  const scenarioDirectory = dirname(resolve(file));
  const directory = keep === undefined ? mkdtempSync(join(tmpdir(), 'user-info-scenario-')) : createKept(keep, file);
  const { endpoint, settingsFile } = scenario;
  try {
    return await playScenario(scenario, {
      directory,
      scenarioDirectory,
      settings: settingsFile === undefined ? {} : readSettings(resolve(scenarioDirectory, settingsFile)),
      signal,
      createSource: (attributes) => createScenarioSource(source, directory, attributes),
      createEndpoint:
        endpoint === undefined
          ? null
          : (held) => createScenarioServer(held ? endpointOf(endpoint, held) : endpoint, directory),
      onStep,
    });
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    throw invalidUsage(makeVisible(`${file}: ${error.message}`), { cause: error });
  } finally {
    if (keep === undefined) rmSync(directory, { recursive: true, force: true });
  }
}

/** Returns an endpoint's configuration with the people as its source. The people of a scenario may have no groups at all. */
function endpointOf(endpoint: NonNullable<LoadedScenario['endpoint']>, source: object): object {
  const { guards = {} } = endpoint as { readonly guards?: { readonly answers?: object } };
  return { ...endpoint, source, guards: { ...guards, answers: { onNoGroups: 'allow', ...guards.answers } } };
}

function createKept(keep: string, file: string): string {
  const directory = resolve(keep, basename(file, extname(file)));
  if (statSync(directory, { throwIfNoEntry: false })) {
    throw invalidUsage(`--keep: ${directory} already exists. Choose another directory.`);
  }
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** @throws {CommandFailure} with exit code 2 and all errors of all files, before any scenario runs. */
function readScenarios(files: readonly string[]): ReadScenario[] {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: true, useDefaults: true });
  const validate = ajv.compile<LoadedScenario>(readSchema('scenario.schema.json'));
  return withoutFaults((faults) =>
    files.flatMap((file) => {
      const read = readSchemaFile('scenario', file, validate, faults);
      return read === null ? [] : [{ file, scenario: read.value }];
    }),
  );
}

function describeStep({ step, kind, say, passed, detail }: StepOutcome): string {
  const { green, red } = colorsFor(process.stdout);
  const mark = passed ? green('ok  ') : red('FAIL');
  const [first = '', ...others] = detail.split('\n');
  const lines = passed ? [] : [first, ...others].map((line) => `       ${line}\n`);
  return `${mark} ${makeVisible(`${step}. ${say ?? kind}${passed ? `: ${first}` : ''}\n${lines.join('')}`)}`;
}
