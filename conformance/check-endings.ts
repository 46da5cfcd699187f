// The ways in which a check ends without a result.

/** Ends a check as *untestable*: the endpoint or this machine does not allow the test. The message says why. */
export class Untestable extends Error {
  override readonly name: string = 'Untestable';
}

/** Ends a check as *untestable* because of a limit on requests. The report lists such checks by message. */
export class NotAsked extends Untestable {
  override readonly name = 'NotAsked';
}

/** Ends a check as *skipped*: an input is missing or not suitable. The message says which option to give. */
export class MissingInput extends Error {
  override readonly name: string = 'MissingInput';
}

/** Ends a check as *skipped*: it does not apply to what was declared, so nothing is left out. */
export class NotApplicable extends MissingInput {
  override readonly name = 'NotApplicable';
}
