// Collects one response of an upstream as it arrives, and aborts its request when the lookup ends.
import type { Dispatcher } from 'undici';
import type { LookUpSignal } from '../user-source.ts';

/** A response whose body has arrived completely. */
export interface UpstreamAnswer {
  readonly status: number;
  /** Names in lower case; a repeated header is a list. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/**
 * Collects a response. Used instead of `pool.request`, whose stream for the body costs as much as everything else in a small response.
 */
export class AnswerCollector implements Dispatcher.DispatchHandler {
  readonly #signal: LookUpSignal;
  readonly #take: (answer: UpstreamAnswer) => void;
  readonly #fail: (error: unknown) => void;
  readonly #abort: () => void;
  #controller: Dispatcher.DispatchController | null = null;
  #status = 0;
  #headers: UpstreamAnswer['headers'] = {};
  #body: Buffer = noBytes;
  /** `null`: no more than one piece of the body has arrived so far. */
  #pieces: Buffer[] | null = null;

  /** @param fail receives undici's error, or the reason of the signal; only the first call counts. */
  constructor(signal: LookUpSignal, take: (answer: UpstreamAnswer) => void, fail: (error: unknown) => void) {
    this.#signal = signal;
    this.#take = take;
    this.#fail = fail;
    this.#abort = () => {
      // This also applies while the request waits for a connection, when there is nothing to abort yet.
      fail(signal.reason);
      this.#controller?.abort(givenUp);
    };
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Called again if undici repeats a request that a closing connection did not accept.
    this.#controller = controller;
    this.#body = noBytes;
    this.#pieces = null;
    if (this.#signal.aborted) controller.abort(givenUp);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: UpstreamAnswer['headers'],
  ): void {
    // Informational responses (100 to 199) precede the final one.
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, piece: Buffer): void {
    if (this.#pieces !== null) this.#pieces.push(piece);
    else if (this.#body.length === 0) this.#body = piece;
    else this.#pieces = [this.#body, piece];
  }

  onResponseEnd(): void {
    this.#signal.removeEventListener('abort', this.#abort);
    const body = this.#pieces === null ? this.#body : Buffer.concat(this.#pieces);
    this.#take({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#signal.removeEventListener('abort', this.#abort);
    this.#fail(error);
  }
}

const noBytes = Buffer.alloc(0);
const givenUp = new Error('the lookup was canceled');
