// Server of a soak: two workers over TLS, on users in PostgreSQL, with a settable clock.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { issueCertificate } from '../../certs/issue-certificate.ts';
import { daysFromNow } from '../../certs/issue-certificates.ts';
import type { Readiness } from '../../server/observability/readiness.ts';
import { ask } from '../ask-server.ts';
import { certificateFiles, scratchDirectory } from '../certificate-files.ts';
import { eventually } from '../reloadable-server.ts';
import { type PostgresService, startPostgres } from '../services/postgres.ts';

const projectRoot = dirname(dirname(import.meta.dirname));
const workers = 2;

export interface ResourceUse {
  readonly residentMegabytes: number;
  readonly openFiles: number;
  readonly sockets: number;
}

export interface SoakServer {
  readonly url: string;
  readonly password: string;
  readonly users: ReadonlyMap<string, string>;
  readonly postgres: PostgresService;
  readiness(): Promise<Readiness>;
  /** @throws when the reload is rejected. */
  reload(): Promise<void>;
  /** Sets the server's clock to an offset in seconds from the machine's clock. */
  setClock(offsetSeconds: number): void;
  /** Replaces the certificate and the key, which the server reloads by itself. */
  rotateCertificate(): Promise<void>;
  killWorker(): void;
  /** Returns the values of the primary, then of each worker. */
  uses(): ResourceUse[];
  /** @returns the exit code. */
  stop(): Promise<number | null>;
}

const userCount = 500;
const readerPassword = 'reader of the soak';

export async function startSoakServer(): Promise<SoakServer> {
  const { good, listenerTls } = await certificateFiles();
  const directory = join(scratchDirectory(), 'etc');
  mkdirSync(directory);
  const file = (name: string) => join(directory, name);
  const put = (name: string, text: string) => {
    writeFileSync(`${file(name)}.part`, text, { mode: 0o600 });
    renameSync(`${file(name)}.part`, file(name));
  };
  const password = 'password of the soak';
  put('password', password);
  put('database-password', readerPassword);
  copyFileSync(listenerTls.certificate, file('server.pem'));
  copyFileSync(listenerTls.key, file('server-key.pem'));

  const postgres = await startPostgres();
  const users = await fill(postgres);
  const clock = file('clock');
  writeFileSync(clock, '+0\n');
  put(
    'user-info.json',
    JSON.stringify({
      listener: {
        port: 0,
        tls: { certificate: 'server.pem', key: 'server-key.pem', clientCa: listenerTls.clientCa },
      },
      administration: { port: 0 },
      workers,
      authentication: {
        mode: 'both',
        basic: { credentials: [{ username: 'platform', password: `\${file:password}` }], verifiedForSeconds: 5 },
        clientCertificate: { allow: [{ dns: 'platform.example.test' }] },
        failedLogins: { max: 5, windowSeconds: 30 },
      },
      deadlineMs: 3000,
      source: {
        type: 'sql',
        connection: {
          system: 'postgresql',
          host: postgres.host,
          port: postgres.port,
          database: 'soak',
          user: 'reader',
          password: `\${file:database-password}`,
          poolSize: 4,
        },
        userQuery: 'SELECT login AS userid FROM users WHERE login = :userid',
        groupsQuery: 'SELECT login AS userid, group_name FROM memberships WHERE login = :userid',
        statementTimeoutMs: 2000,
      },
      guards: { cache: { ttlSeconds: 2 }, coalesce: true },
      reload: { pollSeconds: 1 },
      audit: { file: 'audit.jsonl' },
      logging: { destination: 'server.log' },
    }),
  );

  const child = spawn(
    process.execPath,
    [join(projectRoot, 'dist/cli/main.js'), 'serve', '--config', file('user-info.json')],
    {
      cwd: directory,
      // Uses a pipe, because a server that outlives a failed test must not keep the output of the test run open.
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        LD_PRELOAD: findFaketime(),
        FAKETIME_TIMESTAMP_FILE: clock,
        FAKETIME_CACHE_DURATION: '1',
        // When the clock of a machine is set, its monotonic clock continues unchanged.
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      },
    },
  );
  child.stderr.pipe(process.stderr);
  const ended = once(child, 'exit');
  const log = await eventually(
    () => (existsSync(file('server.log')) ? readFileSync(file('server.log'), 'utf8') : ''),
    (text) => text.includes('serving with workers'),
  );
  const [, url = '', administration = ''] = /"url":"([^"]+)","administrationUrl":"([^"]+)","workers"/.exec(log) ?? [];

  function workerPids(): number[] {
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)], { encoding: 'utf8' });
    return children
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(Number);
  }

  return {
    url,
    password,
    users,
    postgres,
    async readiness() {
      return JSON.parse((await ask(`${administration}/readyz`)).body) as Readiness;
    },
    async reload() {
      const { status, body } = await ask(`${administration}/reload`, { method: 'POST' });
      if (status !== 200) throw new Error(`the reload was refused: ${body}`);
    },
    setClock(offsetSeconds) {
      writeFileSync(clock, `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}\n`);
    },
    async rotateCertificate() {
      const names = { dns: ['localhost'], ip: ['127.0.0.1', '::1'], email: [] };
      const wish = { use: 'server', keyType: 'ec', commonName: 'localhost', alternativeNames: names } as const;
      const issued = await issueCertificate({ ...wish, ...daysFromNow(-3, 30) }, good.ca);
      // The files are replaced one after the other: in between, they do not match, and the reload is rejected.
      put('server.pem', issued.certificate);
      put('server-key.pem', issued.key);
    },
    killWorker() {
      const [victim] = workerPids();
      if (victim !== undefined) process.kill(victim, 'SIGKILL');
    },
    uses: () => [child.pid ?? 0, ...workerPids()].map(useOf),
    async stop() {
      child.kill('SIGTERM');
      const [exitCode] = await ended;
      await postgres.stop();
      return exitCode;
    },
  };
}

