// Report in Markdown, for the summary of a CI job or a comment.
import type { CheckResult, ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { makeAllVisible } from '../../schemas/printable-text.ts';
import { wordLatency } from '../http/latency.ts';
import { describeMissingKinds } from '../user-kinds.ts';
import { html } from './html-template.ts';
import { code, codeBlock, escapeText } from './markdown-text.ts';
import {
  describeCounts,
  describeFollowers,
  describeLimits,
  describePlatformEffect,
  describeRoute,
  describeStaleEntries,
  describeVerdict,
  findClauses,
  findFurtherFix,
  findParts,
  foldPart,
  groupByTopic,
  impacts,
  nameImpact,
  stackNames,
  verdictColorOf,
} from './report-parts.ts';
import { describeCountsOf, summarizeNotRun, summarizeTopics } from './report-summary.ts';

/** Maximum number of findings with details in each part. GitHub rejects a summary of more than 1 MiB. */
const maxDetailed = 50;

function renderRow({ impact, ruleSet, title, id, known, followsFrom }: CheckResult): string {
  const reason = known ? ` Known: ${escapeText(known.reason)}` : '';
  const cause = followsFrom === undefined ? '' : ` Follows from ${code(followsFrom)}.`;
  return `| ${[impacts[impact].name, ruleSet, `${escapeText(title)}.${reason}${cause}`, code(id)].join(' | ')} |`;
}

function renderClauses(check: CheckResult, report: ConformanceReport): string {
  return findClauses(check, report)
    .map(({ id, sentence, references }) => {
      const links = references.map(({ title, url }) =>
        url === undefined ? escapeText(title) : `[${escapeText(title)}](${url})`,
      );
      return `- ${id}: ${escapeText(sentence)}${links.length === 0 ? '' : ` (${links.join(', ')})`}`;
    })
    .join('\n');
}

function renderViolation(check: CheckResult, report: ConformanceReport, followers: readonly CheckResult[]): string {
  const evidence = check.evidence.map(
    ({ request, expected, answered }) => `$ ${request}\nExpected: ${expected}\nResponse: ${answered}`,
  );
  return [
    // The text up to the blank line is HTML, in which a backslash does not escape anything.
    `<details><summary>${html`${check.title}`.text}</summary>`,
    codeBlock([check.message, ...evidence].join('\n\n')),
    followers.length === 0 ? '' : `**${escapeText(describeFollowers(followers))}.**`,
    `Effect: ${nameImpact(check)}. ${escapeText(check.why)}`,
    ...describePlatformEffect(check).map(([label, text]) => `${label}: ${escapeText(text)}`),
    findFurtherFix(check, report)
      .map(({ stack, text }) => `- ${stackNames[stack]}: ${escapeText(text)}`)
      .join('\n'),
    renderClauses(check, report),
    `More: ${code(`user-info explain ${check.id}`)}`,
    '</details>',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Returns the details of the findings that do not follow from others. */
function renderDetails(findings: readonly CheckResult[], report: ConformanceReport): string[] {
  const { roots, followersOf } = foldPart(findings);
  return roots.slice(0, maxDetailed).map((check) => renderViolation(check, report, followersOf(check)));
}

function renderTable(title: string, checks: readonly CheckResult[]): string[] {
  if (checks.length === 0) return [];
  const rows = ['| effect | rule set | check | id |', '| --- | --- | --- | --- |', ...checks.map(renderRow)];
  return [`### ${title}`, rows.join('\n')];
}

/** Returns one row per topic with counts. */
function renderTopics(report: ConformanceReport): string[] {
  const topics = summarizeTopics(report);
  if (topics.length === 0) return [];
  const mark = { failed: '❌', warning: '⚠️', passed: '✅', none: '➖' };
  const rows = topics.map(({ topic, worst, words }) => `| ${mark[worst]} ${escapeText(topic)} | ${words} |`);
  return [['| topic | checks |', '| --- | --- |', ...rows].join('\n')];
}

function renderList(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`### ${title}`, items.map((item) => `- ${item}`).join('\n')];
}

/** Renders the report as GitHub-flavored Markdown: the verdict, the violations with advice, and what was not tested. */
export function renderMarkdownReport(unsafe: ConformanceReport): string {
  const report = makeAllVisible(unsafe);
  const { failures, warnings, knownFailures, notTested } = findParts(report);
  const byTopic = [...groupByTopic(warnings).values()].flat();
  const limits = describeLimits(report);
  const mark = { conforms: '✅', 'does-not-conform': '❌', 'could-not-run': '⚠️' }[verdictColorOf(report)];
  const { target, kit, attestation } = report;
  const route = describeRoute(report);
  const missing = describeMissingKinds(report);
  return [
    `## ${mark} ${code(target.url)} ${describeVerdict(report)}${limits === '' ? '' : `, ${limits}`}`,
    ...(report.reason === undefined ? [] : [escapeText(report.reason)]),
    `${describeCounts(report) || 'Nothing was checked'}. Authentication ${target.auth}, contract ${report.contract.version}, ${attestation.requestsSent} requests, ${report.durationMs} ms, ${kit.name} ${escapeText(kit.version)}.`,
    ...(route === '' ? [] : [`Requests were sent ${code(route)}.`]),
    ...(report.latency ? [`Latency of ${escapeText(wordLatency(report.latency))}.`] : []),
    ...renderList('The baseline is stale', describeStaleEntries(report).map(escapeText)),
    ...renderTopics(report),
    ...renderTable('Failures, most severe first', failures),
    ...renderDetails(failures, report),
    ...renderTable('Warnings, which do not change the verdict', byTopic),
    ...renderDetails(byTopic, report),
    ...renderTable('Known violations', knownFailures),
    ...renderList(
      'Not tested',
      notTested.map(({ title, id, message }) => `${escapeText(title)} ${code(id)}: ${code(message)}`),
    ),
    ...renderList('Left out', report.leftOut.map(code)),
    ...renderList(
      'Checks not run, and the flags that run them',
      summarizeNotRun(report).map(
        (line) => `${line.isFlag ? code(line.what) : escapeText(line.what)}: ${describeCountsOf(line)}`,
      ),
    ),
    ...(missing === '' ? [] : [escapeText(missing)]),
  ]
    .join('\n\n')
    .concat('\n');
}
