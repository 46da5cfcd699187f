// Report in HTML: one file that needs no network and no script.
import type { CheckResult, ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { makeAllVisible } from '../../schemas/printable-text.ts';
import { wordLatency } from '../http/latency.ts';
import { describeMissingKinds } from '../user-kinds.ts';
import { renderHtmlPage } from './html-page.ts';
import { htmlStyle } from './html-style.ts';
import { html, type SafeHtml } from './html-template.ts';
import {
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
  type ReportParts,
  splitMessage,
  stackNames,
  verdictColorOf,
} from './report-parts.ts';
import { describeCountsOf, summarizeNotRun, summarizeTopics } from './report-summary.ts';

const count = (number: number, one: string, many: string) => `${number} ${number === 1 ? one : many}`;

/** Returns a URL with line-break opportunities. */
function withBreaks(url: string): SafeHtml {
  return html`${url.split(/(?<=[/.?&:])(?=[^/.?&:])/).map((part) => html`${part}<wbr>`)}`;
}

function renderSummary(report: ConformanceReport, { failures, warnings, knownFailures }: ReportParts): string {
  if (report.reason !== undefined) return report.reason;
  const limits = describeLimits(report);
  const open = failures.filter(({ impact }) => impact === 'silently-wrong-access').length;
  const sentences = [
    failures.length > 0 ? `${count(failures.length, 'contract check', 'contract checks')} failed.` : '',
    open > 0 ? `${count(open, 'failure leads', 'failures lead')} to silently wrong access: start there.` : '',
    warnings.length > 0 ? `${count(warnings.length, 'warning does', 'warnings do')} not affect the verdict.` : '',
    knownFailures.length > 0 ? `The baseline accepts ${count(knownFailures.length, 'violation', 'violations')}.` : '',
    failures.length + warnings.length + knownFailures.length === 0 ? 'No check failed, and there are no warnings.' : '',
    limits === '' ? '' : `It conforms ${limits}.`,
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

function renderCounts(parts: ReportParts): SafeHtml {
  const tiles: readonly (readonly [className: string, label: string, number: number])[] = [
    ['failed', 'failed', parts.failures.length],
    ['warned', 'warnings', parts.warnings.length],
    ['info', 'infos', parts.infos.length],
    ['known', 'known violations', parts.knownFailures.length],
    ['open', 'not tested', parts.notTested.length],
    ['passed', 'passed', parts.passed.length],
    ['skipped', 'skipped', parts.skipped.length],
  ];
  const shown = tiles.filter(([className, , number]) => number > 0 || className === 'failed' || className === 'passed');
  let x = 0;
  const pieces = shown.map(([className, , number]) => {
    const piece = html`<rect class="${className}" x="${x}" y="0" width="${number}" height="1"/>`;
    x += number;
    return piece;
  });
  // The bar is a drawing, because the page's own policy would block a style attribute with lengths.
  return html`<svg class="bar" viewBox="0 0 ${Math.max(x, 1)} 1" preserveAspectRatio="none" aria-hidden="true">${pieces}</svg>
<dl class="counts">${shown.map(
    ([className, label, number]) =>
      html`<div class="${number > 0 ? className : 'none'}"><dt>${label}</dt><dd>${number}</dd></div>`,
  )}</dl>`;
}

function renderTags(check: CheckResult): SafeHtml {
  const { ruleSet, level, impact, id } = check;
  return html`<p class="tags"><span class="tag ${impact}">${nameImpact(check)}</span>
<span class="tag">${ruleSet} ${level}</span> <code>${id}</code></p>`;
}

function renderMessage(check: CheckResult): SafeHtml {
  const pairs = splitMessage(check);
  if (pairs.some(([label]) => label === '')) return html`<p class="message">${check.message}</p>`;
  return html`<dl class="pairs">${pairs.map(([label, text]) => html`<dt>${label}</dt><dd>${text}</dd>`)}</dl>`;
}

function renderEvidence({ evidence, message }: CheckResult): SafeHtml | null {
  if (evidence.length === 0) return null;
  return html`<h4>Evidence</h4>${evidence.map(
    ({ request, expected, answered }) => html`<div class="evidence"><pre><code>${request}</code></pre>
<dl class="pairs">${message.includes(expected) ? null : html`<dt>Expected</dt><dd>${expected}</dd>`}
<dt>Response</dt><dd><code>${answered}</code></dd></dl></div>`,
  )}`;
}

function renderFix(check: CheckResult, report: ConformanceReport): SafeHtml | null {
  const fix = findFurtherFix(check, report);
  if (fix.length === 0) return null;
  return html`<h4>How to fix it</h4>${fix.map(({ stack, text }) =>
    stack === 'any' || stack === report.stack
      ? html`<p class="message">${stack === 'any' ? null : html`<strong>${stackNames[stack]}:</strong> `}${text}</p>`
      : html`<details class="fix"><summary>${stackNames[stack]}</summary><p class="message">${text}</p></details>`,
  )}`;
}

function renderClauses(check: CheckResult, report: ConformanceReport): SafeHtml | null {
  const clauses = findClauses(check, report);
  if (clauses.length === 0) return null;
  return html`<h4>Clauses</h4><ul class="soft">${clauses.map(
    ({ id, sentence, references }) =>
      html`<li>${id}: ${sentence} ${references.map(({ title, url }, index) => [
        index === 0 ? '' : ', ',
        url === undefined ? title : html`<a href="${url}">${title}</a>`,
      ])}</li>`,
  )}</ul>`;
}

function renderViolation(
  check: CheckResult,
  report: ConformanceReport,
  followers: readonly CheckResult[] = [],
): SafeHtml {
  const known = check.known
    ? html`<p><strong>Known:</strong> ${check.known.reason}${check.known.until === undefined ? '' : ` Accepted until ${check.known.until}.`}</p>`
    : null;
  return html`<article class="finding ${check.status === 'failed' ? check.impact : 'warning'}">
${renderTags(check)}<h3>${check.title}</h3>${known}
${followers.length === 0 ? null : html`<p><strong>${describeFollowers(followers)}.</strong></p>`}
<p>${check.why}</p>
${describePlatformEffect(check).map(([label, text]) => html`<p><strong>${label}:</strong> ${text}</p>`)}
${renderMessage(check)}
${renderEvidence(check)}${renderFix(check, report)}
${renderClauses(check, report)}
</article>
`;
}

function renderFold(title: string, checks: readonly CheckResult[], isOpen: boolean): SafeHtml | null {
  if (checks.length === 0) return null;
  const topics = [...groupByTopic(checks)].map(
    ([topic, group]) =>
      html`<h3>${topic}</h3><ul class="checks">${group.map(
        ({ title: name, id, message }) =>
          html`<li>${name} <code>${id}</code>${
            message === '' ? null : html`<br><span class="soft message">${message}</span>`
          }</li>`,
      )}</ul>`,
  );
  const summary = html`<summary>${title} <span class="soft">${count(checks.length, 'check', 'checks')}</span></summary>`;
  return isOpen
    ? html`<details class="fold" open>${summary}${topics}</details>`
    : html`<details class="fold">${summary}${topics}</details>`;
}

function renderAttestation({
  kit,
  contract,
  target,
  startedAt,
  durationMs,
  latency,
  platformProfile,
  attestation,
}: ConformanceReport): SafeHtml {
  const { configuration } = attestation;
  const rows: readonly (readonly [string, string])[] = [
    ['Kit', `${kit.name} ${kit.version}`],
    ['Contract', contract.version],
    ['Rules (SHA-256)', attestation.ruleSetSha256],
    ['Endpoint', target.url],
    ...(target.proxy === undefined ? [] : [['Proxy', target.proxy] as const]),
    ...(target.resolve === undefined ? [] : [['Address', target.resolve] as const]),
    ['Certificate (SHA-256)', attestation.serverCertificateSha256 ?? 'none'],
    ['Started', startedAt],
    ['Finished', attestation.finishedAt],
    ['Took', `${durationMs} ms`],
    ['Requests', `${attestation.requestsSent}, ${attestation.failedLoginsSent} of them with wrong credentials`],
    ...(latency ? [['Latency', wordLatency(latency)] as const] : []),
    ...(platformProfile ? [['Platform profile', `${platformProfile.platform}, ${platformProfile.date}`] as const] : []),
    ...Object.entries(configuration).map(([name, value]) => [name, [value].flat().join(', ') || 'none'] as const),
  ];
  return html`<details class="fold"><summary>Attestation <span class="soft">what was tested, and by which rules</span></summary>
<dl class="pairs">${rows.map(([name, value]) => html`<dt>${name}</dt><dd><code>${value}</code></dd>`)}</dl></details>`;
}

/** Renders one row per topic with counts. */
function renderTopics(report: ConformanceReport): SafeHtml | null {
  const topics = summarizeTopics(report);
  if (topics.length === 0) return null;
  return html`<h2>Topics</h2><table class="topics"><thead><tr><th scope="col">topic</th><th scope="col">checks</th></tr></thead><tbody>${topics.map(
    ({ topic, worst, words }) => html`<tr class="${worst}"><th scope="row">${topic}</th><td>${words}</td></tr>`,
  )}</tbody></table>`;
}

/** Renders the flags that would enable the checks that were not run, and below them those checks by reason. */
function renderNotRun(report: ConformanceReport): SafeHtml | null {
  const lines = summarizeNotRun(report);
  const { leftOut } = report;
  const reasons =
    leftOut.length === 0
      ? null
      : html`<details class="fold"><summary>Left out, by reason</summary><ul>${leftOut.map((text) => html`<li>${text}</li>`)}</ul></details>`;
  const missing = describeMissingKinds(report);
  const kinds = missing === '' ? null : html`<p>${missing}</p>`;
  if (lines.length === 0) return html`${kinds}${reasons}`;
  return html`<h2>Checks not run, and the flags that run them</h2><div class="fold"><dl class="pairs wide">${lines.map(
    (line) =>
      html`<dt>${line.isFlag ? html`<code>${line.what}</code>` : line.what}</dt><dd>${describeCountsOf(line)}</dd>`,
  )}</dl></div>${kinds}${reasons}`;
}

function renderStale(report: ConformanceReport): SafeHtml | null {
  const sentences = describeStaleEntries(report);
  if (sentences.length === 0) return null;
  return html`<div class="verdict stale"><strong>The baseline is stale</strong>${sentences.map((text) => html`<p>${text}</p>`)}</div>`;
}

function renderSections(parts: ReportParts, report: ConformanceReport): SafeHtml {
  const { failures, warnings, infos, knownFailures, notTested, passed, skipped } = parts;
  const meanings = [...new Set([...failures, ...warnings].map(({ impact }) => impact))];
  const renderRoots = (findings: readonly CheckResult[], all: readonly CheckResult[]) => {
    const { followersOf } = foldPart(all);
    return findings.map((check) => renderViolation(check, report, followersOf(check)));
  };
  const violations = (title: string, checks: readonly CheckResult[]) =>
    checks.length === 0 ? null : html`<h2>${title}</h2>${renderRoots(foldPart(checks).roots, checks)}`;
  const topicsOfWarnings = [...groupByTopic(foldPart(warnings).roots)].map(
    ([topic, checks]) => html`<h3 class="topic">${topic}</h3>${renderRoots(checks, warnings)}`,
  );
  return html`${renderTopics(report)}
${violations('Failures, most severe first', failures)}
${warnings.length === 0 ? null : html`<h2>Warnings, which do not change the verdict</h2>${topicsOfWarnings}`}
${
  meanings.length === 0
    ? null
    : html`<details class="fold"><summary>What the marks mean</summary><dl class="pairs">${meanings.map(
        (impact) => html`<dt>${impacts[impact].name}</dt><dd>${impacts[impact].meaning}</dd>`,
      )}</dl></details>`
}
${violations('Known violations', knownFailures)}
${renderFold(
  'Findings that follow from another',
  [...failures, ...warnings].filter((check) => check.followsFrom !== undefined),
  false,
)}
${renderNotRun(report)}
<h2>Other checks</h2>
${renderFold('Infos: MAY requirements that are not met', infos, false)}
${renderFold('Not tested', notTested, report.verdict === 'could-not-run')}
${renderFold('Passed', passed, false)}
${renderFold('Skipped', skipped, false)}
${renderAttestation(report)}`;
}

/** Renders the report as one HTML document. */
export function renderHtmlReport(unsafe: ConformanceReport): string {
  const report = makeAllVisible(unsafe);
  const { target, kit, contract, startedAt } = report;
  const parts = findParts(report);
  const route = describeRoute(report);
  return renderHtmlPage({
    title: `${target.url} ${describeVerdict(report)}`,
    style: htmlStyle,
    header: html`<p class="kicker">User info conformance, ${startedAt.slice(0, 16).replace('T', ' ')} UTC</p>
<h1>${withBreaks(target.url)}</h1>
<p class="target">Declared authentication: ${target.auth}. Contract: ${contract.version}.${route === '' ? null : html` Requests were sent ${withBreaks(route)}.`}</p>
<div class="verdict ${verdictColorOf(report)}"><strong>${describeVerdict(report).replace(/^./, (letter) => letter.toUpperCase())}</strong>
<p>${renderSummary(report, parts)}</p></div>
${renderStale(report)}
${renderCounts(parts)}`,
    main: renderSections(parts, report),
    footer: html`<p>Generated by ${kit.name} ${kit.version}. <code>user-info explain CHECK-ID</code> describes each check.</p>`,
  });
}
