// Printed text of a run and of differences between runs.

import { makeVisible, makeVisibleLine, makeVisibleName } from '../../schemas/printable-text.ts';
import { writeFaultRules } from '../../simulator/faults/fault-rules.ts';
import { describeGroup } from '../../simulator/sync/access.ts';
import { diffStates, type UserDifference } from '../../simulator/sync/diff-runs.ts';
import { describePercent, listGuardGaps } from '../../simulator/sync/guard.ts';
import { assumedBy } from '../../simulator/sync/guess-origins.ts';
import type { RecordedUser, Run, RunSummary } from '../../simulator/sync/run.ts';
import { eachRunUser, type FailureReason, type RunStore } from '../../simulator/sync/run-store.ts';
import type { SyncEnding } from '../../simulator/sync/run-sync.ts';
import { readState } from '../../simulator/sync/user-state.ts';
import { renderTable } from '../text-table.ts';
import { describeGuesses } from './guesses-text.ts';

/** Rows beyond this number are only counted; the JSON report lists them. */
const maxRows = 20;

const endings: Readonly<Record<SyncEnding, string>> = {
  done: 'applied',
  'dry-run': 'dry run, nothing was applied',
  stopped: 'stopped by the guard, nothing was applied',
  interrupted: 'interrupted',
  unreachable: 'interrupted, because the endpoint did not respond for too many users in a row',
};

/** Returns e.g. "answered", "gone", or a kind of failure with its reason: "other-status (status 302, a redirect to https://host)". */
export function describeOutcome({ outcome, detail }: Pick<RecordedUser, 'outcome' | 'detail'>): string {
  if (outcome === 'user') return 'answered';
  return detail === null ? outcome : `${outcome} (${detail})`;
}

/** Returns how a run ended, e.g. "applied". For a dry run, the text states whether the guard would stop the run. */
export function describeEnding(ending: SyncEnding, stopped: readonly string[] = []): string {
  return ending === 'dry-run' && stopped.length > 0
    ? 'dry run, nothing was applied; the guard would stop the run'
    : endings[ending];
}

export function describeRun(runs: RunStore, run: Run, summary: RunSummary, ending: SyncEnding): string {
  const failures = Object.entries(summary.failures);
  const asked = `${count(summary.asked, 'user')} requested, ${summary.answered} answered`;
  const failed = failures.map(([kind, users]) => `, ${users} ${kind}`).join('');
  const changes = [
    ['created', summary.created],
    ['changed', summary.changed],
    ['disabled', summary.disabled],
    ['enabled', summary.enabled],
  ].map(([word, users]) => `${users} ${word}${word === 'created' ? wordMigrated(summary) : ''}`);
  const lines = [
    `Run ${run.id} of ${run.iam}: ${describeEnding(ending, summary.stopped)}.`,
    ...(run.undone === null ? [] : [`  It was undone by ${run.undone.by} at ${run.undone.at}.`]),
    `  ${asked}${failed}.`,
    `  ${changes.join(', ')}; ${count(summary.losing, 'user')} ${ending === 'done' ? 'lost' : 'would lose'} access${describeShare(summary)}.`,
    ...describeStops(run, summary),
    ...(ending === 'interrupted' || ending === 'unreachable'
      ? [`  To resume it: user-info simulate sync ${run.iam} --resume ${run.id}`]
      : []),
    ...(ending === 'stopped' ? describeDecision(run, summary) : []),
  ];
  const groups = summary.groups
    .slice(0, maxRows)
    .map(({ gained, lost, ...group }) => [describeGroup(group), `+${gained}`, `-${lost}`]);
  const more = summary.groups.length - groups.length;
  return [
    `${lines.map(makeVisibleLine).join('\n')}\n`,
    groups.length === 0 ? '' : `\n${renderTable(['group', 'gained', 'lost'], groups, '')}`,
    more > 0 ? `and ${more} more; --json shows all.\n` : '',
    describeUsers(runs, run.id),
    `\n${describeFaults(run, summary)}${describeLatency(summary)}${describeGuardGaps(run, summary)}${describeGuesses(assumedBy(run))}`,
  ].join('');
}

/** Returns the share of the enabled users, if the record contains their number. */
function describeShare({ losing, enabledUsers }: RunSummary): string {
  return losing === 0 || enabledUsers === undefined
    ? ''
    : ` (${describePercent(losing, enabledUsers)} of ${enabledUsers})`;
}

/** Returns why the guard stops the run. Losses that were accepted have happened and are no longer a forecast. */
function describeStops({ decision }: Run, { stopped }: RunSummary): string[] {
  if (decision?.kind !== 'accepted' || stopped.length === 0) return stopped.map((reason) => `  ${reason}`);
  return [`  The guard stopped the run, and ${decision.by} accepted it:`, ...stopped.map((reason) => `    ${reason}`)];
}

/** Returns how to decide about a stopped run, or what was decided. */
function describeDecision({ id, iam, decision, skippedSyncs }: Run, { toConfirm = {} }: RunSummary): string[] {
  if (decision !== null) return [`  It was ${decision.kind} by ${decision.by} at ${decision.at}.`];
  const { losses, gains } = toConfirm;
  const numbers = `${losses === undefined ? '' : ` --accept-losses ${losses}`}${gains === undefined ? '' : ` --accept-gains ${gains}`}`;
  return [
    ...(skippedSyncs === 0
      ? []
      : [`  ${count(skippedSyncs, 'scheduled sync')} did not run, because this run is waiting for a decision.`]),
    `  To apply it: user-info simulate sync ${iam} --resume ${id}${numbers}`,
    `  To reject it: user-info simulate runs reject ${id}`,
  ];
}

