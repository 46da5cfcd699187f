// Tests of load shedding: requests are rejected in time, with the right status, and the server recovers afterwards.
import { createHook } from 'node:async_hooks';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay, setImmediate as turnIsOver } from 'node:timers/promises';
import { expect } from 'chai';
import { ask } from '../../tests/ask-server.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { eventually } from '../../tests/reloadable-server.ts';
import { startCli } from '../../tests/run-cli.ts';
import { createOverloadGuard } from './overload.ts';

/** Keeps the event loop busy. */
function block(durationMs: number): void {
  const until = performance.now() + durationMs;
  while (performance.now() < until);
}

/** Repeatedly lets timers and then everything else run. */
async function turns(count: number, work: () => void): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    work();
    await delay(25);
  }
}

describe('the guard against overload', () => {
  it('measures the delay of an event loop that is repeatedly late, and rejects no request afterwards', async () => {
    const guard = createOverloadGuard(20);
    expect(guard.shouldShed()).to.equal(false);
    await turns(12, () => block(120));
    expect(guard.delayMs()).to.be.greaterThan(20);
    await eventually(
      () => Array.from({ length: 1000 }, () => guard.shouldShed()),
      (shed) => !shed.includes(true),
    );
    guard.close();
  });

  it('stops its timer some time after the last request, and detects overload again with the next one', async () => {
    const timers = new Set<number>();
    const hook = createHook({
      init: (id, type) => type === 'Timeout' && timers.add(id),
      destroy: (id) => timers.delete(id),
    }).enable();
    const guard = createOverloadGuard(20);
    const [id = 0] = timers;
    await eventually(
      () => timers.has(id),
      (isRunning) => !isRunning,
    );
    hook.disable();
    expect([guard.delayMs(), guard.shouldShed()]).to.deep.equal([0, false]);
    await turns(12, () => block(120));
    expect(guard.delayMs()).to.be.greaterThan(20);
    guard.close();
  });

  it('rejects no request after one long pause, or without a limit', async () => {
    const guard = createOverloadGuard(1000);
    const unlimited = createOverloadGuard(0);
    const shed: boolean[] = [];
    block(3500);
    await turns(4, () => shed.push(guard.shouldShed(), unlimited.shouldShed()));
    expect(shed).to.not.include(true);
    expect(unlimited.delayMs()).to.be.greaterThan(0);
    guard.setLimit(0);
    for (const each of [guard, unlimited]) each.close();
  }).timeout(20_000);

  it('rejects the requests beyond the limit in a single turn of the event loop, but none in the next turn', async () => {
    const guard = createOverloadGuard(20);
    const ask = () => {
      block(2);
      return guard.shouldShed();
    };
    const shed = Array.from({ length: 40 }, ask);
    expect(shed.slice(0, 5)).to.not.include(true);
    // By now, twice the limit has passed.
    expect(shed.slice(25)).to.not.include(false);
    // Does not use a timer, because a busy machine could be late again in the meantime, which would also be counted.
    await turnIsOver();
    expect(guard.shouldShed()).to.equal(false);
    guard.close();
  });

  it('rejects no request after one long pause within a turn', () => {
    const guard = createOverloadGuard(100);
    expect(guard.shouldShed()).to.equal(false);
    block(500);
    expect(Array.from({ length: 100 }, () => guard.shouldShed())).to.not.include(true);
    guard.close();
  });
});

describe('an overloaded server', () => {
  it('responds to the requests within its capacity, rejects the rest with 503 and Retry-After, and recovers', async () => {
    const directory = scratchDirectory();
    // A lookup that keeps the processor busy, as a large response or many small ones would.
    writeFileSync(
      join(directory, 'busy-source.mjs'),
      `export default () => ({
        async findUser() {
          const until = performance.now() + 5;
          while (performance.now() < until);
          return { groups: [], authorizations: {} };
        },
        async check() {},
        async close() {},
      });\n`,
    );
    const file = join(directory, 'user-info.json');
    writeFileSync(
      file,
      JSON.stringify({
        listener: { port: 0, maxEventLoopDelayMs: 50 },
        administration: { port: 0 },
        authentication: { mode: 'none' },
        source: { type: 'module', path: 'busy-source.mjs' },
        deadlineMs: 60_000,
      }),
    );
    const serving = startCli(['serve', '--config', file]);
    const [, url = '', administration = ''] = await serving.printed(
      'stdout',
      /"url":"([^"]+)","administrationUrl":"([^"]+)"/,
    );
    let shed = 0;
    const asked = async () => {
      const answer = await ask(`${url}?userid=ada`);
      if (answer.status === 503) shed += 1;
      return answer;
    };
    expect((await asked()).status).to.equal(200);

    // Sends as many concurrent requests as the server can process in two seconds.
    const answers: Awaited<ReturnType<typeof ask>>[] = [];
    await eventually(
      async () => {
        answers.push(...(await Promise.all(Array.from({ length: 400 }, asked))));
        return new Set(answers.map(({ status }) => status));
      },
      (statuses) => statuses.has(503),
    );
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200, 503]));
    for (const { headers, body } of answers.filter(({ status }) => status === 503)) {
      expect(JSON.parse(body).code).to.equal('server-overloaded');
      expect(headers).to.include({
        'retry-after': '1',
        connection: 'close',
        'content-type': 'application/problem+json',
      });
    }
    await eventually(asked, ({ status }) => status === 200);
    const { body: metrics } = await ask(`${administration}/metrics`);
    const [, counted] = /^user_info_refusals_total\{code="server-overloaded"\} (\d+)$/m.exec(metrics) ?? [];
    expect(Number(counted)).to.equal(shed);
    expect(metrics).to.match(/^user_info_event_loop_delay_seconds [\d.e-]+$/m);
    serving.child.kill('SIGTERM');
    await serving.ended();
  }).timeout(60_000);
});
