// HTML report of the differences between two runs.
import { renderHtmlPage } from '../../conformance/report/html-page.ts';
import { html, type SafeHtml } from '../../conformance/report/html-template.ts';
import { kitVersion } from '../../schemas/kit-version.ts';
import { makeAllVisible, makeVisibleName } from '../../schemas/printable-text.ts';
import type { UserDifference } from '../../simulator/sync/diff-runs.ts';
import type { Run } from '../../simulator/sync/run.ts';
import { renderChanges, runPageStyle } from './run-report-html.ts';
import { describeOutcome } from './run-text.ts';

/** Further users are only counted; the JSON report lists them. */
const maxUsers = 1000;

/** @param differences of the second run from the first. */
export function renderDiffHtml(unsafeRuns: readonly [Run, Run], unsafe: readonly UserDifference[]): string {
  const [before, after] = makeAllVisible(unsafeRuns);
  const differences = makeAllVisible(unsafe.slice(0, maxUsers));
  const isSame = unsafe.length === 0;
  const losing = unsafe.filter(({ lost, gained }) => lost.length > 0 || gained.includes('disabled')).length;
  const left = unsafe.length - differences.length;
  return renderHtmlPage({
    title: `Run ${before.id} and run ${after.id}: ${isSame ? 'all the same' : `${unsafe.length} users differ`}`,
    style: runPageStyle,
    header: html`<p class="kicker">User info sync, two runs compared</p>
<h1>Run ${before.id} and run ${after.id}</h1>
<div class="verdict ${isSame ? 'conforms' : 'could-not-run'}"><strong>${isSame ? 'All the same' : 'Not the same'}</strong>
<p>${isSame ? 'The two runs have the same result for every user.' : `${unsafe.length} users differ; ${losing} have less access in run ${after.id} or are disabled.`}</p></div>`,
    main: html`${renderRuns(before, after)}
${isSame ? null : renderTable(differences, before.id, after.id)}
${left > 0 ? html`<p>And ${left} more, listed in the JSON report.</p>` : null}`,
    footer: html`<p>Made by user-info-kit ${kitVersion}. This report contains user data: store it accordingly.</p>`,
  });
}

function renderRuns(before: Run, after: Run): SafeHtml {
  const rows: readonly (readonly [string, string, string])[] = [
    ['IAM', before.iam, after.iam],
    ['Started', before.startedAt, after.startedAt],
    ['Users from', before.source, after.source],
    ['Applied', before.dryRun ? 'no, a dry run' : before.phase, after.dryRun ? 'no, a dry run' : after.phase],
    ['Endpoint', before.settings.externalUserInfo.uri, after.settings.externalUserInfo.uri],
    ...findOtherGuesses(before, after),
  ];
  return html`<h2>The runs</h2><table><thead><tr><td></td><th>Run ${before.id}</th><th>Run ${after.id}</th></tr></thead>
<tbody>${rows.map(([label, one, other]) => html`<tr><th>${label}</th><td>${one}</td><td>${other}</td></tr>`)}</tbody></table>`;
}

/** A difference may result from assumptions instead of the endpoint. */
function findOtherGuesses(before: Run, after: Run): Array<readonly [string, string, string]> {
  const others = new Map(Object.entries(after.settings.guesses));
  return Object.entries(before.settings.guesses)
    .filter(([name, value]) => others.get(name) !== value)
    .map(([name, value]) => [`Guess ${name}`, String(value), String(others.get(name))]);
}

function renderOutcomes({ before, after, detail }: NonNullable<UserDifference['outcomes']>): SafeHtml {
  const was = describeOutcome({ outcome: before, detail: null });
  return html`<span class="change">${was} → ${describeOutcome({ outcome: after, detail })}</span> `;
}

function renderTable(differences: readonly UserDifference[], first: number, second: number): SafeHtml {
  const only = { 'only-before': `only in run ${first}`, 'only-after': `only in run ${second}`, both: '' };
  return html`<h2>By user</h2><table><thead><tr><th>User</th><th>From run ${first} to run ${second}</th></tr></thead>
<tbody>${differences.map(
    ({ userid, presence, outcomes, gained, lost }) =>
      html`<tr><th>${makeVisibleName(userid)}</th><td>${only[presence]}${outcomes && renderOutcomes(outcomes)}${renderChanges(gained, lost)}</td></tr>`,
  )}</tbody></table>`;
}