/** Describes the changes that the guard does not check. */
function describeGuardGaps({ settings }: Run, { enabledUsers }: RunSummary): string {
  // Records of earlier versions lack these settings.
  if (enabledUsers === undefined) return '';
  return `Not checked by the guard:\n${listGuardGaps(settings.blastRadius)
    .map((gap) => `  ${gap}\n`)
    .join('')}`;
}

/** Returns the text after the number of created users. */
function wordMigrated({ migrated = 0 }: RunSummary): string {
  return migrated === 0 ? '' : ` (${migrated} of them migrated from the built-in IAM)`;
}

/** A user who changed or could not be retrieved. */
export interface ChangedUser {
  readonly userid: string;
  readonly outcome: string;
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}

/** Returns the first users who changed or could not be retrieved, and the number of others. New users are not among them. */
export function listChangedUsers(runs: RunStore, id: number, maxUsers: number) {
  const listed: ChangedUser[] = [];
  let left = 0;
  for (const { userid, outcome, detail, before, after } of eachRunUser(runs, id)) {
    if ((before === null || after === null) && outcome === 'user') continue;
    if (listed.length === maxUsers) {
      left++;
      continue;
    }
    const change = before !== null && after !== null ? diffStates(userid, readState(before), readState(after)) : null;
    const { gained, lost } = change ?? { gained: [], lost: [] };
    listed.push({ userid, outcome: describeOutcome({ outcome, detail }), gained, lost });
  }
  return { listed, left };
}

/** Lists the first users who changed or could not be retrieved and, if there are more, the reasons for failures. New users are only counted. */
function describeUsers(runs: RunStore, id: number): string {
  const { listed, left } = listChangedUsers(runs, id, maxRows);
  if (listed.length === 0) return '';
  const rows = listed.map(({ userid, outcome, gained, lost }) => {
    const words = [...gained.map((what) => `+${what}`), ...lost.map((what) => `-${what}`)];
    return [userid, outcome, words.join('; ')];
  });
  const users = renderTable(['user', 'outcome', 'change'], rows, '');
  if (left === 0) return `\n${users}`;
  return `\n${users}and ${left} more; --json shows all.\n${describeReasons(runs.failureReasons(id, maxRows))}`;
}

function describeReasons(reasons: readonly FailureReason[]): string {
  if (reasons.length === 0) return '';
  const rows = reasons.map((reason) => [describeOutcome(reason), reason.users]);
  const more = reasons.length === maxRows ? 'These are the most frequent ones; --json shows each user.\n' : '';
  return `\n${renderTable(['failure', 'users'], rows, '')}${more}`;
}

/** Describes injected faults separately, because they are not failures of the endpoint. */
function describeFaults({ faults }: Run, { faults: seen = {} }: RunSummary): string {
  if (faults === null) return '';
  const counts = Object.entries(seen).map(([kind, requests]) => `${requests} ${kind}`);
  const met = counts.length === 0 ? 'none' : counts.join(', ');
  return `Injected faults: ${met}. To repeat the run with the same faults, use --faults ${writeFaultRules(faults.rules)} --seed ${faults.seed}.\n`;
}

function describeLatency({ latency, durationMs }: RunSummary): string {
  if (latency === null) return '';
  const { p50Ms, p99Ms, maxMs, requests } = latency;
  const rate = Math.round(requests / Math.max(durationMs / 1000, 0.001));
  return `Response times: p50 ${p50Ms} ms, p99 ${p99Ms} ms, max ${maxMs} ms; ${rate} requests per second.\n`;
}

/** Returns the number of users for whom the endpoint returned user info: without this number, two runs without any user info would look equal. */
export function describeAnswered({ id, summary }: Run): string {
  return summary === null
    ? `Run ${id} was interrupted.\n`
    : `Run ${id}: the endpoint returned user info for ${summary.answered} of ${count(summary.asked, 'user')}.\n`;
}

/** @param words texts for items that only the first side has, and for items that only the second side has. */
export function describeDifferences(
  differences: readonly UserDifference[],
  same: string,
  [lostWord, gainedWord]: readonly [string, string],
): string {
  if (differences.length === 0) return `All ${same}.\n`;
  const lines = differences
    .slice(0, maxRows)
    .flatMap(({ userid, presence, outcomes, gained, lost }) => [
      `  ${makeVisibleName(userid)}${presence === 'only-before' ? `: ${lostWord}` : presence === 'only-after' ? `: ${gainedWord}` : ''}`,
      ...(outcomes === null
        ? []
        : [
            `    ${describeOutcome({ outcome: outcomes.before, detail: null })} → ${describeOutcome({ outcome: outcomes.after, detail: outcomes.detail })}`,
          ]),
      ...lost.map((what) => `    - ${makeVisibleLine(what)}`),
      ...gained.map((what) => `    + ${makeVisibleLine(what)}`),
    ]);
  const more = differences.length > maxRows ? `  and ${differences.length - maxRows} more; --json shows all.\n` : '';
  return `${makeVisible(`Not ${same}: ${count(differences.length, 'user')}\n${lines.join('\n')}`)}\n${more}`;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
