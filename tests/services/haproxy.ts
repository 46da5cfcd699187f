// Starts HAProxy on a free loopback port.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSocket } from '../ask-server.ts';
import { scratchDirectory } from '../certificate-files.ts';
import { findFreePort, findProgram, type ServiceProcess, startService } from './service-process.ts';

/** @param sections returns the lines after `defaults` for the given port, on which HAProxy must listen with TLS. */
export async function startHaproxy(
  sections: (port: number) => readonly string[],
): Promise<{ readonly url: string; readonly process: ServiceProcess }> {
  const port = await findFreePort();
  const file = join(scratchDirectory(), 'haproxy.cfg');
  const configuration = [
    'defaults',
    '  mode http',
    '  timeout connect 5s',
    '  timeout client 30s',
    '  timeout server 30s',
    ...sections(port),
    '',
  ];
  writeFileSync(file, configuration.join('\n'));
  const process = await startService({
    command: findProgram('haproxy'),
    args: ['-db', '-f', file],
    isReady: async () => (await openSocket(`http://127.0.0.1:${port}`)).destroy(),
  });
  return { url: `https://127.0.0.1:${port}`, process };
}
