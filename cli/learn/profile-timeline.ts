// Picture of the requests of an experiment on a time axis, as inline SVG.
import { html, type SafeHtml } from '../../conformance/report/html-template.ts';
import type { TimedRequest } from '../../schemas/generated/platform-profile.ts';
import { notesOf } from './profile-parts.ts';

const width = 800;
/** Width of the row labels. */
const left = 70;
const right = 20;
const rowHeight = 18;
const barHeight = 10;
/** A shorter bar would be invisible. */
const minBarWidth = 2;
const ticks = 4;

export const timelineStyle = `
.timeline { display: block; width: 100%; min-width: 32rem; margin: .5rem 0; }
.timeline text { fill: var(--soft); font-size: 11px; } .timeline line { stroke: var(--line); }
.timeline .complete { fill: var(--focus); } .timeline .incomplete { fill: var(--bad); }
.timeline .challenged { fill: var(--soft); } .timeline .redirected { fill: var(--good); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .5rem 0; padding: 0; font-size: .875rem; }
.legend svg { width: .75rem; height: .75rem; margin-right: .375rem; }
`;

const legend = [
  ['complete', 'the response was complete'],
  ['incomplete', 'closed before the response was complete'],
  ['challenged', 'without credentials'],
  ['redirected', 'after a redirect'],
] as const;

/** Returns the meaning of the colors. */
export function renderLegend(): SafeHtml {
  return html`<ul class="legend">${legend.map(
    ([className, words]) =>
      html`<li><svg class="timeline-key" viewBox="0 0 10 10" aria-hidden="true"><g class="timeline"><rect class="${className}" width="10" height="10"/></g></svg>${words}</li>`,
  )}</ul>`;
}

/** Returns a row for each sync. The picture is hidden from screen readers, because the table next to it has the same content. */
export function renderTimeline(syncs: ReadonlyArray<readonly TimedRequest[]>): SafeHtml {
  const longestMs = Math.max(1, ...syncs.flat().map(({ from, to = from }) => to));
  const scale = (ms: number) => round(left + (ms / longestMs) * (width - left - right));
  const bottom = syncs.length * rowHeight;
  const marks = Array.from({ length: ticks + 1 }, (_, at) => (longestMs * at) / ticks);
  return html`<svg class="timeline" viewBox="0 0 ${width} ${bottom + rowHeight}" aria-hidden="true">${marks.map(
    (ms, at) =>
      html`<line x1="${scale(ms)}" x2="${scale(ms)}" y1="0" y2="${bottom}"/><text x="${scale(ms)}" y="${bottom + 13}" text-anchor="${at === 0 ? 'start' : at === ticks ? 'end' : 'middle'}">${wordTime(ms)}</text>`,
  )}${syncs.map(
    (requests, row) =>
      html`<text x="0" y="${row * rowHeight + 13}">sync ${row + 1}</text>${requests.map((request) => {
        const { from, to = longestMs } = request;
        const barWidth = Math.max(scale(to) - scale(from), minBarWidth);
        return html`<rect class="${classOf(request)}" x="${scale(from)}" y="${row * rowHeight + 4}" width="${round(barWidth)}" height="${barHeight}"><title>${wordTime(from)} to ${wordTime(to)}${notesOf(request).map((note) => `, ${note}`)}</title></rect>`;
      })}`,
  )}</svg>`;
}

function classOf({ isIncomplete, isWithoutCredentials, isRedirected }: TimedRequest): string {
  if (isIncomplete) return 'incomplete';
  if (isWithoutCredentials) return 'challenged';
  return isRedirected ? 'redirected' : 'complete';
}

function wordTime(ms: number): string {
  return ms >= 10_000 ? `${round(ms / 1000)} s` : `${Math.round(ms)} ms`;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
