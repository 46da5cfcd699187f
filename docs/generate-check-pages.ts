// Makes docs/reference/checks/ from the catalogue of the conformance kit: a list of all checks, and a page a topic.
import type { Check, Topic } from '../conformance/check.ts';
import { catalogue } from '../conformance/checks/catalogue.ts';
import { needWords } from '../conformance/need-words.ts';
import { platformVerdicts, stackNames } from '../conformance/report/report-parts.ts';

const head = `# Conformance checks

What \`user-info conform\` checks, in the order in which it runs. An id is permanent: a changed meaning gets a new one.
\`user-info explain ID\` prints the same without a network, and the requests that the check sends.

- **MUST**: the contract or an RFC forces it; one that fails means that the endpoint does not conform.
- **SHOULD**: it conforms without, but somebody will be hurt by it. **MAY**: a matter of taste.
- A check is *skipped* when it does not apply to \`--auth\`, or what it needs was not given; *untestable* when the endpoint does
  not let it be judged. A MUST that is untestable is not a pass: the run ends with exit code 3.
- *control*: the known user is asked for with the right credentials as well; only if that is answered with 200 does a refusal
  prove anything.

A failure is ranked by what it means on the platform:

${Object.values(platformVerdicts)
  .map(({ name, meaning }) => `- *${name}*: ${meaning}`)
  .join('\n')}
`;

/** What a family of checks is about, and the titles of its topics. */
const families: readonly (readonly [name: string, topics: readonly string[]])[] = [
  ['Body', ['A known user', 'The encoding of a 200', 'The body of a 200']],
  [
    'Error codes',
    [
      ...['An unknown user', 'The parameter userid', 'A userid that is none'],
      ...['Methods', 'Error answers', 'What errors disclose'],
    ],
  ],
  [
    'Identity',
    [
      ...['A name that is nearly a known one', 'A name with signs of another language'],
      ...['How a name is spelled', 'Consistency'],
    ],
  ],
  [
    'Authentication',
    [
      ...['Strangers', 'Basic credentials', 'Credentials that are nearly right'],
      ...['Challenges', 'What strangers learn of users'],
    ],
  ],
  ['TLS and client certificates', ['TLS', 'Client certificates']],
  ['Robustness', ['Robustness']],
  ['Expected data', ['Expected data']],
  ['Source failure', ['A source that is down']],
];

/** How many checks each family has, by level. Throws when a topic is in none, or is no topic. */
function countByFamily(): string {
  const placed = families.flatMap(([, titles]) => titles);
  const misplaced = [...catalogue.map(({ title }) => title), ...placed].filter(
    (title) =>
      placed.filter((each) => each === title).length !== 1 || !catalogue.some((topic) => topic.title === title),
  );
  if (misplaced.length > 0) throw new Error(`not in exactly one family of checks: ${misplaced.join(', ')}`);
  const countIn = (checks: readonly Check[]) =>
    ['MUST', 'SHOULD', 'MAY'].map((level) => checks.filter((check) => check.level === level).length);
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
  return ['| family | topics | MUST | SHOULD | MAY | all |', '|---|---|---|---|---|---|', ...rows, all].join('\n');
}

/** File name of a topic's page, e.g. "an-unknown-user.md". */
function nameTopicPage({ title }: Topic): string {
  return `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.md`;
}

function describeCheck({ id, title, source, why, mend, needs, auth, platformVerdict }: Check): string {
  const facts = [
    `- On the platform: *${platformVerdicts[platformVerdict].name}*`,
    `- Source: ${source}`,
    `- Needs: ${needs.map((need) => needWords[need]).join('; ') || 'nothing but the URL'}`,
    ...(auth ? [`- Applies to: ${auth.map((mode) => `\`--auth ${mode}\``).join(', ')}`] : []),
  ];
  const advice = mend.map(({ stack, text }) => `- ${stackNames[stack]}: ${text}`);
  return `\n## ${id}\n\n${title}.\n\n${why}\n\n${facts.join('\n')}\n\nTo mend it:\n\n${advice.join('\n')}\n`;
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

/** File name in docs/reference/ → what makes its text. */
export const checkPages: Readonly<Record<string, () => string>> = {
  'checks/README.md': generateList,
  ...Object.fromEntries(
    catalogue.map((topic) => [`checks/${nameTopicPage(topic)}`, () => generateTopicPage(topic)] as const),
  ),
};
