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
  /** The fallback of this member; `null`: there is none. */
  readonly fallback: Member | null;
}

/** Result of a member, or of its fallback. */
export interface Answer {
  /** The name of the configured member, even if its fallback answered. */
  readonly place: string;
  /** The member that was requested last: its rules for names apply. */
  readonly member: Member;
  /** The userid with which the member was requested; `null`: there was no userid to request. */
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
