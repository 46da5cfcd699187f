// Commands that start the honest endpoints, and a function that starts one on a free port.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { UserInfo } from '../../../schemas/generated/user-info.ts';
import { certificateFiles, scratchDirectory } from '../../../tests/certificate-files.ts';
import { type EndpointProcess, startEndpointProcess } from '../../../tests/endpoint-process.ts';
import { findFreePort } from '../../../tests/services/service-process.ts';

const directory = dirname(import.meta.dirname);

/** The credentials that all endpoints require; the password contains a colon and a space. */
export const credentials = { username: 'immuta', password: 'open:sesame 42' };

/** The users that all endpoints know, each endpoint in its own format. */
export const users = JSON.parse(readFileSync(join(directory, 'data/users.json'), 'utf8')) as Record<string, UserInfo>;

/** One endpoint of conformance/honest/, by the name of its directory. */
export interface HonestEndpoint {
  readonly name: string;
  readonly scheme?: 'https';
  /** Whether letter case matters in user names. Default: it does. */
  readonly useridCase?: 'insensitive';
  /** Returns the command. `file` returns a path in the endpoint's directory, `scratch` contains a copy of data/. */
  command(file: (name: string) => string, scratch: string, port: number): readonly [program: string, ...string[]];
}

// Debian's packages are for Debian's Python, which is not always the first on the PATH.
const python = '/usr/bin/python3';

export const honestEndpoints: readonly HonestEndpoint[] = [
  { name: 'python-flask', command: (file) => [python, file('app.py')] },
  {
    name: 'python-fastapi',
    scheme: 'https',
    command: (file, _scratch, port) => [
      ...([python, '-m', 'uvicorn', 'main:app', '--app-dir', file(''), '--port', String(port)] as const),
      ...['--ssl-certfile', 'cert.pem', '--ssl-keyfile', 'key.pem'],
    ],
  },
  { name: 'python-django', command: (file) => [python, file('manage.py')] },
  { name: 'python-aiohttp', command: (file) => [python, file('server.py')] },
  { name: 'python-tornado', command: (file) => [python, file('server.py')] },
  { name: 'python-bottle', command: (file) => [python, file('app.py')] },
  { name: 'python-http-server', command: (file) => [python, file('server.py')] },
  { name: 'node-http', command: (file) => [process.execPath, file('server.mjs')] },
  { name: 'express', command: (file) => [process.execPath, file('app.mjs')] },
  { name: 'fastify', command: (file) => [process.execPath, file('server.mjs')] },
  { name: 'go', scheme: 'https', command: compileGo },
  { name: 'java', command: (file) => ['java', file('UserInfoServer.java')] },
  { name: 'php', command: (file, _scratch, port) => ['php', '-S', `127.0.0.1:${port}`, file('index.php')] },
  { name: 'ruby-sinatra', command: (file) => ['ruby', file('app.rb')] },
  { name: 'ruby-webrick', command: (file) => ['ruby', file('server.rb')] },
  {
    name: 'perl-mojolicious',
    command: (file, _scratch, port) => ['perl', file('app.pl'), 'daemon', '-l', `http://127.0.0.1:${port}`],
  },
  // nginx maps ignore letter case.
  { name: 'nginx', useridCase: 'insensitive', command: configureNginx },
  { name: 'apache', command: configureApache },
  { name: 'lighttpd', command: (file) => ['lighttpd', '-D', '-f', file('lighttpd.conf')] },
];

function compileGo(file: (name: string) => string, scratch: string): readonly [string] {
  const program = join(scratch, 'user-info');
  const env = { ...process.env, GOCACHE: join(scratch, 'cache'), GOTOOLCHAIN: 'local', GO111MODULE: 'off' };
  execFileSync('go', ['build', '-o', program, file('main.go')], { env });
  return [program];
}

/**
 * Writes the configuration of nginx, and returns the command that starts it. The worker processes of nginx and Apache must run as root, because they
 * could not read the scratch directory as another user.
 */
function configureNginx(file: (name: string) => string, scratch: string, port: number): readonly [string, ...string[]] {
  const configuration = readFileSync(file('nginx.conf'), 'utf8').replace('127.0.0.1:8080', `127.0.0.1:${port}`);
  writeFileSync(join(scratch, 'nginx.conf'), configuration);
  return ['nginx', '-p', scratch, '-c', 'nginx.conf', '-e', 'stderr', '-g', 'user root;'];
}

function configureApache(file: (name: string) => string, scratch: string): readonly [string, ...string[]] {
  cpSync(file('users.map'), join(scratch, 'users.map'));
  return ['apache2', '-D', 'FOREGROUND', '-f', file('httpd.conf')];
}

/** A running endpoint, and how to reach it. */
export interface RunningHonestEndpoint extends EndpointProcess {
  readonly url: string;
  /** The CA of its certificate, as PEM, for HTTPS. */
  readonly ca?: string;
}

/** Starts an endpoint in a scratch directory with a copy of data/, and waits until it listens. */
export async function startHonestEndpoint(endpoint: HonestEndpoint): Promise<RunningHonestEndpoint> {
  const { good, listenerTls } = await certificateFiles();
  const port = await findFreePort();
  const scratch = scratchDirectory();
  cpSync(join(directory, 'data'), scratch, { recursive: true });
  execFileSync('sqlite3', [join(scratch, 'users.db')], { input: readFileSync(join(scratch, 'users.sql')) });
  cpSync(listenerTls.certificate, join(scratch, 'cert.pem'));
  cpSync(listenerTls.key, join(scratch, 'key.pem'));
  const file = (name: string) => join(directory, endpoint.name, name);
  const [program, ...args] = endpoint.command(file, scratch, port);
  const running = await startEndpointProcess({
    ...{ name: endpoint.name, program, arguments: args, cwd: scratch, port },
    // Otherwise, Python would write __pycache__ to the source tree.
    env: { DIRECTORY: scratch, PYTHONDONTWRITEBYTECODE: '1' },
  });
  const { scheme = 'http' } = endpoint;
  return {
    ...running,
    url: `${scheme}://127.0.0.1:${port}/user-info`,
    ...(scheme === 'https' && { ca: good.ca.certificate }),
  };
}
