// Markdown report of a platform profile.
import { code, codeBlock, escapeText } from '../../conformance/report/markdown-text.ts';
import type { PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import { makeAllVisible } from '../../schemas/printable-text.ts';
import { findProfileParts, wordRequests } from './profile-parts.ts';

/** @param now facts that expired before this time are marked. */
export function renderProfileMarkdown(unsafe: PlatformProfile, now: Date): string {
  const profile = makeAllVisible(unsafe);
  const parts = findProfileParts(profile, now);
  const { determined, open, experiments, connection, repeats, responses, disturbances } = parts;
  const list = (pairs: ReadonlyArray<readonly [string, string]>) =>
    pairs.map(([label, text]) => `- ${label}: ${escapeText(text)}`).join('\n');
  return [
    `# Platform profile of ${escapeText(profile.platform)}`,
    `${profile.date}. ${determined.length} of ${determined.length + open.length} assumptions are determined. Made by user-info-kit ${escapeText(profile.kit)}.`,
    ...renderTable(
      'Determined',
      ['assumption', 'value', 'how', 'when', 'valid until'],
      determined.map(({ name, value, how, date, validUntil, isExpired }) => [
        ...[code(name), escapeText(value), how, date],
        `${validUntil}${isExpired ? ' (expired)' : ''}`,
      ]),
    ),
    ...renderTable(
      'Not determined',
      ['assumption', 'why'],
      open.map(({ name, reason }) => [code(name), escapeText(reason)]),
    ),
    '## Connection',
    list(connection),
    ...(repeats.length === 0 ? [] : ['## Repeats', list(repeats)]),
    ...(responses.length === 0 ? [] : ['## Unusual responses', list(responses)]),
    '## Disturbances',
    list(disturbances),
    ...(experiments.length === 0 ? [] : ['## Experiments']),
    ...experiments.flatMap(({ experiment, tries, agreeing, at, timeline = [] }) => [
      `### ${escapeText(experiment)}`,
      `${agreeing} of ${tries} tries agree. Ended ${at.slice(0, 16).replace('T', ' ')} UTC.`,
      ...(timeline.length === 0
        ? []
        : [codeBlock(timeline.map((requests, index) => `sync ${index + 1}: ${wordRequests(requests)}`).join('\n'))]),
    ]),
  ]
    .join('\n\n')
    .concat('\n');
}

function renderTable(title: string, head: readonly string[], rows: ReadonlyArray<readonly string[]>): string[] {
  if (rows.length === 0) return [];
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return [`## ${title}`, lines.join('\n')];
}
