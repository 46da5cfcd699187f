// Exit codes of all commands, and the error that ends a command with one of them.

export const exitCodes = {
  /** Success: done, conforms, found, valid. */
  ok: 0,
  /** Negative result: does not conform, no such user, invalid chain. */
  negative: 1,
  /** The command line, the configuration or an input file is invalid, or an output file cannot be written. */
  usage: 2,
  /** The endpoint, the data source or a port could not be reached or used. */
  unreachable: 3,
  /** All failures are accepted, but the baseline is stale: a known failure now passes, or its entry has expired. */
  staleBaseline: 4,
  /** Internal error, a bug in the kit (EX_SOFTWARE of sysexits.h). */
  bug: 70,
} as const;

/** Error that ends a command with an exit code. Only its message is printed. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Returns the failure for an invalid command line, configuration or input file. */
export function invalidUsage(message: string, options?: ErrorOptions): CommandFailure {
  return new CommandFailure(exitCodes.usage, message, options);
}

/**
 * Returns the result of `read`, which adds errors to the list and returns null or undefined only if it has added at least one.
 *
 * @throws {CommandFailure} with exit code 2 and all errors, if there are any.
 */
export function withoutFaults<Result>(read: (faults: string[]) => Result | null | undefined): Result {
  const faults: string[] = [];
  const result = read(faults);
  if (faults.length > 0) throw invalidUsage(faults.join('\n'));
  return result as Result;
}
