// Command `user-info explain`: describes a conformance check without sending a request to an endpoint.
import type { Command } from 'commander';
import { type Check, needTexts, type Topic } from '../../conformance/check.ts';
import { catalogue } from '../../conformance/checks/catalogue.ts';
import { type ClauseId, findClause } from '../../conformance/contract/contract.ts';
import { withCustomChecks } from '../../conformance/define-check.ts';
import { wrap } from '../../conformance/report/console-report.ts';
import { impacts, stackNames } from '../../conformance/report/report-parts.ts';
import { describeUnscored, findUnscored } from '../../conformance/scoring.ts';
import { findClosestWord, suggest } from '../../schemas/closest-word.ts';
import { invalidUsage } from '../exit-codes.ts';
import { colorsFor } from '../terminal-colors.ts';
import { loadChecks } from './load-checks.ts';
import { type TriedCheck, tryOut } from './try-out-check.ts';

interface ExplainFlags {
  readonly checks?: string;
  readonly stack?: string;
  readonly json?: boolean;
}

/** Adds `explain`. */
export function addExplainCommand(program: Command): void {
  program
    .command('explain')
    .description(
      'Describe a conformance check: the requirement, why it matters, and how to fix a violation. Without an id, list all checks.',
    )
    .argument('[check]', 'id of the check, as shown in reports')
    .option('--stack <stack>', `show advice for this stack only: ${fixableStacks.join(', ')}`)
    .option('--checks <file>', 'ES module with custom checks, as for `user-info conform`')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(explain);
}

const fixableStacks = Object.keys(stackNames).filter((stack) => stack !== 'any');

const help = `
Examples:
  $ user-info explain
  $ user-info explain unknown-user-refused
  $ user-info explain userid-repeated-refused --stack spring
  $ user-info explain acme-group-names --checks examples/custom-checks/group-names.mjs

The command needs no network. It shows the requests that \`user-info conform\` sends, with a placeholder for the endpoint.
Exit codes: 0 described; 2 unknown check or stack, or a --checks module that cannot be loaded.
`;

async function explain(id: string | undefined, { checks: file, stack, json = false }: ExplainFlags): Promise<void> {
  if (stack !== undefined && !fixableStacks.includes(stack)) {
    const guess = suggest(findClosestWord(stack, fixableStacks));
    throw invalidUsage(`--stack: unknown stack "${stack}"${guess || '.'} Known stacks: ${fixableStacks.join(', ')}.`);
  }
  const topics = withCustomChecks(catalogue, await loadCustomChecks(file));
  if (id === undefined) {
    process.stdout.write(json ? toJson(topics.flatMap(toPlainTopic)) : listChecks(topics));
    return;
  }
  const { topic, check } = findCheck(topics, id);
  const fix = check.fix.filter((entry) => stack === undefined || entry.stack === 'any' || entry.stack === stack);
  const shown = { ...check, fix };
  const tried = await tryOut(topic, check);
  process.stdout.write(json ? toJson({ ...toPlain(topic, shown), ...tried }) : describeCheck(topic, shown, tried));
}

/** Returns the checks of the --checks module. Throws if they cannot be used. */
async function loadCustomChecks(file: string | undefined): Promise<readonly Check[] | undefined> {
  const faults: string[] = [];
  const checks = await loadChecks(file, faults);
  if (faults.length > 0) throw invalidUsage(faults.join('\n'));
  return checks;
}

function findCheck(topics: readonly Topic[], id: string): { readonly topic: Topic; readonly check: Check } {
  const all = topics.flatMap((topic) => topic.checks.map((check) => ({ topic, check })));
  const found = all.find(({ check }) => check.id === id);
  if (found) return found;
  const closest = findClosestWord(
    id,
    all.map(({ check }) => check.id),
  );
  throw invalidUsage(`There is no check "${id}"${suggest(closest) || '.'} List all checks with \`user-info explain\`.`);
}

function listChecks(topics: readonly Topic[]): string {
  const { bold, dim } = colorsFor(process.stdout);
  const width = Math.max(...topics.flatMap(({ checks }) => checks.map(({ id }) => id.length)));
  const sections = topics.map(({ title, checks }) =>
    [bold(title), ...checks.map((check) => `  ${check.id.padEnd(width)}  ${dim(check.title)}`), ''].join('\n'),
  );
  return `${sections.join('\n')}\nDescribe one check with user-info explain ID. Run selected checks with user-info conform --only, by id or by topic title.\n`;
}

function describeCheck({ title: topic }: Topic, check: Check, { expected, requests }: TriedCheck): string {
  const colors = colorsFor(process.stdout);
  const columns = process.stdout.columns ?? 100;
  const { id, title, why, ruleSet, needs, auth, fix, impact, sentByPlatform } = check;
  const { name, meaning } = impacts[impact];
  const unscored = findUnscored(check);
  const pair = (label: string, text: string) => {
    const [first = '', ...rest] = wrap(text.replaceAll('`', ''), ' '.repeat(14), columns);
    return [`  ${colors.dim(label.padEnd(12))}${first.trimStart()}`, ...rest];
  };
  return [
    colors.bold(id),
    ...wrap(`${title}.`, '', columns),
    '',
    ...pair('topic', topic),
    ...pair('why', why),
    ...expected.flatMap((each) => pair('expected', each)),
    ...pair('rule set', ruleSet),
    ...(unscored === null ? [] : pair('not scored', describeUnscored(unscored))),
    ...pair('effect', `${name}. ${meaning}${sentByPlatform ? '' : ' The platform does not send this request.'}`),
    ...check.clauses.flatMap((clause) => pair(clause, wordClause(clause))),
    ...pair('needs', needs.map((need) => needTexts[need]).join('; ') || 'nothing but the URL'),
    ...(auth ? pair('applies to', auth.map((mode) => `--auth ${mode}`).join(', ')) : []),
    ...(requests.length > 0 ? ['', colors.bold('What it sends'), ...requests.map((request) => `  $ ${request}`)] : []),
    '',
    colors.bold('How to fix it'),
    ...fix.flatMap(({ stack, text }) => pair(stackNames[stack], text)),
    '',
  ].join('\n');
}

/** Returns the clause with its references. */
function wordClause(id: ClauseId): string {
  const { sentence, references } = findClause(id);
  return [sentence, ...references.map(({ title, url }) => `${title}${url === undefined ? '' : ` <${url}>`}`)].join(' ');
}

function toPlain({ title: topic }: Topic, { run: _run, ...check }: Check) {
  return { ...check, topic };
}

const toPlainTopic = (topic: Topic) => topic.checks.map((check) => toPlain(topic, check));

const toJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
