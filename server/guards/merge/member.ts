// One merged source, with its rules.
import type { MergedSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import type { LookUpSource } from '../../adapters/user-source.ts';
import { createNameRules, type NameRules } from './name-rules.ts';
import type { Outcome } from './outcome.ts';
import { createUseridTranslation, type UseridTranslation } from './userid-translation.ts';

export interface Member {
  readonly config: MergedSourceConfig;
  readonly source: LookUpSource;
  readonly translate: UseridTranslation;
  readonly groupNames: NameRules;
  readonly authorizationNames: NameRules;
  /** The fallback of this one; `null`: none does. */
  readonly fallback: Member | null;
}

/** Result of a member, or of its fallback. */
export interface Answer {
  /** The name of the member: a fallback answers in its place. */
  readonly place: string;
  /** The one that was requested last: its rules for names apply. */
  readonly member: Member;
  /** The userid it was requested with; `null`: there was no userid to request. */
  readonly userid: string | null;
  readonly outcome: Outcome;
}

export function createMember(config: MergedSourceConfig, source: LookUpSource, fallback: Member | null): Member {
  return {
    config,
    source,
    fallback,
    translate: createUseridTranslation(config.name, config.userid),
    groupNames: createNameRules(config.groups),
    authorizationNames: createNameRules(config.authorizations),
  };
}
