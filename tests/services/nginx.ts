// Starts nginx as a proxy on a free loopback port.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSocket } from '../ask-server.ts';
import { scratchDirectory } from '../certificate-files.ts';
import { findFreePort, findProgram, type ServiceProcess, startService } from './service-process.ts';

/** @param server returns the lines of the `server` block for the given port, on which nginx must listen with TLS. */
export async function startNginx(
  server: (port: number) => readonly string[],
): Promise<{ readonly url: string; readonly process: ServiceProcess }> {
  const directory = scratchDirectory();
  const port = await findFreePort();
  const file = join(directory, 'nginx.conf');
  const configuration = [
    'daemon off;',
    'master_process off;',
    `pid ${directory}/nginx.pid;`,
    'events { worker_connections 64; }',
    'http {',
    'access_log off;',
    ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${directory}/${kind};`),
    'server {',
    ...server(port),
    '}',
    '}',
  ];
  writeFileSync(file, configuration.join('\n'));
  const process = await startService({
    command: findProgram('nginx'),
    args: ['-p', directory, '-c', file, '-e', 'stderr'],
    isReady: async () => (await openSocket(`http://127.0.0.1:${port}`)).destroy(),
  });
  return { url: `https://127.0.0.1:${port}`, process };
}
