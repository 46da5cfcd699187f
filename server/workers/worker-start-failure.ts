// Owns the error of a worker that can't start, as its primary tells it.
/** A worker's start failed; the message is for people. */
export class WorkerStartFailure extends Error {
  override readonly name = 'WorkerStartFailure';
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}
