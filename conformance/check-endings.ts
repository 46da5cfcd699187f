// Owns the two ways in which a check ends without a judgement.

/** Ends a check as *untestable*: the endpoint or this machine does not let it be judged. The message says why. */
export class Untestable extends Error {
  override readonly name = 'Untestable';
}

/** Ends a check as *skipped*: an input is missing or does not serve. The message says which option to give. */
export class MissingInput extends Error {
  override readonly name = 'MissingInput';
}
