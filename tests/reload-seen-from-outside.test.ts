// Tests what callers, probes and Prometheus observe of a running server while its CSV file is replaced with invalid and valid files.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { ask, keepAliveAgent } from './ask-server.ts';
import { scratchDirectory } from './certificate-files.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const header = 'userid,group\n';
const rowsOf = (count: number, group: string) =>
  Array.from({ length: count }, (_, index) => `user${index},${group}\n`).join('');

/** `leaver` is only in the old file, and `joiner` only in the new one; the group of all other users changes. */
const oldFile = `${header}${rowsOf(20, 'old-group')}leaver,old-group\n`;
const newFile = `${header}${rowsOf(20, 'new-group')}joiner,new-group\n`;
const bodyOf = (group: string) => `{"groups":[{"name":"${group}"}],"authorizations":{}}`;
const oldAnswer = `200 ${bodyOf('old-group')}`;
const newAnswer = `200 ${bodyOf('new-group')}`;
const noSuchUser = '404 user-unknown';

/** The replacement for the valid file, and the message for the operator; `null`: the file is deleted. */
const badFiles: Readonly<Record<string, { readonly text: string | null; readonly reason: RegExp }>> = {
  'a file that breaks off inside quotes': { text: `${newFile}late,"new-gro`, reason: /invalid: line 23: / },
  'a file without the column of the groups': { text: newFile.replace('group', 'team'), reason: /invalid: line 1: / },
  'an empty file': { text: '', reason: /invalid: line 1: / },
  'a suspiciously smaller file': {
    text: `${header}${rowsOf(16, 'new-group')}`,
    reason: /shrank .*maxShrinkPercent \(20\): 16 users, compared with 21 in use/,
  },
  'no file at all': { text: null, reason: /cannot be read \(ENOENT\)/ },
};

/** A limit for hanging waits, not a claim about speed. */
const patienceMs = 10_000;

/** Checks until the condition is true. @throws at the limit, with the last observation. */
async function eventually<T>(look: () => Promise<T>, holds: (seen: T) => boolean): Promise<T> {
  for (const endsAt = Date.now() + patienceMs; ; await delay(20)) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > endsAt) expect.fail(`still ${JSON.stringify(seen)}`);
  }
}

interface Witness {
  /** Different responses in the order in which they arrived, without repetitions. */
  readonly answers: readonly string[];
  /** Returns the total number of responses. */
  count(): number;
  /** Stops after the response in progress. */
  end(): Promise<void>;
}

/** Requests one user without pauses, over one connection, until it is stopped. */
function startWitness(url: string, userid: string): Witness {
  const answers: string[] = [];
  const agent = keepAliveAgent(url);
  let count = 0;
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      // A request without a response must appear among the responses.
      const answer = await answerFor(url, userid, agent).catch(String);
      count++;
      if (answer !== answers.at(-1)) answers.push(answer);
    }
  })();
  return {
    answers,
    count: () => count,
    async end() {
      isOver = true;
      await asking;
      agent.destroy();
    },
  };
}

/** Returns the status, and the body of a 200 or the code of an error. */
async function answerFor(url: string, userid: string, agent: Agent): Promise<string> {
  const { status, body } = await ask(`${url}?userid=${userid}`, { agent });
  return `${status} ${status === 200 ? body : JSON.parse(body).code}`;
}

