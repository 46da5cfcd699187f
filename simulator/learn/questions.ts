// Closed questions about a test user: those that an experiment needs after each step, and their wording.
import type { Sight } from '../../schemas/generated/learn-experiments.ts';
import type { LearnExperiment } from './variants.ts';

/** `names` are groups, values as "attribute=value", or spellings of one name, depending on the kind. */
export interface Question {
  /**
   * `all`: whether the user has all of the names; otherwise, the try does not count. `ended`: whether the sync has ended. `any-disabled`: whether any
   * test user is disabled.
   */
  readonly kind: 'all' | 'state' | 'group' | 'value' | 'group-case' | 'attribute-case' | 'ended' | 'any-disabled';
  readonly names: readonly string[];
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** Asked because more requests may arrive until the sync has ended. */
export const hasEnded: Question = { kind: 'ended', names: [] };

/** In plans, the name of the first user's sync. */
export const firstSync = 'first-sync';

/** In plans, the name of the control request between experiments. */
export const accessCheck = 'access-check';

/** Answer for a name that the platform shows in none of the spellings. */
export const noSpelling = 'none';

const distinct = (names: readonly string[]) => [...new Set(names)];

/**
 * Returns the questions to ask after a step in order to distinguish the outcomes.
 *
 * @param step from 0.
 * @param isPossible whether the outcome is still possible after the previous steps.
 */
export function findQuestions(
  { reads, requires = [], steps }: LearnExperiment,
  step: number,
  isPossible: (when: readonly Sight[]) => boolean,
): readonly Question[] {
  // Results that are measured at the endpoint need no question about the user.
  const shown = reads.filter(({ source }) => source === 'shown');
  if (shown.length === 0) {
    const { presentsUntrusted, hop } = steps[step] ?? {};
    return presentsUntrusted || hop !== undefined ? [hasEnded] : [];
  }
  const ofStep = (sights: readonly Sight[]) => sights.filter((sight) => sight.step === step);
  const required = ofStep(requires);
  const sights = shown.flatMap(({ outcomes }) =>
    outcomes.filter(({ when }) => isPossible(when)).flatMap(({ when }) => ofStep(when)),
  );
  const list = (pick: (sight: Sight) => readonly string[], from = sights) => distinct(from.flatMap(pick));
  const groupSpellings = list(({ hasExactly }) => (hasExactly === undefined ? [] : [hasExactly]));
  const attributeSpellings = list(({ hasAttributeExactly }) =>
    hasAttributeExactly === undefined ? [] : [hasAttributeExactly],
  );
  const spelled = new Set([...groupSpellings, ...attributeSpellings].map((name) => name.toLowerCase()));
  const isSpelled = (name: string) => spelled.has(name.replace(/=.*/, ''));
  const all = list(({ has = [], hasValues = [] }) => [...has, ...hasValues], required).filter(
    (name) => !isSpelled(name),
  );
  const isNew = (name: string) => !all.includes(name);
  const hasState = sights.some(({ user }) => user !== undefined && user !== 'exists');
  const groups = list(({ has = [], lacks = [] }) => [...has, ...lacks]).filter(isNew);
  const values = list(({ hasValues = [], lacksValues = [] }) => [...hasValues, ...lacksValues]).filter(isNew);
  const one = (kind: Question['kind'], names: readonly string[]): Question[] =>
    names.length > 0 ? [{ kind, names }] : [];
  return [
    // A repeat may still come.
    ...(sights.some(({ isRepeated }) => isRepeated) ? [hasEnded] : []),
    ...one('all', all),
    ...one('group-case', groupSpellings),
    ...one('attribute-case', attributeSpellings),
    ...(hasState ? [{ kind: 'state', names: [] } as const] : []),
    ...groups.map((name): Question => ({ kind: 'group', names: [name] })),
    ...values.map((name): Question => ({ kind: 'value', names: [name] })),
  ];
}

export function wordQuestion({ kind, names }: Question, userid: string): string {
  const [name = ''] = names;
  if (kind === 'state') return `Which state does the platform show for ${userid}?`;
  if (kind === 'any-disabled') return 'Does the platform show any test user as disabled?';
  if (kind === 'ended') return `Does the platform show that the sync of ${userid} has ended?`;
  if (kind === 'group-case') return `How does the platform spell the group of ${userid}?`;
  if (kind === 'attribute-case') return `How does the platform spell the attribute of ${userid}?`;
  if (kind === 'all' && names.length > 1) {
    return `Does ${userid} have all of these: ${names.map(wordName).join(', ')}?`;
  }
  return `Does ${userid} have the ${wordName(name)}?`;
}

/** Returns e.g. "group learn-a", or "value one of the attribute learnkept". */
function wordName(name: string): string {
  const [attribute, value] = name.split('=');
  return value === undefined ? `group ${name}` : `value ${value} of the attribute ${attribute}`;
}

const yesOrNo: readonly Choice[] = [
  { value: 'yes', label: 'Yes' },
  { value: 'no', label: 'No' },
];
const states: readonly Choice[] = [
  { value: 'enabled', label: 'The user exists and is enabled' },
  { value: 'disabled', label: 'The user exists and is disabled' },
  { value: 'missing', label: 'There is no such user' },
];

export function choicesOf({ kind, names }: Question): readonly Choice[] {
  if (kind === 'state') return states;
  if (kind !== 'group-case' && kind !== 'attribute-case') return yesOrNo;
  return [
    ...names.map((name) => ({ value: name, label: name })),
    { value: noSpelling, label: 'In none of these ways' },
  ];
}
