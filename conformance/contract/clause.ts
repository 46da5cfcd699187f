// A clause of the contract between the platform and an endpoint, and the references that support it.

/** Meaning of a violation. `contract`: a violation means that the endpoint does not conform. `standards` and `hardening`: a warning. */
export type RuleSet = 'contract' | 'standards' | 'hardening';

/** Requirement level in the sense of RFC 2119. */
export type Level = 'MUST' | 'SHOULD' | 'MAY';

/** Where to read more: a page of the platform documentation by its title, or a section of an RFC with a link. */
export interface Reference {
  readonly title: string;
  readonly url?: string;
}

/** A clause without its id, which is its key, and its rule set, which its file determines. */
export interface ClauseText {
  readonly level: Level;
  /**
   * `documented`: the platform documentation states or implies it. `observed`: public client code or a published API
   * description shows it. `standard`: an RFC states it at this level. `decision`: advice of this kit.
   */
  readonly basis: 'documented' | 'observed' | 'standard' | 'decision';
  /** Whole sentences in Markdown, for the owner of an endpoint. */
  readonly sentence: string;
  readonly references: readonly Reference[];
  /** Why no check can verify it from outside. Absent: at least one check verifies it. */
  readonly notTestable?: string;
}

/** Why a check does not count yet. Written as literal data in the check. */
export interface Unscored {
  /**
   * `added-after`: the check was added after this contract version was published. `open-interpretation`: the contract can be read in two ways,
   * and the next version decides.
   */
  readonly because: 'added-after' | 'open-interpretation';
  /** The contract version from which the check counts, e.g. "1.1". */
  readonly scoredFrom: string;
  /** One sentence for the owner of an endpoint. */
  readonly why: string;
}

/** Returns the reference to a section of an RFC. */
export function rfc(number: number, section: string): Reference {
  return {
    title: `RFC ${number}, section ${section}`,
    url: `https://www.rfc-editor.org/rfc/rfc${number}#section-${section}`,
  };
}

/** The platform page that documents the endpoint. */
export const platformPage: Reference = { title: 'Immuta documentation, page “External User Info Endpoint”' };
