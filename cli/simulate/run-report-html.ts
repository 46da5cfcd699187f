// HTML report of a run: one file without scripts or external resources.
import { renderHtmlPage } from '../../conformance/report/html-page.ts';
import { htmlStyle } from '../../conformance/report/html-style.ts';
import { html, type SafeHtml } from '../../conformance/report/html-template.ts';
import { kitVersion } from '../../schemas/kit-version.ts';
import { makeAllVisible, makeVisibleName } from '../../schemas/printable-text.ts';
import { writeFaultRules } from '../../simulator/faults/fault-rules.ts';
import { describeGroup } from '../../simulator/sync/access.ts';
import { assumedBy, groupGuesses, wordMeasurement } from '../../simulator/sync/guess-origins.ts';
import { type LatencyBucket, readBuckets } from '../../simulator/sync/latency.ts';
import type { Run, RunSummary } from '../../simulator/sync/run.ts';
import type { RunStore } from '../../simulator/sync/run-store.ts';
import type { SyncEnding } from '../../simulator/sync/run-sync.ts';
import type { Assumed } from './guesses-text.ts';
import { type ChangedUser, describeEnding, listChangedUsers } from './run-text.ts';

/** Further users are only counted; the JSON and CSV reports list them. */
const maxUsers = 500;

export const tableStyle = `
table { width: 100%; border-collapse: collapse; margin: .5rem 0; background: var(--card); border: 1px solid var(--line); }
caption { text-align: left; color: var(--soft); font-size: .875rem; padding: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .375rem .625rem; border-top: 1px solid var(--line); }
th { font-weight: 600; } thead th { color: var(--soft); font-size: .8125rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead .number { white-space: normal; } thead th { overflow-wrap: normal; }
.scrolled { overflow-x: auto; }
@media (max-width: 34rem) { th, td { padding: .375rem .25rem; } }
`;

const runStyle = `${tableStyle}
.gained { color: var(--good); } .lost { color: var(--bad); }
.change { display: inline-block; margin-right: .75rem; }
.dry-run { background: var(--calm-bg); color: var(--calm); border-color: var(--calm); }
.histogram { display: block; width: 100%; height: 8rem; margin: .75rem 0 0; }
.histogram rect { fill: var(--focus); } .histogram .base { fill: var(--line); }
`;

export const runPageStyle = `${htmlStyle}${runStyle}`;

const verdictClasses: Readonly<Record<SyncEnding, string>> = {
  done: 'conforms',
  'dry-run': 'dry-run',
  stopped: 'does-not-conform',
  interrupted: 'could-not-run',
  unreachable: 'could-not-run',
};

/** @param ending as returned by `runSync`, or from the record. */
export function renderRunHtml(runs: RunStore, id: number, ending: SyncEnding): string {
  const run = makeAllVisible(runs.get(id));
  const { summary } = run;
  const { listed, left } = makeAllVisible(listChangedUsers(runs, id, maxUsers));
  const words = describeEnding(ending, summary?.stopped);
  return renderHtmlPage({
    title: `Run ${run.id} of ${run.iam}: ${words}`,
    style: runPageStyle,
    header: html`<p class="kicker">User info sync, ${run.startedAt.slice(0, 16).replace('T', ' ')} UTC</p>
<h1>Run ${run.id} of ${run.iam}</h1>
<p class="target">Users from ${run.source}, by ${run.by}. Endpoint: ${run.settings.externalUserInfo.uri}</p>
<div class="verdict ${verdictClasses[ending]}"><strong>${words.replace(/^./, (letter) => letter.toUpperCase())}</strong>
${(summary?.stopped ?? []).map((reason) => html`<p>${reason}</p>`)}</div>
${summary && renderTiles(summary)}`,
    main: html`${summary && renderFailures(summary)}
${summary && renderGroups(summary)}
${renderUsers(listed, left)}
${summary && renderLatency(summary)}
${renderFaults(run)}
${renderGuesses(assumedBy(run))}`,
    footer: html`<p>Made by user-info-kit ${kitVersion}. This report contains user data: store it accordingly.</p>`,
  });
}

function renderTiles(summary: RunSummary): SafeHtml {
  const failed = summary.asked - summary.answered;
  const tiles: readonly (readonly [className: string, label: string, number: number])[] = [
    ['none', 'requested', summary.asked],
    ['none', 'answered', summary.answered],
    ['failed', 'not retrieved', failed],
    ['none', 'created', summary.created],
    ...(summary.migrated ? ([['none', 'migrated', summary.migrated]] as const) : []),
    ['none', 'changed', summary.changed],
    ['failed', 'lose access', summary.losing],
    ['known', 'disabled', summary.disabled],
    ['none', 'enabled', summary.enabled],
  ];
  return html`<dl class="counts">${tiles.map(
    ([className, label, number]) =>
      html`<div class="${number > 0 ? className : 'none'}"><dt>${label}</dt><dd>${number}</dd></div>`,
  )}</dl>`;
}

function renderFailures({ failures }: RunSummary): SafeHtml | null {
  const rows = Object.entries(failures);
  if (rows.length === 0) return null;
  return html`<h2>Not retrieved</h2><table><thead><tr><th>Kind of failure</th><th class="number">Users</th></tr></thead>
<tbody>${rows.map(([kind, users]) => html`<tr><th>${kind}</th><td class="number">${users}</td></tr>`)}</tbody></table>`;
}

