// Serves an example configuration in tests; only addresses, accounts and secrets differ.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hashPassword } from '../server/auth/password-hash.ts';
import { type Answer, ask, basicHeader } from './ask-server.ts';
import { certificateFiles, scratchDirectory } from './certificate-files.ts';
import { loadConfig, startServer } from './start-server.ts';

const examples = join(import.meta.dirname, '../examples/configurations');

export interface ExampleSurroundings {
  /** Options of the section `source` that name external services: `{ URLS: '["ldap://…"]' }`. */
  readonly source?: Readonly<Record<string, string>>;
  /** Content of every file and variable that the example refers to for its source. */
  readonly secret?: string;
}

export interface ServedExample {
  /** Sends requests as the platform would: over TLS and with the credentials of the example. */
  ask(userid: string): Promise<Answer>;
  stop(): Promise<unknown>;
}

/** @param name of a file in examples/configurations/. */
export async function serveExample(
  name: string,
  { source = {}, secret = 'not needed' }: ExampleSurroundings,
): Promise<ServedExample> {
  const { good, listenerTls } = await certificateFiles();
  const directory = scratchDirectory();
  const file = join(directory, name);
  copyFileSync(join(examples, name), file);
  const text = readFileSync(file, 'utf8');
  const login = { username: 'immuta', password: 'the platform of a test' };
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content, { mode: 0o600 });
  };
  const hash = await hashPassword(login.password);
  for (const [, path = ''] of text.matchAll(/\$\{file:([^}]+)\}/g)) write(path, path.endsWith('.hash') ? hash : secret);
  for (const [path] of text.matchAll(/certs\/[\w-]+\.pem/g)) write(path, pemFor(path, good));
  write('users.htpasswd', `${login.username}:${hash}\n`);
  const variables = [...text.matchAll(/\$\{env:(\w+)\}/g)].map(([, variable]) => [variable, secret]);
  const overrides = Object.entries(source).map(([option, value]) => [`USER_INFO__SOURCE__${option}`, value]);
  const server = await startServer(
    loadConfig(file, {
      ...Object.fromEntries([...variables, ...overrides]),
      USER_INFO__LISTENER__HOST: '127.0.0.1',
      USER_INFO__LISTENER__PORT: '0',
      USER_INFO__LOGGING__DESTINATION: join(directory, 'server.log'),
    }),
  );
  const [ca = ''] = listenerTls.clientCa;
  const headers = { authorization: basicHeader(login.username, login.password) };
  return {
    ask: (userid) =>
      ask(`${server.url}?userid=${encodeURIComponent(userid)}`, { ca: readFileSync(ca, 'utf8'), headers }),
    stop: () => server.stop(),
  };
}

type Certificates = Awaited<ReturnType<typeof certificateFiles>>['good'];

/** Returns the key or certificate of the tests for a file name that examples use. */
function pemFor(path: string, { ca, server, client }: Certificates): string {
  if (path.endsWith('-ca.pem')) return ca.certificate;
  const pair = path.includes('client') ? client : server;
  return path.endsWith('-key.pem') ? pair.key : pair.certificate;
}

/** Returns a response in short form: `404`, or groups and authorizations without their order, which has no meaning. */
export function inShort({ status, body }: Answer): unknown {
  if (status !== 200) return status;
  const { groups, authorizations } = JSON.parse(body) as {
    groups: { name: string }[];
    authorizations: Record<string, string[]>;
  };
  const values = Object.entries(authorizations).map(([key, list]) => [key, [...list].sort()]);
  return { groups: groups.map(({ name }) => name).sort(), authorizations: Object.fromEntries(values) };
}
