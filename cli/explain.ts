// Owns the command `user-info explain`: what a conformance check is about, as a report says it, without asking any endpoint.
import type { Command } from 'commander';
import type { Check, Topic } from '../conformance/check.ts';
import { catalogue } from '../conformance/checks/catalogue.ts';
import { needWords } from '../conformance/need-words.ts';
import { wrap } from '../conformance/report/console-report.ts';
import { platformVerdicts, stackNames } from '../conformance/report/report-parts.ts';
import { findClosestWord, suggest } from '../schemas/closest-word.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { colorsFor } from './terminal-colors.ts';
import { type TriedCheck, tryOut } from './try-out-check.ts';

interface ExplainFlags {
  readonly stack?: string;
  readonly json?: boolean;
}

/** Adds `explain`. */
export function addExplainCommand(program: Command): void {
  program
    .command('explain')
    .description(
      'Say what a conformance check demands, why, and how to mend what it finds; without an id, list them all.',
    )
    .argument('[check]', 'its id, as a report shows it')
    .option('--stack <stack>', `show how to mend it there only: ${mendableStacks.join(', ')}`)
    .option('--json', 'answer in JSON')
    .addHelpText('after', help)
    .action(explain);
}

const mendableStacks = Object.keys(stackNames).filter((stack) => stack !== 'any');

const help = `
Examples:
  $ user-info explain
  $ user-info explain unknown-user-refused
  $ user-info explain userid-repeated-refused --stack spring

It works without a network. The requests that it shows are those of \`user-info conform\` to an endpoint of that name.
Exit codes: 0 explained, 2 there is no such check or stack.
`;

async function explain(id: string | undefined, { stack, json = false }: ExplainFlags): Promise<void> {
  if (stack !== undefined && !mendableStacks.includes(stack)) {
    const guess = suggest(findClosestWord(stack, mendableStacks));
    throw new CommandFailure(
      exitCodes.usage,
      `--stack: unknown stack "${stack}"${guess || '.'} It is one of ${mendableStacks.join(', ')}.`,
    );
  }
  if (id === undefined) {
    process.stdout.write(json ? toJson(catalogue.flatMap(toPlainTopic)) : listChecks());
    return;
  }
  const { topic, check } = findCheck(id);
  const mend = check.mend.filter((entry) => stack === undefined || entry.stack === 'any' || entry.stack === stack);
  const shown = { ...check, mend };
  const tried = await tryOut(topic, check);
  process.stdout.write(json ? toJson({ ...toPlain(topic, shown), ...tried }) : describeCheck(topic, shown, tried));
}

function findCheck(id: string): { readonly topic: Topic; readonly check: Check } {
  const all = catalogue.flatMap((topic) => topic.checks.map((check) => ({ topic, check })));
  const found = all.find(({ check }) => check.id === id);
  if (found) return found;
  const closest = findClosestWord(
    id,
    all.map(({ check }) => check.id),
  );
  throw new CommandFailure(
    exitCodes.usage,
    `There is no check "${id}"${suggest(closest)} \`user-info explain\` lists them all.`,
  );
}

function listChecks(): string {
  const { bold, dim } = colorsFor(process.stdout);
  const width = Math.max(...catalogue.flatMap(({ checks }) => checks.map(({ id }) => id.length)));
  const sections = catalogue.map(({ title, checks }) =>
    [bold(title), ...checks.map((check) => `  ${check.id.padEnd(width)}  ${dim(check.title)}`), ''].join('\n'),
  );
  return `${sections.join('\n')}\nuser-info explain ID tells more of one. user-info conform --only takes ids, and topics by their titles.\n`;
}

function describeCheck({ title: topic }: Topic, check: Check, { expected, requests }: TriedCheck): string {
  const colors = colorsFor(process.stdout);
  const columns = process.stdout.columns ?? 100;
  const { id, title, why, source, needs, auth, mend, platformVerdict } = check;
  const { name, meaning } = platformVerdicts[platformVerdict];
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
    ...pair('platform', `${name}. ${meaning}`),
    ...pair('source', source),
    ...pair('needs', needs.map((need) => needWords[need]).join('; ') || 'nothing but the URL'),
    ...(auth ? pair('applies to', auth.map((mode) => `--auth ${mode}`).join(', ')) : []),
    ...(requests.length > 0 ? ['', colors.bold('What it sends'), ...requests.map((request) => `  $ ${request}`)] : []),
    '',
    colors.bold('How to mend it'),
    ...mend.flatMap(({ stack, text }) => pair(stackNames[stack], text)),
    '',
  ].join('\n');
}

function toPlain({ title: topic }: Topic, { run: _run, ...check }: Check) {
  return { ...check, topic };
}

const toPlainTopic = (topic: Topic) => topic.checks.map((check) => toPlain(topic, check));

const toJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
