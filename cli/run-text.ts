// Owns what is printed of a run and of differences, for people and as JSON.

import { makeVisible, makeVisibleLine } from '../schemas/printable-text.ts';
import { writeFaultRules } from '../simulator/faults/fault-rules.ts';
import { diffStates, type UserDifference } from '../simulator/sync/diff-runs.ts';
import type { Run, RunSummary } from '../simulator/sync/run.ts';
import { eachRunUser, type RunStore } from '../simulator/sync/run-store.ts';
import type { SyncEnding } from '../simulator/sync/run-sync.ts';
import { readState } from '../simulator/sync/user-state.ts';
import { describeGuesses } from './guesses-text.ts';
import { renderTable } from './text-table.ts';

/** More rows than this are counted, and shown in the JSON. */
const maxRows = 20;

const endings: Readonly<Record<SyncEnding, string>> = {
  done: 'applied',
  'dry-run': 'a dry run: nothing was applied',
  stopped: 'stopped before anything was applied',
  interrupted: 'interrupted',
  unreachable: 'interrupted: the endpoint gave no answer so often in a row',
};

/** "applied", "stopped before anything was applied" and the like. */
export function describeEnding(ending: SyncEnding): string {
  return endings[ending];
}

export function describeRun(runs: RunStore, run: Run, summary: RunSummary, ending: SyncEnding): string {
  const failures = Object.entries(summary.failures);
  const asked = `${count(summary.asked, 'user')} asked for, ${summary.answered} answered`;
  const failed = failures.map(([kind, users]) => `, ${users} ${kind}`).join('');
  const changes = [
    ['created', summary.created],
    ['changed', summary.changed],
    ['disabled', summary.disabled],
    ['enabled', summary.enabled],
  ].map(([word, users]) => `${users} ${word}${word === 'created' ? wordMigrated(summary) : ''}`);
  const lines = [
    `Run ${run.id} of ${run.iam}: ${endings[ending]}.`,
    `  ${asked}${failed}.`,
    `  ${changes.join(', ')}; ${summary.losing} would lose something (${summary.losingPercent} %).`.replace(
      'would lose',
      ending === 'done' ? 'lost' : 'would lose',
    ),
    ...summary.stopped.map((reason) => `  ${reason}`),
    ...(ending === 'interrupted' || ending === 'unreachable'
      ? [`  To go on: the same command with --resume ${run.id}.`]
      : []),
    ...(ending === 'stopped' ? [`  To apply it nevertheless: --resume ${run.id} --accept-losses.`] : []),
  ];
  const groups = summary.groups.slice(0, maxRows).map(({ name, gained, lost }) => [name, `+${gained}`, `-${lost}`]);
  const more = summary.groups.length - groups.length;
  return [
    `${makeVisible(lines.join('\n'))}\n`,
    groups.length === 0 ? '' : `\n${renderTable(['group', 'gained', 'lost'], groups, '')}`,
    more > 0 ? `and ${more} more; --json shows all.\n` : '',
    describeUsers(runs, run.id),
    `\n${describeFaults(run, summary)}${describeLatency(summary)}${describeGuesses(run.settings.guesses)}`,
  ].join('');
}

/** Behind the number of those who are created. */
function wordMigrated({ migrated = 0 }: RunSummary): string {
  return migrated === 0 ? '' : ` (${migrated} of them migrated from the built-in IAM)`;
}

/** Who is new is counted; who changed or was not answered for is shown. */
function describeUsers(runs: RunStore, id: number): string {
  const rows: Array<readonly string[]> = [];
  let left = 0;
  for (const { userid, outcome, before, after } of eachRunUser(runs, id)) {
    if ((before === null || after === null) && outcome === 'user') continue;
    if (rows.length === maxRows) {
      left++;
      continue;
    }
    const change = before !== null && after !== null ? diffStates(userid, readState(before), readState(after)) : null;
    const words = [
      ...(change?.gained ?? []).map((what) => `+${what}`),
      ...(change?.lost ?? []).map((what) => `-${what}`),
    ];
    rows.push([userid, outcome === 'user' ? 'answered' : outcome, words.join('  ')]);
  }
  if (rows.length === 0) return '';
  const more = left > 0 ? `and ${left} more; --json shows all.\n` : '';
  return `\n${renderTable(['user', 'outcome', 'change'], rows, '')}${more}`;
}

/** What was brought in is no fault of the endpoint's. */
function describeFaults({ faults }: Run, { faults: seen = {} }: RunSummary): string {
  if (faults === null) return '';
  const counts = Object.entries(seen).map(([kind, requests]) => `${requests} ${kind}`);
  const met = counts.length === 0 ? 'none' : counts.join(', ');
  return `Faults brought in: ${met}; again by --faults ${writeFaultRules(faults.rules)} --seed ${faults.seed}.\n`;
}

function describeLatency({ latency, durationMs }: RunSummary): string {
  if (latency === null) return '';
  const { p50Ms, p99Ms, maxMs, requests } = latency;
  const rate = Math.round(requests / Math.max(durationMs / 1000, 0.001));
  return `Answers took p50 ${p50Ms} ms, p99 ${p99Ms} ms, at most ${maxMs} ms; ${rate} a second.\n`;
}

/** @param words for what only the first side has, and only the second. */
export function describeDifferences(
  differences: readonly UserDifference[],
  same: string,
  [lostWord, gainedWord]: readonly [string, string],
): string {
  if (differences.length === 0) return `All ${same}.\n`;
  const lines = differences
    .slice(0, maxRows)
    .flatMap(({ userid, presence, gained, lost }) => [
      `  ${makeVisibleLine(userid)}${presence === 'only-before' ? `: ${lostWord}` : presence === 'only-after' ? `: ${gainedWord}` : ''}`,
      ...lost.map((what) => `    - ${makeVisibleLine(what)}`),
      ...gained.map((what) => `    + ${makeVisibleLine(what)}`),
    ]);
  const more = differences.length > maxRows ? `  and ${differences.length - maxRows} more; --json shows all.\n` : '';
  return `${makeVisible(`Not ${same}: ${count(differences.length, 'user')}\n${lines.join('\n')}`)}\n${more}`;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
