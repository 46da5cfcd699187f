// Exit codes of every command, and the error that ends a command with one of them.

export const exitCodes = {
  /** Done; or: conforms, found, valid. */
  ok: 0,
  /** The answer is no: does not conform, no such user, the chain does not hold. */
  negative: 1,
  /** The command line, the configuration or an input file is wrong. Nothing was done. */
  usage: 2,
  /** Something outside could not be reached or used: the endpoint, the source, a port. */
  unreachable: 3,
  /** Nothing failed but what a baseline accepts, and that baseline is stale: a known failure passes, or its date is over. */
  staleBaseline: 4,
  /** A bug of ours (EX_SOFTWARE of sysexits.h). */
  bug: 70,
} as const;

/** Ends a command. The message is for people and says what to do; nothing else is printed. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
