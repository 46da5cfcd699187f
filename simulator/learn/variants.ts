// The variants of experiments.yaml as experiments: one unusual response between two valid ones, and what each may do to the user.
import type { Experiment, ExperimentRead, Sight, Variant } from '../../schemas/generated/learn-experiments.ts';
import type { Responses } from '../../schemas/generated/platform-profile.ts';
import { readSchema } from '../../schemas/read-schema.ts';
import type { Assumption } from './platform-profile.ts';

export type ResponseName = keyof Responses;

/** Name of an assumption, or of a property of `responses` in a profile. */
export type FactName = Assumption | ResponseName;

/** An experiment or a variant. */
export interface LearnExperiment extends Omit<Experiment, 'reads'> {
  readonly reads: ReadonlyArray<Omit<ExperimentRead, 'assumption'> & { readonly assumption: FactName }>;
}

type Outcomes = ExperimentRead['outcomes'];
type Seen = Omit<Sight, 'step'>;

const { properties } = readSchema('platform-profile.schema.json') as unknown as {
  readonly properties: { readonly responses: { readonly properties: Readonly<Record<ResponseName, object>> } };
};
const responseNames: ReadonlySet<string> = new Set(Object.keys(properties.responses.properties));

export function isResponseName(name: string): name is ResponseName {
  return responseNames.has(name);
}

/** Data that the test user has before the unusual response, and data of the response to a repeated request. */
const known = { groups: ['learn-first'], authorizations: { learnkept: ['one'] } };
const given = { groups: ['learn-second'] };
const data = {
  groups: { old: 'learn-first', new: 'learn-second' },
  values: { old: 'learnkept=one', new: 'learnkept=two' },
} as const;
type Part = keyof typeof data;

const has = (part: Part, which: 'old' | 'new'): Seen =>
  part === 'groups' ? { has: [data.groups[which]] } : { hasValues: [data.values[which]] };
const lacks = (part: Part, which: 'old' | 'new'): Seen =>
  part === 'groups' ? { lacks: [data.groups[which]] } : { lacksValues: [data.values[which]] };

/** Index of the step with the unusual response. */
const step = 1;
/** A timer may fire early. */
const earlyShare = 0.95;

/**
 * Returns the experiment: its last step proves that the user can still be changed. @throws {Error} when the schema of the profile defines no such
 * fact.
 */
export function toExperiment(variant: Variant): LearnExperiment {
  const { id, question, harm, about = 'groups', respond, mayFail } = variant;
  const assumption = id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  if (!isResponseName(assumption))
    throw new Error(`experiments.yaml: responses.${assumption} is not defined in platform-profile.schema.json`);
  const isRepeatable = respond.retryAfterSeconds !== undefined;
  return {
    ...{ id, question, harm, users: 'plain' },
    steps: [
      { respond: known },
      { respond, ...(mayFail !== undefined && { mayFail }), ...(isRepeatable && { thenRespond: given }) },
      { respond: { groups: ['learn-third'] } },
    ],
    requires: [
      { step: 0, user: 'enabled', has: [data.groups.old], ...has(about, 'old') },
      { step: 2, has: ['learn-third'] },
    ],
    reads: [{ assumption, source: 'shown', outcomes: findOutcomes(variant) }],
  };
}

function findOutcomes({ about = 'groups', sends = 'groups', respond: { retryAfterSeconds } }: Variant): Outcomes {
  const when = (...seen: Seen[]) => [{ user: 'enabled' as const }, ...seen].map((one) => ({ step, ...one }));
  const disabled = { value: 'disabled', when: [{ step, user: 'disabled' as const }] };
  const isReplacing = sends === about;
  const removed = {
    value: 'removed',
    when: when(lacks(about, 'old'), ...(isReplacing ? [lacks(about, 'new')] : [])),
  };
  const kept = { value: 'kept', when: when(has(about, 'old'), ...(sends === 'nothing' ? [] : [lacks(sends, 'new')])) };
  if (retryAfterSeconds !== undefined) {
    const isRepeated = { step, isRepeated: true };
    const repeatedAfterMs = retryAfterSeconds * 1000 * earlyShare;
    return [
      { value: 'repeated-later', when: [{ ...isRepeated, repeatedAfterMs }] },
      { value: 'repeated-sooner', when: [isRepeated] },
      ...[disabled, kept, removed],
    ];
  }
  if (sends === 'nothing') return [disabled, kept, removed];
  // A response without new data of this kind must not remove the data that the user has.
  const accepted = { value: 'accepted', when: when(has(sends, 'new'), ...(isReplacing ? [] : [has(about, 'old')])) };
  return [disabled, accepted, kept, removed];
}
