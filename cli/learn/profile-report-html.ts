// HTML report of a platform profile: one file without scripts or external resources.
import { renderHtmlPage } from '../../conformance/report/html-page.ts';
import { htmlStyle } from '../../conformance/report/html-style.ts';
import { html, type SafeHtml } from '../../conformance/report/html-template.ts';
import type { Evidence, PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import { makeAllVisible } from '../../schemas/printable-text.ts';
import { tableStyle } from '../simulate/run-report-html.ts';
import { findProfileParts, type ProfileParts, wordRequests } from './profile-parts.ts';
import { renderLegend, renderTimeline, timelineStyle } from './profile-timeline.ts';

const style = `${htmlStyle}${tableStyle}${timelineStyle}
th .soft { font-weight: 400; } .how { min-width: 8rem; overflow-wrap: normal; } .day { white-space: nowrap; }
`;

/** @param now facts that expired before this time are marked. */
export function renderProfileHtml(unsafe: PlatformProfile, now: Date): string {
  const profile = makeAllVisible(unsafe);
  const { platform, date, kit } = profile;
  const parts = findProfileParts(profile, now);
  const { determined, open, experiments, connection, repeats, responses, disturbances } = parts;
  const expired = determined.filter(({ isExpired }) => isExpired).length;
  return renderHtmlPage({
    title: `Platform profile of ${platform}`,
    style,
    header: html`<p class="kicker">Platform profile, ${date}</p>
<h1>${platform}</h1>
<div class="verdict ${expired > 0 ? 'stale' : 'conforms'}"><strong>${determined.length} of ${determined.length + open.length} assumptions are determined</strong>
${expired > 0 ? html`<p>${expired} of them expired. Measure again with <code>user-info learn</code>.</p>` : null}</div>`,
    main: html`${renderDetermined(parts)}
${renderOpen(parts)}
<h2>Connection</h2>${renderPairs(connection)}
${repeats.length === 0 ? null : html`<h2>Repeats</h2>${renderPairs(repeats)}`}
${responses.length === 0 ? null : html`<h2>Unusual responses</h2><p class="soft">What each does to a user that has a group and a value.</p>${renderPairs(responses)}`}
<h2>Disturbances</h2>${renderPairs(disturbances)}
${experiments.length === 0 ? null : html`<h2>Experiments</h2><p class="soft">Requests of each sync of a test user, starting with the first request.</p>${renderLegend()}${experiments.map(renderExperiment)}`}`,
    footer: html`<p>Made by user-info-kit ${kit}. The profile contains no addresses, no user names and no secrets.</p>`,
  });
}

function renderDetermined({ determined }: ProfileParts): SafeHtml | null {
  if (determined.length === 0) return null;
  return html`<h2>Determined</h2><div class="scrolled" role="region" aria-label="Determined" tabindex="0"><table>
<thead><tr><th>Assumption</th><th>Value</th><th>How</th><th>When</th><th>Valid until</th></tr></thead>
<tbody>${determined.map(
    ({ name, description, value, how, date, validUntil, isExpired }) =>
      html`<tr><th>${name}<br><span class="soft">${description}</span></th><td>${value}</td><td class="how">${how}</td><td class="day">${date}</td><td class="day">${validUntil}${isExpired ? html` <span class="tag refused">expired</span>` : null}</td></tr>`,
  )}</tbody></table></div>`;
}

function renderOpen({ open }: ProfileParts): SafeHtml | null {
  if (open.length === 0) return null;
  return html`<h2>Not determined</h2><table><thead><tr><th>Assumption</th><th>Why</th></tr></thead>
<tbody>${open.map(
    ({ name, description, reason }) =>
      html`<tr><th>${name}<br><span class="soft">${description}</span></th><td>${reason}</td></tr>`,
  )}</tbody></table>`;
}

function renderPairs(pairs: ReadonlyArray<readonly [string, string]>): SafeHtml {
  return html`<dl class="pairs">${pairs.map(([label, text]) => html`<dt>${label}</dt><dd>${text}</dd>`)}</dl>`;
}

function renderExperiment({ experiment, tries, agreeing, at, clients, timeline = [] }: Evidence): SafeHtml {
  return html`<h3>${experiment}</h3>
<p class="soft">${agreeing} of ${tries} tries agree. Ended ${at.slice(0, 16).replace('T', ' ')} UTC. ${clients.length} ${clients.length === 1 ? 'client' : 'clients'}.</p>
${
  timeline.length === 0
    ? null
    : html`<div class="scrolled" role="region" aria-label="Timeline of ${experiment}" tabindex="0">${renderTimeline(timeline)}</div>
<details class="fold"><summary>Times <span class="soft">of ${experiment}</span></summary><table><thead><tr><th>Sync</th><th>Requests</th></tr></thead>
<tbody>${timeline.map((requests, at) => html`<tr><th>${at + 1}</th><td>${wordRequests(requests)}</td></tr>`)}</tbody></table></details>`
}`;
}
