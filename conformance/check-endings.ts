// The ways in which a check ends without a result.

/** Ends a check as *untestable*: the endpoint or this machine does not allow the test. The message says why. */
export class Untestable extends Error {
  override readonly name: string = 'Untestable';
}

/** Ends a check as *untestable* because of a limit on requests. The report groups these checks by message. */
export class NotAsked extends Untestable {
  override readonly name: string = 'NotAsked';
  /** Flags that would make the check run, as typed on the command line; empty: none. */
  readonly flags: readonly string[];
  /** Whether the time of the run is used up, as opposed to its requests. */
  readonly isLate: boolean;

  constructor(message: string, flags: readonly string[] = [], isLate = false) {
    super(message);
    this.flags = flags;
    this.isLate = isLate;
  }
}

/** Ends a check as *skipped*: an input is missing or not suitable. The message says which option to give. */
export class MissingInput extends Error {
  override readonly name: string = 'MissingInput';
  /** Flags that would make the check run, as typed on the command line. */
  readonly flags: readonly string[];

  /** @param flags default: another known user whose name or data suits the check. */
  constructor(message: string, flags: readonly string[] = ['--known-user ID (another kind of user)']) {
    super(message);
    this.flags = flags;
  }
}

/** Ends a check as *skipped*: it does not apply to the declared options, so nothing is missing. */
export class NotApplicable extends MissingInput {
  override readonly name = 'NotApplicable';
}
