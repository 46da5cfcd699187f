// Guard of a sync: compares the counts of a run with the limits in the settings. Pure functions.
import type { BlastRadius } from '../../schemas/generated/loaded-iam-settings.ts';
import { describeGroup, type UserGroup } from './access.ts';

/** Changes to one group in a run, as numbers of users in the IAM. */
export interface GroupEffect extends UserGroup {
  /** Enabled users who would gain the group, and users who would lose it or be disabled. */
  readonly gained: number;
  readonly lost: number;
  /** Users in `gained` who were enabled before the run. */
  readonly gainedByPresent: number;
  /** Enabled members before the run, from all IAMs. */
  readonly members: number;
  /** Permissions that the group grants. */
  readonly permissions: readonly string[];
}

/** Counts that the guard compares with the limits. */
export interface GuardFacts {
  /** Enabled users of the IAM before the run. */
  readonly enabledUsers: number;
  /** Users who would lose a group or a value in this run, or be disabled. */
  readonly losing: number;
  /** Users who lost access in earlier runs of the window, have not regained it, and are not in `losing`. */
  readonly lostBefore: number;
  /** Runs in which these users lost access. */
  readonly earlierRuns: readonly number[];
  /** `enabledUsers`, plus the users of `lostBefore` who are now disabled. */
  readonly population: number;
  readonly groups: readonly GroupEffect[];
  readonly losingProtectedUsers: readonly string[];
}

/** Why a run is stopped. */
export interface GuardVerdict {
  /** One sentence per reason; empty: the run may be applied. */
  readonly reasons: readonly string[];
  /** Whether losses are among the reasons. */
  readonly stopsLosses: boolean;
  /** Groups whose gains are among the reasons. */
  readonly stoppedGains: readonly UserGroup[];
}

/** Maximum number of names in a reason. */
const maxNames = 5;

/** Compares the effect of a run with the limits. */
export function evaluateGuard(limits: BlastRadius, facts: GuardFacts): GuardVerdict {
  const isProtected = (group: UserGroup) => group.iam === undefined && limits.protectedGroups.includes(group.name);
  const losses = [
    ...findLosingUsers(limits, facts),
    ...(facts.losingProtectedUsers.length === 0
      ? []
      : [`Protected users would lose access: ${listNames(facts.losingProtectedUsers)}.`]),
    ...facts.groups.flatMap((group) => findGroupLosses(limits, group, isProtected(group))),
    ...findEmptiedReason(limits, facts.groups),
  ];
  const gains = facts.groups.flatMap((group) => {
    const reason = findGain(limits, facts, group, isProtected(group));
    return reason === null
      ? []
      : [{ group: { name: group.name, ...(group.iam !== undefined && { iam: group.iam }) }, reason }];
  });
  return {
    reasons: [...losses, ...gains.map(({ reason }) => reason)],
    stopsLosses: losses.length > 0,
    stoppedGains: gains.map(({ group }) => group),
  };
}

/** Returns whether a group that has members before the run has none after it. */
export function isEmptied({ members, gained, lost }: GroupEffect): boolean {
  return lost > gained && members + gained - lost <= 0;
}

/** Returns the changes that the guard does not check, as noun phrases for reports. */
export function listGuardGaps({ minGroupSize, minGainingUsers, windowDays }: BlastRadius): string[] {
  return [
    'attribute values that users gain',
    'users who are new to the IAM, unless they gain a protected group or one that carries a permission',
    `the share of losses in groups of fewer than ${minGroupSize} members`,
    `gains of a group by fewer than ${minGainingUsers} users, unless the group is protected or carries a permission`,
    windowDays === 0 ? 'the sum of the losses of several runs' : `losses older than ${countOf(windowDays, 'day')}`,
    'manual changes',
  ];
}

/** Returns whether `count` of `total` exceeds `maxPercent`, exactly, without rounding. Limits have at most six decimals. */
function exceedsPercent(count: number, total: number, maxPercent: number): boolean {
  return count * 100_000_000 > Math.round(maxPercent * 1_000_000) * total;
}

