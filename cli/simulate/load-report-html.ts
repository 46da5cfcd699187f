// HTML report of a load test: one file without scripts or external resources.
import { renderHtmlPage } from '../../conformance/report/html-page.ts';
import { html, type SafeHtml } from '../../conformance/report/html-template.ts';
import { kitVersion } from '../../schemas/kit-version.ts';
import { makeVisible } from '../../schemas/printable-text.ts';
import type { StageResult } from '../../simulator/load/load-stage.ts';
import type { LoadResult } from '../../simulator/load/run-load.ts';
import { wordKnee, wordLevel } from './load-text.ts';
import { renderGuesses, runPageStyle } from './run-report-html.ts';

/** @param endedAt ISO 8601. */
export function renderLoadHtml(result: LoadResult, uri: string, endedAt: string): string {
  const { knee, stages, mode, seconds } = result;
  return renderHtmlPage({
    title: `Load on ${makeVisible(uri)}`,
    style: runPageStyle,
    header: html`<p class="kicker">User info load, ${endedAt.slice(0, 16).replace('T', ' ')} UTC</p>
<h1>Load on ${makeVisible(uri)}</h1>
<p class="target">${mode === 'open' ? 'Open: requests per second, independent of responses.' : 'Closed: concurrent users, each of whom waits for the response.'} ${seconds} s per level.</p>
<div class="verdict ${knee.level === null ? 'does-not-conform' : 'conforms'}"><strong>${wordKnee(result)}</strong></div>`,
    main: html`<h2>Responses per second</h2>${renderBars(stages)}
<div class="scrolled" role="region" aria-label="Levels" tabindex="0"><table><thead><tr><th>${wordLevel(result).replace(/^./, (letter) => letter.toUpperCase())}</th><th class="number">Sent</th><th class="number">Responses per second</th><th class="number">p50</th><th class="number">p99</th><th class="number">No response</th></tr></thead>
<tbody>${stages.map(
      ({ level, requests, answersPerSecond, latency, overloaded, unsent }) =>
        html`<tr><th>${level}${level === knee.level ? html` <span class="tag">knee</span>` : null}</th><td class="number">${requests}</td><td class="number">${answersPerSecond}</td><td class="number">${latency?.p50Ms ?? ''}</td><td class="number">${latency?.p99Ms ?? ''}</td><td class="number ${overloaded + unsent > 0 ? 'lost' : ''}">${overloaded + unsent}</td></tr>`,
    )}</tbody></table></div>
<p class="soft">Times are in ms, from when a request was due.</p>
${renderGuesses(result)}`,
    footer: html`<p>Made by user-info-kit ${kitVersion}.</p>`,
  });
}

/** One bar per level; hidden from screen readers, because the table has the same content. */
function renderBars(stages: readonly StageResult[]): SafeHtml {
  const highest = Math.max(...stages.map(({ answersPerSecond }) => answersPerSecond), 1);
  const bars = stages.map(({ answersPerSecond }, index) => {
    const height = (answersPerSecond / highest) * 98;
    return html`<rect x="${index * 10 + 1}" y="${99 - height}" width="8" height="${height}"/>`;
  });
  return html`<svg class="histogram" viewBox="0 0 ${Math.max(stages.length, 1) * 10} 100" preserveAspectRatio="none" aria-hidden="true">${bars}<rect class="base" x="0" y="99" width="${stages.length * 10}" height="1"/></svg>`;
}
