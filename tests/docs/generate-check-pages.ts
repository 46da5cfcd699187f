// Generates docs/reference/checks/ from the catalogue of the conformance kit: a list of all checks, and a page per topic.
import { type Check, needTexts, type Topic } from '../../conformance/check.ts';
import { catalogue } from '../../conformance/checks/catalogue.ts';
import { ruleSets } from '../../conformance/fail-on.ts';
import { impacts, stackNames } from '../../conformance/report/report-parts.ts';
import { describeUnscored, findUnscored } from '../../conformance/scoring.ts';

const head = `# Conformance checks

What \`user-info conform\` checks, in the order in which it runs. An id is permanent: a changed requirement gets a new id.
\`user-info explain ID\` prints the same description and the requests that the check sends, without network access.

- The rule set determines the meaning of a violation (see [the contract](../../contract.md)): in *contract* it is a failure, which decides the
  verdict; in *standards* and *hardening* a warning, or an info if the check is a MAY.
- A check is *skipped* when it does not apply to \`--auth\`, or when an input was not given, and *untestable* when the endpoint does not
  allow the test. Such contract checks are listed with the verdict.
- *control*: the known user is also requested with the right credentials. A refusal is significant only if that request
  gets a 200.

Violations are ranked by rule set, and then by their effect:

${Object.values(impacts)
  .map(({ name, meaning }) => `- *${name}*: ${meaning}`)
  .join('\n')}
`;

/** Families of checks, with the titles of their topics. */
const families: readonly (readonly [name: string, topics: readonly string[]])[] = [
  ['Body', ['A known user', 'The encoding of a 200', 'The body of a 200']],
  [
    'Error codes',
    [
      ...['An unknown user', 'The parameter userid', 'Malformed userid'],
      ...['Methods', 'Error responses', 'Information in errors'],
    ],
  ],
  [
    'Identity',
    [
      ...['User names that resemble a known one', 'User names with special characters'],
      ...['Encoding of user names', 'Consistency'],
    ],
  ],
  [
    'Authentication',
    [
      ...['Unauthenticated clients', 'Basic credentials', 'Credentials that are nearly right'],
      ...['Challenges', 'User enumeration'],
    ],
  ],
  ['TLS and client certificates', ['TLS', 'Client certificates']],
  ['Robustness', ['Robustness']],
  ['Expected data', ['Expected data']],
  ['Source failure', ['Data source failure']],
  ['Generated inputs', ['Generated inputs']],
];

/** Returns the number of checks of each family by rule set. Throws when a topic does not belong to a family or does not exist. */
function countByFamily(): string {
  const placed = families.flatMap(([, titles]) => titles);
  const misplaced = [...catalogue.map(({ title }) => title), ...placed].filter(
    (title) =>
      placed.filter((each) => each === title).length !== 1 || !catalogue.some((topic) => topic.title === title),
  );
  if (misplaced.length > 0) throw new Error(`not in exactly one family of checks: ${misplaced.join(', ')}`);
  const countIn = (checks: readonly Check[]) =>
    ruleSets.map((ruleSet) => checks.filter((check) => check.ruleSet === ruleSet).length);
  const row = (name: string, titles: readonly string[], checks: readonly Check[]) =>
    `| ${[name, titles.join(', '), ...countIn(checks), checks.length].join(' | ')} |`;
  const rows = families.map(([name, titles]) =>
    row(
      name,
      titles,
      catalogue.filter(({ title }) => titles.includes(title)).flatMap(({ checks }) => checks),
    ),
  );
  const all = row(
    'All',
    [],
    catalogue.flatMap(({ checks }) => checks),
  );
  return [
    '| family | topics | contract | standards | hardening | all |',
    '|---|---|---|---|---|---|',
    ...rows,
    all,
  ].join('\n');
}

/** Returns the file name of the page of a topic, e.g. "an-unknown-user.md". */
export function nameTopicPage({ title }: Topic): string {
  return `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.md`;
}

function describeCheck(check: Check): string {
  const { id, title, ruleSet, clauses, why, fix, needs, auth, impact, sentByPlatform } = check;
  const unscored = findUnscored(check);
  const cited = clauses.map((clause) => `[${clause}](../../contract.md#${clause.toLowerCase()})`);
  const facts = [
    `- Rule set: ${ruleSet}. Clauses: ${cited.join(', ')}`,
    ...(unscored === null ? [] : [`- ${describeUnscored(unscored)}`]),
    `- Effect: *${impacts[impact].name}*${sentByPlatform ? '' : ' (the platform does not send this request)'}`,
    `- Needs: ${needs.map((need) => needTexts[need]).join('; ') || 'nothing but the URL'}`,
    ...(auth ? [`- Applies to: ${auth.map((mode) => `\`--auth ${mode}\``).join(', ')}`] : []),
  ];
  const advice = fix.map(({ stack, text }) => `- ${stackNames[stack]}: ${text}`);
  return `\n## ${id}\n\n${title}.\n\n${why}\n\n${facts.join('\n')}\n\nTo fix it:\n\n${advice.join('\n')}\n`;
}

function generateTopicPage(topic: Topic): string {
  return `# ${topic.title}\n\nA topic of the [conformance checks](README.md).\n${topic.checks.map(describeCheck).join('')}`;
}

function generateList(): string {
  const sections = catalogue.map((topic) => {
    const page = nameTopicPage(topic);
    const items = topic.checks.map(({ id, title }) => `- [${id}](${page}#${id}): ${title}`);
    return `\n## ${topic.title}\n\n${items.join('\n')}\n`;
  });
  return `${head}\n${countByFamily()}\n${sections.join('')}`;
}

/** File name in docs/reference/ → the function that generates its text. */
export const checkPages: Readonly<Record<string, () => string>> = {
  'checks/README.md': generateList,
  ...Object.fromEntries(
    catalogue.map((topic) => [`checks/${nameTopicPage(topic)}`, () => generateTopicPage(topic)] as const),
  ),
};
