// Tests that a reload and a stop under load lose no request. They run over HTTP and HTTPS, with one process and with workers, with and without a
// drain.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type AskOptions, ask, askOrRefused, keepAliveAgent } from '../../tests/ask-server.ts';
import { certificateFiles, scratchDirectory } from '../../tests/certificate-files.ts';
import { eventually } from '../../tests/reloadable-server.ts';
import { type CliProcess, startCli } from '../../tests/run-cli.ts';

const clients = 30;
/** Pauses of a client between two requests: none, as in a synchronization, and as long as a person takes to type. */
const pausesMs = [0, 3, 40, 250];

interface Load {
  /** Responses that were not 200, and errors of connections on which a request was sent. */
  readonly lost: string[];
  answered: number;
  /** Responses that closed their connection. */
  closed: number;
}

interface State {
  /** Readiness as the load balancer last saw it. */
  isReady: boolean;
}

interface Replica {
  readonly serving: CliProcess;
  readonly url: string;
  readonly administration: string;
}

async function startReplica(sections: { workers: number; drainMs: number; tls?: object }): Promise<Replica> {
  const directory = scratchDirectory();
  writeFileSync(
    join(directory, 'source.mjs'),
    `import { setTimeout as sleep } from 'node:timers/promises';
     export default () => ({
       async findUser() {
         await sleep(1);
         return { groups: [{ name: 'engineering' }], authorizations: {} };
       },
       async check() {},
       async close() {},
     });\n`,
  );
  const file = join(directory, 'user-info.json');
  writeFileSync(
    file,
    JSON.stringify({
      listener: { port: 0, ...(sections.tls && { tls: sections.tls }) },
      administration: { port: 0 },
      workers: sections.workers,
      authentication: { mode: 'none' },
      source: { type: 'module', path: 'source.mjs' },
      shutdown: { drainMs: sections.drainMs },
    }),
  );
  const serving = startCli(['serve', '--config', file]);
  const [, url = '', administration = ''] = await serving.printed(
    'stdout',
    /"url":"([^"]+)","administrationUrl":"([^"]+)"/,
  );
  return { serving, url, administration };
}

/**
 * Sends requests over persistent connections until each client has to leave, as the clients of a load balancer do. A client leaves after a response
 * with `Connection: close` once readiness has failed, or when its connection is refused before anything was sent.
 */
async function loadUntilStopped(
  replica: Replica,
  load: Load,
  state: State,
  { drainMs, ...options }: AskOptions & { drainMs: number },
): Promise<void> {
  async function run(pauseMs: number): Promise<void> {
    const agent = keepAliveAgent(replica.url, options);
    for (;;) {
      const answer = await askOrRefused(`${replica.url}?userid=ada`, { agent, ...options });
      if (answer === 'ECONNREFUSED') break;
      if (typeof answer === 'string') {
        load.lost.push(answer);
        break;
      }
      load.answered += 1;
      const { connection } = answer.headers;
      if (answer.status !== 200) load.lost.push(`${answer.status} ${answer.body}`);
      if (connection === 'close') load.closed += 1;
      if (connection === 'close' && (drainMs === 0 || !state.isReady)) break;
      await sleep(pauseMs);
    }
    agent.destroy();
  }
  await Promise.all(Array.from({ length: clients }, (_, index) => run(pausesMs[index % pausesMs.length] ?? 0)));
}

describe('a reload and a shutdown under the load of persistent connections', () => {
  for (const [scheme, workers, drainMs] of [
    ['HTTP', 1, 0],
    ['HTTP', 1, 1000],
    ['HTTPS', 1, 0],
    ['HTTPS', 1, 1000],
    ['HTTP', 2, 0],
    ['HTTPS', 2, 1000],
  ] as const) {
    it(`lose no request over ${scheme} with ${workers} process${workers > 1 ? 'es' : ''} and drainMs ${drainMs}`, async () => {
      const { listenerTls, good } = await certificateFiles();
      const options = scheme === 'HTTPS' ? { ca: good.ca.certificate } : {};
      const replica = await startReplica({ workers, drainMs, ...(scheme === 'HTTPS' && { tls: listenerTls }) });
      const load: Load = { lost: [], answered: 0, closed: 0 };
      const state: State = { isReady: true };
      const loaded = loadUntilStopped(replica, load, state, { drainMs, ...options });
      while (load.answered < 10 * clients) await sleep(20);
      replica.serving.child.kill('SIGHUP');
      await eventually(
        async () => JSON.parse((await ask(`${replica.administration}/readyz`)).body).generation,
        (generation) => generation === 2,
      );
      replica.serving.child.kill('SIGTERM');
      // A load balancer notices the failed readiness only some time later.
      for (let ready: unknown = true; ready; ) {
        const answer = await askOrRefused(`${replica.administration}/readyz`);
        ready = typeof answer !== 'string' && answer.status === 200;
      }
      state.isReady = false;
      await loaded;
      const { exitCode } = await replica.serving.ended();
      expect(load.lost, `lost of ${load.answered}`).to.deep.equal([]);
      expect(exitCode).to.equal(0);
      // Without a drain each client leaves with its first response after the signal.
      expect(load.closed).to.be.within(clients, drainMs === 0 ? clients : Number.POSITIVE_INFINITY);
    }).timeout(60_000);
  }
});
