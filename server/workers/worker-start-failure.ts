// Error of a worker that cannot start, as its primary reports it.
/** A worker's start failed; the message is for people. */
export class WorkerStartFailure extends Error {
  override readonly name = 'WorkerStartFailure';
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}