async function fill(postgres: PostgresService): Promise<Map<string, string>> {
  await postgres.query('postgres', 'CREATE DATABASE soak');
  await postgres.query(
    'soak',
    `CREATE TABLE users (login text PRIMARY KEY);
     CREATE TABLE memberships (login text NOT NULL, group_name text NOT NULL, PRIMARY KEY (login, group_name));
     INSERT INTO users SELECT 'user-' || n FROM generate_series(1, ${userCount}) n;
     INSERT INTO memberships SELECT 'user-' || n, 'group-' || n FROM generate_series(1, ${userCount}) n;
     CREATE ROLE reader LOGIN PASSWORD '${readerPassword}';
     GRANT SELECT ON users, memberships TO reader`,
  );
  const bodies = Array.from({ length: userCount }, (_, index): [string, string] => [
    `user-${index + 1}`,
    JSON.stringify({ groups: [{ name: `group-${index + 1}` }], authorizations: {} }),
  ]);
  return new Map(bodies);
}

function findFaketime(): string {
  const directory = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime`;
  const library = join(directory, 'libfaketime.so.1');
  if (!existsSync(library)) throw new Error('faketime is not installed; node tests/install-tools.mjs brings it');
  return library;
}

/** Returns the kernel's values for a process; zeros for a process that has exited. */
function useOf(pid: number): ResourceUse {
  try {
    const [, kilobytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    const descriptors = readdirSync(`/proc/${pid}/fd`);
    const sockets = descriptors.filter((name) => isSocket(`/proc/${pid}/fd/${name}`));
    return { residentMegabytes: Number(kilobytes) / 1024, openFiles: descriptors.length, sockets: sockets.length };
  } catch {
    return { residentMegabytes: 0, openFiles: 0, sockets: 0 };
  }
}

function isSocket(link: string): boolean {
  try {
    return readlinkSync(link).startsWith('socket:');
  } catch {
    return false;
  }
}

export function sumOfUses(uses: readonly ResourceUse[]): ResourceUse {
  const total = (name: keyof ResourceUse) => uses.reduce((all, use) => all + use[name], 0);
  return {
    residentMegabytes: total('residentMegabytes'),
    openFiles: total('openFiles'),
    sockets: total('sockets'),
  };
}