describe('a reload, observed by a client', () => {
  let file: string;
  let server: TestServer;
  let witnesses: Readonly<Record<'user0' | 'leaver' | 'joiner', Witness>>;

  beforeEach(async () => {
    const directory = join(scratchDirectory(), 'data');
    mkdirSync(directory);
    file = join(directory, 'users.csv');
    writeFileSync(file, oldFile);
    server = await startTestServer({
      source: { type: 'csv', path: file, columns: { userid: 'userid', groups: [{ column: 'group' }] }, pollSeconds: 1 },
      administration: { port: 0 },
    });
    const { url } = server;
    witnesses = {
      user0: startWitness(url, 'user0'),
      leaver: startWitness(url, 'leaver'),
      joiner: startWitness(url, 'joiner'),
    };
  });
  afterEach(async () => {
    await Promise.all(Object.values(witnesses).map((witness) => witness.end()));
    await server.stop();
  });

  /** Replaces the file as a careful writer does: writes a new file, then renames it. `null`: deletes the file. */
  function replaceFile(text: string | null): void {
    if (text === null) {
      rmSync(file);
      return;
    }
    writeFileSync(`${file}.part`, text);
    renameSync(`${file}.part`, file);
  }

  async function readiness(): Promise<{ httpStatus: number; status: string; reasons: string[] }> {
    const { status, body } = await ask(`${server.administrationUrl}/readyz`);
    return { httpStatus: status, ...JSON.parse(body) };
  }

  /** Returns the lines of /metrics about the source, by name. */
  async function sourceMetrics(): Promise<Record<string, string>> {
    const { body } = await ask(`${server.administrationUrl}/metrics`);
    const lines = body.matchAll(/^user_info_source_(?<name>\w+)\{source="csv"\} (?<value>\S+)$/gm);
    return Object.fromEntries([...lines].map(({ groups }) => [groups?.name, groups?.value]));
  }

  /** Waits until every observer has received two more responses, so that the last one was requested after this moment. */
  async function letWitnessesAsk(): Promise<void> {
    for (const witness of Object.values(witnesses)) {
      const before = witness.count();
      await eventually(
        async () => witness.count(),
        (count) => count > before + 1,
      );
    }
  }

  async function expectWitnessed(expected: Readonly<Record<keyof typeof witnesses, string[]>>): Promise<void> {
    await letWitnessesAsk();
    const { user0, leaver, joiner } = witnesses;
    const seen = { user0: user0.answers, leaver: leaver.answers, joiner: joiner.answers };
    expect(seen).to.deep.equal(expected);
  }

  const onlyOld = { user0: [oldAnswer], leaver: [oldAnswer], joiner: [noSuchUser] };
  const oldThenNew = {
    user0: [oldAnswer, newAnswer],
    leaver: [oldAnswer, noSuchUser],
    joiner: [noSuchUser, newAnswer],
  };

  async function expectDegraded(reason: RegExp): Promise<void> {
    const seen = await eventually(readiness, ({ reasons }) => reasons.some((text) => reason.test(text)));
    expect(seen).to.include({ httpStatus: 200, status: 'degraded' });
    expect(seen.reasons).to.have.length(1);
    expect(seen.reasons[0], 'a user’s data').not.to.match(/-gro|user\d|leaver|joiner|late/);
    expect(await sourceMetrics()).to.include({ stale: '1', generation: '1', users: '21' });
    await expectWitnessed(onlyOld);
  }

  async function expectReloaded(): Promise<void> {
    const { loaded_timestamp_seconds: loadedBefore } = await sourceMetrics();
    replaceFile(newFile);
    const metrics = await eventually(sourceMetrics, ({ generation }) => generation !== '1');
    expect(metrics).to.include({ stale: '0', generation: '2', users: '21' });
    expect(Number(metrics.loaded_timestamp_seconds)).to.be.greaterThan(Number(loadedBefore));
    expect(await readiness()).to.deep.equal({ httpStatus: 200, status: 'ready', reasons: [], generation: 1 });
    await expectWitnessed(oldThenNew);
  }

  it('of a valid file keeps the server ready, replaces the old responses, and results in 404 for a removed user', async () => {
    expect(await readiness()).to.deep.equal({ httpStatus: 200, status: 'ready', reasons: [], generation: 1 });
    expect(await sourceMetrics()).to.include({ stale: '0', generation: '1', users: '21' });
    await expectWitnessed(onlyOld);
    await expectReloaded();
  });

  for (const [name, { text, reason }] of Object.entries(badFiles)) {
    it(`that is rejected (${name}) degrades readiness and keeps the old responses until the file is valid`, async () => {
      replaceFile(text);
      await expectDegraded(reason);
      await expectReloaded();
    });
  }

  it('that is rejected five times in a row shows each reason, and the restored file makes the server ready', async () => {
    for (const { text, reason } of Object.values(badFiles)) {
      replaceFile(text);
      await expectDegraded(reason);
    }
    replaceFile(oldFile);
    await eventually(readiness, ({ status }) => status === 'ready');
    expect(await sourceMetrics()).to.include({ stale: '0', generation: '1' });
    await expectWitnessed(onlyOld);
  });
});