/** Returns a share as text, e.g. "20.04%": at most two decimals, never rounded to 0% or to 100%. */
export function describePercent(count: number, total: number): string {
  if (count === 0 || total === 0) return '0%';
  const percent = (count * 100) / total;
  const rounded = Number(percent.toFixed(2));
  if (rounded === 0) return 'less than 0.01%';
  if (rounded === 100 && count < total) return 'more than 99.99%';
  return `${rounded}%`;
}

function findLosingUsers(limits: BlastRadius, facts: GuardFacts): string[] {
  const { maxLosingPercent, maxLosingUsers, toleratedLosingUsers, windowDays } = limits;
  const { losing, lostBefore, earlierRuns, population } = facts;
  if (losing === 0) return [];
  const users = losing + lostBefore;
  const exceeded = [
    ...(users > toleratedLosingUsers && exceedsPercent(users, population, maxLosingPercent)
      ? [`blastRadius.maxLosingPercent allows ${maxLosingPercent}%`]
      : []),
    ...(maxLosingUsers !== undefined && users > maxLosingUsers
      ? [`blastRadius.maxLosingUsers allows ${maxLosingUsers}`]
      : []),
  ];
  if (exceeded.length === 0) return [];
  const share = `of ${countOf(population, 'enabled user')} (${describePercent(users, population)})`;
  const what =
    lostBefore === 0
      ? `${users} ${share} would lose access`
      : `${users} ${share} would have lost access within ${countOf(windowDays, 'day')}: ` +
        `${losing} by this run, ${lostBefore} by ${earlierRuns.length === 1 ? 'run' : 'runs'} ${listNames(earlierRuns.map(String))}`;
  return [`${what}; ${exceeded.join(' and ')}.`];
}

function findGroupLosses(
  { maxGroupLosingPercent, minGroupSize }: BlastRadius,
  group: GroupEffect,
  isProtected: boolean,
): string[] {
  const { lost, members } = group;
  if (lost === 0) return [];
  const name = describeGroup(group);
  if (isProtected) return [`${countOf(lost, 'user')} would lose the protected group ${name}.`];
  if (members < minGroupSize || !exceedsPercent(lost, members, maxGroupLosingPercent)) return [];
  return [
    `${lost} of ${countOf(members, 'member')} (${describePercent(lost, members)}) would lose the group ${name}; ` +
      `blastRadius.maxGroupLosingPercent allows ${maxGroupLosingPercent}%.`,
  ];
}

function findEmptiedReason({ mayEmptyGroups }: BlastRadius, groups: readonly GroupEffect[]): string[] {
  const emptied = groups.filter(isEmptied).map(describeGroup);
  if (mayEmptyGroups || emptied.length === 0) return [];
  return [
    `${emptied.length === 1 ? 'A group' : `${emptied.length} groups`} would have no members left: ${listNames(emptied)}.`,
  ];
}

function findGain(
  { maxGainingPercent, minGainingUsers }: BlastRadius,
  { enabledUsers }: GuardFacts,
  group: GroupEffect,
  isProtected: boolean,
): string | null {
  const { gained, gainedByPresent, permissions } = group;
  if (gained === 0) return null;
  const name = describeGroup(group);
  if (permissions.length > 0) {
    const carried = `${permissions.length === 1 ? 'the permission' : 'the permissions'} ${permissions.join(', ')}`;
    return `${countOf(gained, 'user')} would gain the group ${name}, which carries ${carried}.`;
  }
  if (isProtected) return `${countOf(gained, 'user')} would gain the protected group ${name}.`;
  if (gainedByPresent < minGainingUsers || !exceedsPercent(gainedByPresent, enabledUsers, maxGainingPercent))
    return null;
  return (
    `${gainedByPresent} of ${countOf(enabledUsers, 'user')} (${describePercent(gainedByPresent, enabledUsers)}) ` +
    `would gain the group ${name}; blastRadius.maxGainingPercent allows ${maxGainingPercent}%.`
  );
}

function listNames(names: readonly string[]): string {
  const more = names.length - maxNames;
  return `${names.slice(0, maxNames).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function countOf(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
