// Owns the ways in which a check ends without a judgement.

/** Ends a check as *untestable*: the endpoint or this machine does not let it be judged. The message says why. */
export class Untestable extends Error {
  override readonly name: string = 'Untestable';
}

/** Ends a check as *untestable*, since politeness forbids to ask. The report lists what was left out so, by message. */
export class NotAsked extends Untestable {
  override readonly name = 'NotAsked';
}

/** Ends a check as *skipped*: an input is missing or does not serve. The message says which option to give. */
export class MissingInput extends Error {
  override readonly name: string = 'MissingInput';
}

/** Ends a check as *skipped*: what it is about is not declared, so nothing is left out. */
export class NotApplicable extends MissingInput {
  override readonly name = 'NotApplicable';
}
