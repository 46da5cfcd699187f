// Makes docs/reference/conformance-checks.md from the catalogue of the conformance kit.
import type { Check, Need } from '../conformance/check.ts';
import { catalogue } from '../conformance/checks/catalogue.ts';

const head = `# Conformance checks

What \`user-info conform\` checks, in the order in which it runs. An id is permanent: a changed meaning gets a new one.

- **MUST**: the contract or an RFC forces it; one that fails means that the endpoint does not conform.
- **SHOULD**: it conforms without, but somebody will be hurt by it.
- A check is *skipped* when it does not apply to \`--auth\`, or what it needs was not given; *untestable* when the endpoint does
  not let it be judged. A MUST that is untestable is not a pass: the run ends with exit code 3.
- *control*: before the check, the same question with the right credentials and the known user is asked; only if that is
  answered with 200 does a refusal prove anything.
`;

const needWords: Readonly<Record<Need, string>> = {
  'known-user': '`--known-user`',
  'second-known-user': 'a second `--known-user`',
  'basic-credentials': '`--username` and its password',
  'client-certificate': '`--cert` and `--key`',
  'client-ca': '`--client-ca` and `--client-ca-key`',
  'expected-data': '`--expect`',
  hook: '`--break` and `--mend`',
  https: 'an https:// URL',
  intrusive: '`--intrusive`',
  control: '`--known-user`, control',
};

function describeCheck({ id, title, source, needs, auth }: Check): string {
  const lines = [`- Source: ${source}`, `- Needs: ${needs.map((need) => needWords[need]).join('; ')}`];
  if (auth) lines.push(`- Applies to: ${auth.map((mode) => `\`--auth ${mode}\``).join(', ')}`);
  return `\n### ${id}\n\n${title}.\n\n${lines.join('\n')}\n`;
}

/** docs/reference/conformance-checks.md: a heading a topic, below it one a check. */
export function generateConformanceChecksPage(): string {
  const sections = catalogue.map(({ title, checks }) => `\n## ${title}\n${checks.map(describeCheck).join('')}`);
  return head + sections.join('');
}
