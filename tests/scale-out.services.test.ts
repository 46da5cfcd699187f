// Tests examples/scale-out as its reader starts it: under load, no response is lost or wrong while a replica, Redis and PostgreSQL are killed.
import { execFile } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { ask, askOrRefused, basicHeader } from './ask-server.ts';
import { builtProgram } from './built-program.ts';
import { scratchDirectory } from './certificate-files.ts';
import { readMarkedBlocks } from './marked-blocks.ts';
import { eventually } from './reloadable-server.ts';
import { findFreePort, findProgram } from './services/service-process.ts';

const run = promisify(execFile);
const projectRoot = dirname(import.meta.dirname);
const script = join(projectRoot, 'examples/scale-out/scale-out.sh');
const userCount = 40;
const clients = 12;
const startMs = 180_000;

describe('two replicas behind HAProxy, with Redis and PostgreSQL', () => {
  let environment: NodeJS.ProcessEnv;
  let url: string;
  let headers: { readonly authorization: string };
  const expected = new Map<string, string>();
  const ran = new Set<string>();
  const scaleOut = (...command: string[]) => {
    ran.add(`examples/scale-out/scale-out.sh ${command.join(' ')}`);
    return run(script, command, { env: environment });
  };
  const directoryOf = () => environment.FOLDER ?? '';
  const administrationOf = (name: 'A' | 'B') => `http://127.0.0.1:${environment[`${name}_ADMINISTRATION_PORT`]}`;

  before(async function () {
    this.timeout(startMs);
    const scratch = scratchDirectory();
    // PostgreSQL runs as a separate user, who needs access to the directory.
    chmodSync(dirname(scratch), 0o711);
    chmodSync(scratch, 0o711);
    const program = join(scratch, 'user-info');
    writeFileSync(program, `#!/bin/sh\nexec node '${builtProgram}' "$@"\n`, { mode: 0o755 });
    const names = [
      'PROXY_PORT',
      'A_PORT',
      'B_PORT',
      'A_ADMINISTRATION_PORT',
      'B_ADMINISTRATION_PORT',
      'REDIS_PORT',
      'PGPORT',
    ];
    const ports = await Promise.all(names.map(async (name) => [name, String(await findFreePort())]));
    const hidden = ['haproxy', 'initdb', 'pg_ctl'].map((name) => dirname(findProgram(name)));
    environment = {
      ...process.env,
      ...Object.fromEntries(ports),
      PATH: [scratch, ...hidden, process.env.PATH].join(':'),
      FOLDER: join(scratch, 'run'),
    };
    await scaleOut('up');
    url = `http://127.0.0.1:${environment.PROXY_PORT}/user-info`;
    headers = {
      authorization: basicHeader('immuta', readFileSync(join(directoryOf(), 'secrets/immuta'), 'utf8').trim()),
    };

    const statements: string[] = [];
    for (let user = 0; user < userCount; user++) {
      const login = `user-${user}@example.com`;
      statements.push(`INSERT INTO users VALUES ('${login}', false);`);
      statements.push(`INSERT INTO memberships VALUES ('${login}', 'group-${user}'), ('${login}', 'everybody');`);
      const groups = [{ name: 'everybody' }, { name: `group-${user}` }];
      expected.set(login, JSON.stringify({ groups, authorizations: {} }));
    }
    const socket = join(directoryOf(), 'postgresql');
    const file = join(scratch, 'users.sql');
    writeFileSync(file, statements.join('\n'));
    chmodSync(file, 0o644);
    const asPostgres =
      process.getuid?.() === 0 ? ['setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--clear-groups'] : [];
    const [command = '', ...args] = [
      ...asPostgres,
      'psql',
      '-q',
      '-h',
      socket,
      '-U',
      'postgres',
      '-f',
      file,
      'identity',
    ];
    await run(command, args, { env: environment });
  });

  after(async function () {
    this.timeout(startMs);
    await scaleOut('down');
  });

  /** Requests all users in turn, over one persistent connection per client, until `work` is done. @returns the count of each outcome. */
  async function underLoad(work: () => Promise<void>): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    let isOver = false;
    let next = 0;
    const asking = Array.from({ length: clients }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      while (!isOver) {
        const login = `user-${next++ % userCount}@example.com`;
        const answer = await askOrRefused(`${url}?userid=${login}`, { headers, agent });
        const seen =
          typeof answer === 'string'
            ? answer
            : answer.status === 200
              ? compareBody(login, answer.body)
              : `${answer.status}`;
        counts.set(seen, (counts.get(seen) ?? 0) + 1);
      }
      agent.destroy();
    });
    try {
      await work();
    } finally {
      isOver = true;
    }
    await Promise.all(asking);
    return counts;
  }

  function compareBody(login: string, body: string): string {
    const { groups, authorizations } = JSON.parse(body) as { groups: Array<{ name: string }>; authorizations: object };
    const sorted = groups.toSorted((one, other) => (one.name < other.name ? -1 : 1));
    return JSON.stringify({ groups: sorted, authorizations }) === expected.get(login) ? 'right' : 'wrong';
  }

  const readinessOf = async (name: 'A' | 'B') => {
    const answer = await askOrRefused(`${administrationOf(name)}/readyz`);
    return typeof answer === 'string' ? answer : String(answer.status);
  };
  async function bothReady(): Promise<void> {
    for (const name of ['A', 'B'] as const)
      await eventually(
        () => readinessOf(name),
        (status) => status === '200',
      );
  }

  it('return the right data for every user, and share the requests', async () => {
    expect([...(await underLoad(() => delay(1000))).keys()]).to.deep.equal(['right']);
    for (const name of ['A', 'B'] as const) {
      const { body } = await ask(`${administrationOf(name)}/metrics`);
      const [, answered] =
        /request_duration_seconds_count\{http_response_status_code="200",source="sql"\} (\d+)/.exec(body) ?? [];
      expect(Number(answered), name).to.be.greaterThan(0);
    }
  }).timeout(startMs);

  it('lose no request when one of them is killed or when it starts again', async () => {
    const counts = await underLoad(async () => {
      await scaleOut('kill', 'a');
      await delay(2000);
      await scaleOut('start', 'a');
      await bothReady();
      await delay(2000);
    });
    expect([...counts.keys()]).to.deep.equal(['right']);
  }).timeout(startMs);

  it('lose no request when one of them is stopped normally', async () => {
    const counts = await underLoad(async () => {
      await scaleOut('stop', 'b');
      await scaleOut('start', 'b');
      await bothReady();
    });
    expect([...counts.keys()]).to.deep.equal(['right']);
  }).timeout(startMs);

  it('continue to respond while Redis is unavailable, and after Redis restarts empty', async () => {
    const counts = await underLoad(async () => {
      await scaleOut('kill', 'redis');
      await delay(2000);
      await scaleOut('start', 'redis');
      await delay(2000);
    });
    expect([...counts.keys()]).to.deep.equal(['right']);
  }).timeout(startMs);

  it('return no wrong data while PostgreSQL is unavailable, and respond normally once PostgreSQL is available again', async () => {
    const counts = await underLoad(async () => {
      await scaleOut('stop', 'postgresql');
      await delay(2000);
      await scaleOut('start', 'postgresql');
      await delay(2000);
    });
    // Without any replica, HAProxy may also close a connection: the client then gets no response, and nothing that could be mistaken for one.
    const honest = ['right', '503', '504', 'ECONNRESET'];
    expect([...counts.keys()].filter((seen) => !honest.includes(seen))).to.deep.equal([]);
    expect(counts.get('503'), 'it was away').to.be.greaterThan(0);
    await bothReady();
    // HAProxy checks readiness every half second and requires two successes.
    await eventually(
      async () => (await ask(`${url}?userid=user-1@example.com`, { headers })).status,
      (status) => status === 200,
    );
    expect([...(await underLoad(() => delay(1000))).keys()]).to.deep.equal(['right']);
  }).timeout(startMs);

  it('were started with every command of the guide', () => {
    const [commands = ''] = readMarkedBlocks('docs/guides/deploy.md', 'tests/scale-out.services.test.ts');
    const others = commands.split('\n').filter((command) => !command.endsWith(' down'));
    expect([...ran]).to.include.members(others);
  });
});
