// A worker as seen by its primary: its start, requests to it, and its exit.
import cluster, { type Worker } from 'node:cluster';
import type { Readable, Writable } from 'node:stream';
import type { PartOptions } from '../assemble-server.ts';
import type { LoginNews } from '../auth/login-memory.ts';
import {
  isOurs,
  type ToPrimary,
  type ToWorker,
  type WorkerRequestKind,
  type WorkerRequests,
  WorkerStartFailure,
  workerVariable,
} from './worker-messages.ts';

/** A worker exited before it responded. */
class WorkerGone extends Error {
  override readonly name = 'WorkerGone';
}

export interface WorkerProcess {
  readonly pid: number;
  /** Resolves when the worker serves requests; rejects with a {WorkerStartFailure}. */
  readonly ready: Promise<{ readonly url: string; readonly digest: string; readonly generation: number }>;
  /** Resolves when the process has exited. */
  readonly ended: Promise<void>;
  isReady(): boolean;
  /** @throws {WorkerGone} */
  request<K extends WorkerRequestKind>(
    kind: K,
    request: WorkerRequests[K]['request'],
  ): Promise<WorkerRequests[K]['answer']>;
  /** Forwards an event from another worker; the event is lost if this worker does not serve yet or has exited. */
  sendLogin(news: LoginNews): void;
  /** Passes TLS ticket keys on, even while the worker is starting. */
  sendTicketKeys(ticketKeys: string): void;
  kill(): void;
}

export interface WorkerParts {
  /** Returns how to start the worker; called when it can receive messages. */
  part(): PartOptions;
  /** Called with this worker's messages for the others. */
  onLogin(news: LoginNews): void;
}

export function forkWorker({ part, onLogin }: WorkerParts): WorkerProcess {
  const worker: Worker = cluster.fork({ [workerVariable]: '1' });
  const waiting = new Map<number, (answer: unknown) => void>();
  let nextId = 0;
  let isStarted = false;
  let isReady = false;
  let isGone = false;
  relayLines(worker.process.stdout, process.stdout);
  relayLines(worker.process.stderr, process.stderr);

  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      isGone = true;
      isReady = false;
      for (const settle of waiting.values()) settle(new WorkerGone('the worker exited'));
      waiting.clear();
      resolve();
    });
  });
  const ready = new Promise<{ url: string; digest: string; generation: number }>((resolve, reject) => {
    worker.on('message', (message: unknown) => {
      if (!isOurs<ToPrimary>(message)) return;
      // Messages sent before a worker listens may be lost.
      if (message.userInfo === 'hello') {
        isStarted = true;
        worker.send({ userInfo: 'start', part: part() } satisfies ToWorker);
      } else if (message.userInfo === 'ready') {
        isReady = true;
        resolve(message);
      } else if (message.userInfo === 'login') onLogin(message.news);
      else if (message.userInfo === 'failed') reject(new WorkerStartFailure(message.message, message.exitCode));
      else {
        waiting.get(message.id)?.(message.answer);
        waiting.delete(message.id);
      }
    });
    void ended.then(() => reject(new WorkerStartFailure('a worker exited before it was serving', 70)));
  });
  // A caller that does not wait for the worker need not handle its failure.
  ready.catch(() => undefined);

  return {
    pid: worker.process.pid ?? 0,
    ready,
    ended,
    isReady: () => isReady,
    request(kind, request) {
      return new Promise((resolve, reject) => {
        if (isGone || !worker.isConnected()) {
          reject(new WorkerGone('the worker exited'));
          return;
        }
        const id = nextId++;
        waiting.set(id, (answer) => (answer instanceof WorkerGone ? reject(answer) : resolve(answer as never)));
        worker.send({ userInfo: 'request', id, kind, request } satisfies ToWorker);
      });
    },
    sendLogin(news) {
      if (isReady && worker.isConnected()) worker.send({ userInfo: 'login', news } satisfies ToWorker);
    },
    sendTicketKeys(ticketKeys) {
      if (isStarted && worker.isConnected()) worker.send({ userInfo: 'ticket-keys', ticketKeys } satisfies ToWorker);
    },
    kill: () => worker.process.kill('SIGKILL'),
  };
}

/** When the output is not read, lines beyond this limit are lost, as in the log of one process. Otherwise, memory would grow without bound. */
const maxWaitingBytes = 32 * 1024 * 1024;
/** A longer line cannot be a line of a worker's log, so it is forwarded in parts. */
const maxLineLength = 1024 * 1024;

/** Forwards complete lines, since several processes that write to one pipe would split each other's lines. */
export function relayLines(from: Readable | null, to: Writable): void {
  let rest = '';
  const write = (text: string) => {
    if (to.writableLength < maxWaitingBytes) to.write(text);
  };
  from?.setEncoding('utf8').on('data', (part: string) => {
    const text = rest + part;
    const end = text.length > maxLineLength ? text.length : text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    if (end > 0) write(text.slice(0, end));
  });
  from?.on('end', () => {
    if (rest !== '') write(`${rest}\n`);
  });
}
