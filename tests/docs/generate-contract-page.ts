// Generates docs/contract.md, the table of requirements, and the list of check ids from the clauses and the checks.
import { existsSync, readFileSync } from 'node:fs';
import { catalogue } from '../../conformance/checks/catalogue.ts';
import type { RuleSet } from '../../conformance/contract/clause.ts';
import { type Clause, clauses, contractVersion, isFrozen } from '../../conformance/contract/contract.ts';
import { describeUnscored, findUnscored } from '../../conformance/scoring.ts';
import { platformAssumptions } from '../../schemas/platform-assumptions.ts';
import { nameTopicPage } from './generate-check-pages.ts';

const intro = `# The contract of a user-info endpoint

Version ${contractVersion}. This page says what an endpoint has to do so that a data-access platform can use it, and what
\`user-info conform\` verifies. It is for the owner of an endpoint.

## How the verdict is determined

Every check belongs to one of three rule sets:

| rule set | what it contains | a violation is | it affects |
| --- | --- | --- | --- |
| contract | what the platform documents, and what follows from it | a failure | the verdict |
| standards | requirements and recommendations of RFCs | a warning | the exit code, with \`--fail-on standards\` |
| hardening | advice of this kit | a warning | the exit code, with \`--fail-on hardening\` |

- An endpoint **does not conform** if at least one check of the rule set *contract* fails. Otherwise it **conforms**.
- Warnings never change the verdict. A MAY that is not met is an *info*.
- Checks of the contract that could not run are listed with the verdict, each with its reason.
- If the run could not start or was stopped, there is no verdict.

A check belongs to the rule set *contract* only if one of these holds:

1. The platform documentation states the requirement: status, JSON shape, credentials, non-200 for an unknown user.
2. The platform itself sends the request, and the response is wrong, partial, unstable or for another user, or a known user gets
   no valid user info.
3. A client without the declared credentials gets user info.
4. The endpoint confuses two user names that the platform can send.

Each clause has a permanent id and a basis: *documented* (by the platform), *observed* (in public client code), *standard* (an RFC,
with its own level), or *decision* (advice of this kit). [The ledger](reference/requirements.md) lists the checks of each clause.
`;

const titles: Readonly<Record<RuleSet, string>> = {
  contract: 'Contract',
  standards: 'Standards',
  hardening: 'Hardening',
};

function describeClause({ id, level, basis, sentence, references, notTestable }: Clause): string {
  const links = references.map(({ title, url }) => (url === undefined ? title : `[${title}](${url})`));
  const facts = [`**${level}**, ${basis}`, ...links].join('. ');
  const reason = notTestable === undefined ? '' : `\n\nNot testable: ${notTestable}`;
  return `\n### ${id}\n\n${sentence}\n\n${facts}.${reason}\n`;
}

function describeAssumptions(): string {
  const rows = platformAssumptions.map(
    ({ name, description, default: value }) => `| \`${name}\` | \`${value}\` | ${description.replaceAll('|', '\\|')} |`,
  );
  return `
## What is not documented

The platform documentation leaves these questions open. The kit and the simulator share one default for each of them. The
simulator has a setting with this name under \`guesses\`.

| setting | default | meaning |
| --- | --- | --- |
${rows.join('\n')}
`;
}

/** Returns docs/contract.md. */
export function generateContractPage(): string {
  const sections = (Object.keys(titles) as RuleSet[]).map((ruleSet) => {
    const own = clauses.filter((clause) => clause.ruleSet === ruleSet);
    return `\n## ${titles[ruleSet]}\n${own.map(describeClause).join('')}`;
  });
  return `${intro}${sections.join('')}${describeAssumptions()}`;
}

/** Returns docs/reference/requirements.md: each clause with its checks, or the reason why there is none. */
export function generateLedger(): string {
  const pageOf = new Map(
    catalogue.flatMap((topic) => topic.checks.map(({ id }) => [id, nameTopicPage(topic)] as const)),
  );
  const rows = clauses.map(({ id, ruleSet, level, notTestable }) => {
    const checks = catalogue
      .flatMap((topic) => topic.checks)
      .filter(({ clauses: cited }) => cited.includes(id))
      .map((check) => `[${check.id}](checks/${pageOf.get(check.id)}#${check.id})`);
    const covered = notTestable === undefined ? checks.join(', ') : `not testable: ${notTestable}`;
    return `| [${id}](../contract.md#${id.toLowerCase()}) | ${ruleSet} | ${level} | ${covered} |`;
  });
  const unscored = catalogue.flatMap((topic) =>
    topic.checks.flatMap((check) => {
      const why = findUnscored(check);
      return why === null
        ? []
        : [`- [${check.id}](checks/${pageOf.get(check.id)}#${check.id}): ${describeUnscored(why)}`];
    }),
  );
  return `# Clauses and checks

Each clause of [the contract](../contract.md), version ${contractVersion}, with the checks that verify it.

| clause | rule set | level | checks |
| --- | --- | --- | --- |
${rows.join('\n')}

## Checks that do not count yet

The set of checks that count is frozen per contract version. A check that was added later, or whose clause can be read in two ways, runs
without effect on the verdict and the exit code until the next version.

${unscored.length === 0 ? 'In this version, every check counts.' : unscored.join('\n')}
`;
}

const scoredFile = new URL(`../../docs/reference/scored-checks-${contractVersion}.txt`, import.meta.url);

/** Returns docs/reference/scored-checks-VERSION.txt: the checks that count in this version. Once the version is frozen, the file never changes. */
export function generateScoredChecks(): string {
  if (isFrozen) return readFileSync(scoredFile, 'utf8');
  const scored = catalogue.flatMap((topic) => topic.checks).filter((check) => findUnscored(check) === null);
  return `${scored
    .map(({ id }) => id)
    .sort()
    .join('\n')}\n`;
}

const idsFile = new URL('../../docs/reference/check-ids.txt', import.meta.url);

/** Returns docs/reference/check-ids.txt: every id that a check has or had. An id is never removed, so that a test notices a missing check. */
export function generateCheckIds(): string {
  const earlier = existsSync(idsFile) ? readFileSync(idsFile, 'utf8').split('\n') : [];
  const ids = catalogue.flatMap((topic) => topic.checks.map(({ id }) => id));
  return `${[...new Set([...earlier, ...ids])]
    .filter((id) => id !== '')
    .sort()
    .join('\n')}\n`;
}