function renderGroups({ groups, emptied }: RunSummary): SafeHtml | null {
  if (groups.length === 0) return null;
  return html`<h2>Changes by group</h2>
<table><thead><tr><th>Group</th><th class="number">Gained</th><th class="number">Lost</th></tr></thead>
<tbody>${groups.map(
    ({ gained, lost, ...group }) =>
      html`<tr><th>${makeVisibleName(describeGroup(group))}${
        emptied.includes(describeGroup(group))
          ? html` <span class="tag silently-wrong-access">loses the last member</span>`
          : null
      }</th><td class="number ${gained > 0 ? 'gained' : ''}">+${gained}</td><td class="number ${lost > 0 ? 'lost' : ''}">-${lost}</td></tr>`,
  )}</tbody></table>`;
}

function renderUsers(rows: readonly ChangedUser[], left: number): SafeHtml | null {
  if (rows.length === 0) return null;
  return html`<h2>Changes by user</h2>
<p class="soft">Users who changed or could not be retrieved. New users are included only in the counts above.</p>
<table><thead><tr><th>User</th><th>Change</th></tr></thead>
<tbody>${rows.map(
    ({ userid, outcome, gained, lost }) =>
      html`<tr><th>${userid}</th><td>${outcome === 'answered' ? null : html`<span class="change">${outcome}</span> `}${renderChanges(gained, lost)}</td></tr>`,
  )}</tbody></table>${left > 0 ? html`<p>And ${left} more, listed in the JSON and CSV reports.</p>` : null}`;
}

/** Color alone carries no information: each change begins with its sign. Being disabled is a loss, whatever its sign. */
export function renderChanges(gained: readonly string[], lost: readonly string[]): SafeHtml {
  const classOf = (what: string, otherwise: 'gained' | 'lost', ifDisabled: 'gained' | 'lost') =>
    what === 'disabled' ? ifDisabled : otherwise;
  const show = (what: string, sign: string, className: string) =>
    html`<span class="change ${className}">${sign}${what}</span> `;
  return html`${lost.map((what) => show(what, '-', classOf(what, 'lost', 'gained')))}${gained.map((what) =>
    show(what, '+', classOf(what, 'gained', 'lost')),
  )}`;
}

function renderLatency({ latency, durationMs }: RunSummary): SafeHtml | null {
  if (latency === null) return null;
  const rate = Math.round(latency.requests / Math.max(durationMs / 1000, 0.001));
  const buckets = readBuckets(latency.histogram);
  const rows: readonly (readonly [string, string])[] = [
    ['Requests', `${latency.requests}, ${rate} per second`],
    ['Mean', `${latency.meanMs} ms`],
    ['p50', `${latency.p50Ms} ms`],
    ['p90', `${latency.p90Ms} ms`],
    ['p99', `${latency.p99Ms} ms`],
    ['p99.9', `${latency.p999Ms} ms`],
    ['At most', `${latency.maxMs} ms`],
  ];
  return html`<h2>Response times</h2>
${renderHistogram(buckets)}
<table><thead><tr><th>From</th><th>To (exclusive)</th><th class="number">Requests</th></tr></thead><tbody>${buckets.map(
    ({ fromMs, toMs, requests }) =>
      html`<tr><td>${fromMs} ms</td><td>${toMs} ms</td><td class="number">${requests}</td></tr>`,
  )}</tbody></table>
<dl class="pairs">${rows.map(([label, text]) => html`<dt>${label}</dt><dd>${text}</dd>`)}</dl>`;
}

/** One bar per bucket; hidden from screen readers, because the table has the same content. */
function renderHistogram(buckets: readonly LatencyBucket[]): SafeHtml {
  const highest = Math.max(...buckets.map(({ requests }) => requests));
  const bars = buckets.map(({ requests }, index) => {
    const height = requests === 0 ? 0 : Math.max((requests / highest) * 98, 0.5);
    return html`<rect x="${index * 10 + 1}" y="${99 - height}" width="8" height="${height}"/>`;
  });
  return html`<svg class="histogram" viewBox="0 0 ${Math.max(buckets.length, 1) * 10} 100" preserveAspectRatio="none" aria-hidden="true">${bars}<rect class="base" x="0" y="99" width="${buckets.length * 10}" height="1"/></svg>`;
}

function renderFaults({ faults, summary }: Run): SafeHtml | null {
  if (faults === null) return null;
  const seen = Object.entries(summary?.faults ?? {}).map(([kind, requests]) => `${requests} ${kind}`);
  return html`<h2>Injected faults</h2><p>${seen.join(', ') || 'None'}. Repeat them with
<code>--faults ${writeFaultRules(faults.rules)} --seed ${faults.seed}</code>.</p>`;
}

/** Returns a section for each origin: measured with a platform, or guessed. */
export function renderGuesses({ guesses, measured }: Assumed): SafeHtml {
  return html`${groupGuesses(guesses, measured).map(
    ({ measurement, guesses: ofOrigin }) => html`${
      measurement === null
        ? html`<h2>Assumptions</h2><p class="soft">Assumptions about behavior that the platform's documentation does not describe. The result depends on these assumptions.</p>`
        : html`<h2>${wordMeasurement(measurement)}</h2><p class="soft">Behavior that the platform's documentation does not describe, from a platform profile.</p>`
    }
<dl class="pairs">${ofOrigin.map(([name, value]) => html`<dt>${name}</dt><dd>${String(value)}</dd>`)}</dl>`,
  )}`;
}
