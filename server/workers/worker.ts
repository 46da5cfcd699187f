// Worker: a server without an administration listener that follows its primary.
import type { LoginNews } from '../auth/login-memory.ts';
import { readConfig } from '../config/read-config.ts';
import type { PreparedReload } from '../reload/reloader.ts';
import { type ServerPart, startServerPart } from '../start.ts';
import {
  isOurs,
  type ToPrimary,
  type ToWorker,
  type WorkerRequestKind,
  type WorkerRequests,
} from './worker-messages.ts';

/**
 * Runs the server as a worker of the primary that forked this process. Exits on the request of the primary, or when the primary has exited.
 *
 * @param explain converts the error of a failed start to a message and an exit code.
 */
export async function runWorker(
  configFile: string,
  environment: NodeJS.ProcessEnv,
  explain: (error: unknown) => { message: string; exitCode: number },
): Promise<void> {
  // A terminal signals the whole process group, so the signal is ignored here and the primary decides what to do.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const { part: options } = await startOrder();
  let startedPart: ServerPart | null = null;
  let { ticketKeys } = options;
  process.on('message', (message: unknown) => {
    if (!isOurs<ToWorker>(message) || message.userInfo !== 'ticket-keys') return;
    ticketKeys = message.ticketKeys;
    startedPart?.useTicketKeys(ticketKeys);
  });
  const read = () => readConfig(configFile, environment);
  let part: ServerPart;
  try {
    part = await startServerPart({ file: configFile, read }, { ...options, sendLogin });
  } catch (error) {
    send({ userInfo: 'failed', ...explain(error) });
    process.disconnect();
    return;
  }
  startedPart = part;
  if (ticketKeys !== options.ticketKeys) part.useTicketKeys(ticketKeys);
  const answer = createAnswers(part);
  process.on('message', (message: unknown) => {
    if (!isOurs<ToWorker>(message)) return;
    if (message.userInfo === 'request') void answerTo(message.id, message.kind, message.request);
    else if (message.userInfo === 'login') part.learnLogin(message.news);
  });
  process.on('disconnect', () => void part.server.stop().finally(() => process.exit()));
  send({ userInfo: 'ready', url: part.server.url, digest: part.digest(), generation: options.generation });

  async function answerTo(id: number, kind: WorkerRequestKind, request: unknown): Promise<void> {
    send({ userInfo: 'answer', id, answer: await answer[kind](request as never) });
    if (kind === 'stop') process.disconnect();
  }
}

type Answers = {
  readonly [K in WorkerRequestKind]: (request: WorkerRequests[K]['request']) => Promise<WorkerRequests[K]['answer']>;
};

function createAnswers(part: ServerPart): Answers {
  let prepared: Extract<PreparedReload, { isRefused: false }> | null = null;
  /** Number of discards; a generation that is being prepared during a discard is discarded as well. */
  let discards = 0;
  return {
    ping: async () => null,
    readiness: () => part.readiness(),
    metrics: () => part.collectMetrics(),
    async prepare({ scope }) {
      const discardsBefore = discards;
      const outcome = await part.prepareReload(scope);
      if (outcome.isRefused) return outcome;
      if (discards !== discardsBefore) {
        await outcome.discard();
        const faults = ['The reload was canceled before this worker was ready.'];
        return { isRefused: true, outcome: { outcome: 'refused', generation: 0, faults }, sourceWasDown: true };
      }
      prepared = outcome;
      return { isRefused: false, digest: outcome.digest, renewsTls: outcome.renewsTls };
    },
    async commit({ generation, ticketKeys }) {
      if (prepared === null) return { outcome: 'refused', generation, faults: ['nothing was prepared'] };
      const { commit } = prepared;
      prepared = null;
      part.useTicketKeys(ticketKeys);
      return commit(generation);
    },
    async discard() {
      discards += 1;
      const { discard } = prepared ?? {};
      prepared = null;
      await discard?.();
      return null;
    },
    async 'reopen-files'() {
      part.reopenFiles();
      return null;
    },
    stop: async () => ({ finished: await part.server.stop() }),
  };
}

function startOrder(): Promise<Extract<ToWorker, { userInfo: 'start' }>> {
  return new Promise((resolve) => {
    process.on('message', function listen(message: unknown) {
      if (!isOurs<ToWorker>(message) || message.userInfo !== 'start') return;
      process.off('message', listen);
      resolve(message);
    });
    send({ userInfo: 'hello' });
  });
}

const sendLogin = (news: LoginNews) => send({ userInfo: 'login', news });

function send(message: ToPrimary): void {
  // The primary may have exited; the `disconnect` event handles that.
  if (process.connected) process.send?.(message);
}
