// Owns the HTML form of a report: one file that needs no network and no script.
import type { CheckResult, ConformanceReport } from '../../schemas/generated/conformance-report.ts';
import { makeAllVisible } from '../../schemas/printable-text.ts';
import { wordLatency } from '../latency.ts';
import { renderHtmlPage } from './html-page.ts';
import { htmlStyle } from './html-style.ts';
import { html, type SafeHtml } from './html-template.ts';
import {
  findFurtherMend,
  findParts,
  groupByTopic,
  platformVerdicts,
  type ReportParts,
  routeInWords,
  splitMessage,
  stackNames,
  staleInWords,
  verdictWords,
} from './report-parts.ts';

const count = (number: number, one: string, many: string) => `${number} ${number === 1 ? one : many}`;

/** A URL that breaks where people would break it. */
function withBreaks(url: string): SafeHtml {
  return html`${url.split(/(?<=[/.?&:])(?=[^/.?&:])/).map((part) => html`${part}<wbr>`)}`;
}

function renderSummary(report: ConformanceReport, { failures, knownFailures }: ReportParts): string {
  if (report.reason !== undefined) return report.reason;
  if (failures.length === 0 && knownFailures.length > 0) {
    return `Nothing failed but what the baseline accepts: ${count(knownFailures.length, 'known failure', 'known failures')}.`;
  }
  if (failures.length === 0) return 'Every check that applies was passed.';
  const musts = failures.filter(({ level }) => level === 'MUST').length;
  const open = failures.filter(({ platformVerdict }) => platformVerdict === 'silently-wrong-access').length;
  const sentences = [
    musts > 0
      ? `${count(musts, 'MUST check', 'MUST checks')} failed.`
      : `${count(failures.length, 'recommendation', 'recommendations')} failed, which does not cost conformance.`,
    open > 0 ? `${count(open, 'failure makes', 'failures make')} access silently wrong: begin there.` : '',
  ];
  return sentences.join(' ').trim();
}

function renderCounts(parts: ReportParts): SafeHtml {
  const tiles: readonly (readonly [className: string, label: string, number: number])[] = [
    ['failed', 'failed', parts.failures.length],
    ['known', 'known failures', parts.knownFailures.length],
    ['open', 'not judged', parts.notJudged.length],
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
  // A style attribute would be refused by the page's own policy; the lengths are those of a drawing.
  return html`<svg class="bar" viewBox="0 0 ${Math.max(x, 1)} 1" preserveAspectRatio="none" aria-hidden="true">${pieces}</svg>
<dl class="counts">${shown.map(
    ([className, label, number]) =>
      html`<div class="${number > 0 ? className : 'none'}"><dt>${label}</dt><dd>${number}</dd></div>`,
  )}</dl>`;
}

function renderTags({ level, platformVerdict, id }: CheckResult): SafeHtml {
  return html`<p class="tags"><span class="tag ${platformVerdict}">${platformVerdicts[platformVerdict].name}</span>
<span class="tag">${level}</span> <code>${id}</code></p>`;
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
<dt>Answered</dt><dd><code>${answered}</code></dd></dl></div>`,
  )}`;
}

function renderMend(check: CheckResult): SafeHtml | null {
  const mend = findFurtherMend(check);
  if (mend.length === 0) return null;
  return html`<h4>How to mend it</h4>${mend.map(({ stack, text }) =>
    stack === 'any'
      ? html`<p class="message">${text}</p>`
      : html`<details class="mend"><summary>${stackNames[stack]}</summary><p class="message">${text}</p></details>`,
  )}`;
}

function renderFailure(check: CheckResult): SafeHtml {
  const known = check.known
    ? html`<p><strong>Known:</strong> ${check.known.reason}${check.known.until === undefined ? '' : ` Accepted until ${check.known.until}.`}</p>`
    : null;
  return html`<article class="finding ${check.platformVerdict}">
${renderTags(check)}<h3>${check.title}</h3>${known}
<p>${check.why}</p>
${renderMessage(check)}
${renderEvidence(check)}${renderMend(check)}
<p class="soft">Source: ${check.source}</p>
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

function renderAttestation({ kit, target, startedAt, durationMs, latency, attestation }: ConformanceReport): SafeHtml {
  const { configuration } = attestation;
  const rows: readonly (readonly [string, string])[] = [
    ['Kit', `${kit.name} ${kit.version}`],
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
    ...Object.entries(configuration).map(([name, value]) => [name, [value].flat().join(', ') || 'none'] as const),
  ];
  return html`<details class="fold"><summary>Attestation <span class="soft">what was judged, by which rules</span></summary>
<dl class="pairs">${rows.map(([name, value]) => html`<dt>${name}</dt><dd><code>${value}</code></dd>`)}</dl></details>`;
}

function renderLeftOut(leftOut: readonly string[]): SafeHtml | null {
  if (leftOut.length === 0) return null;
  return html`<h2>Left out</h2><div class="fold"><ul>${leftOut.map((text) => html`<li>${text}</li>`)}</ul></div>`;
}

function renderStale(report: ConformanceReport): SafeHtml | null {
  const sentences = staleInWords(report);
  if (sentences.length === 0) return null;
  return html`<div class="verdict stale"><strong>The baseline is stale</strong>${sentences.map((text) => html`<p>${text}</p>`)}</div>`;
}

function renderSections(parts: ReportParts, report: ConformanceReport): SafeHtml {
  const { failures, knownFailures, notJudged, passed, skipped } = parts;
  const meanings = [...new Set(failures.map(({ platformVerdict }) => platformVerdict))];
  return html`${failures.length === 0 ? null : html`<h2>Failures, the worst first</h2>${failures.map(renderFailure)}`}
${
  meanings.length === 0
    ? null
    : html`<details class="fold"><summary>What the marks mean</summary><dl class="pairs">${meanings.map(
        (verdict) => html`<dt>${platformVerdicts[verdict].name}</dt><dd>${platformVerdicts[verdict].meaning}</dd>`,
      )}</dl></details>`
}
${knownFailures.length === 0 ? null : html`<h2>Known failures</h2>${knownFailures.map(renderFailure)}`}
${renderLeftOut(report.leftOut)}
<h2>All else</h2>
${renderFold('Not judged', notJudged, report.verdict === 'could-not-run')}
${renderFold('Passed', passed, false)}
${renderFold('Skipped', skipped, false)}
${renderAttestation(report)}`;
}

/** The report as one HTML document. */
export function renderHtmlReport(unsafe: ConformanceReport): string {
  const report = makeAllVisible(unsafe);
  const { target, kit, startedAt, verdict } = report;
  const parts = findParts(report);
  const route = routeInWords(report);
  return renderHtmlPage({
    title: `${target.url} ${verdictWords[verdict]}`,
    style: htmlStyle,
    header: html`<p class="kicker">User info conformance, ${startedAt.slice(0, 16).replace('T', ' ')} UTC</p>
<h1>${withBreaks(target.url)}</h1>
<p class="target">Declared authentication: ${target.auth}. Profile: ${target.profile}.${route === '' ? null : html` Asked ${withBreaks(route)}.`}</p>
<div class="verdict ${verdict}"><strong>${verdictWords[verdict].replace(/^./, (letter) => letter.toUpperCase())}</strong>
<p>${renderSummary(report, parts)}</p></div>
${renderStale(report)}
${renderCounts(parts)}`,
    main: renderSections(parts, report),
    footer: html`<p>Made by ${kit.name} ${kit.version}. <code>user-info explain CHECK-ID</code> tells more of each check.</p>`,
  });
}
