// Configuration of the CSV adapter in the benchmark, and the CSV file that it reads.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import { parseConfig } from '../../tests/start-server.ts';
import { csvColumns, writeCsv } from './dataset.ts';
import { type PeerSetup, path } from './peer-setup.ts';

/** Writes the users and returns a function that loads a configuration for them; the file is deleted when the process ends. */
export async function prepareCsv(setup: PeerSetup): Promise<(tls: object | null) => LoadedServerConfig> {
  const directory = mkdtempSync(join(tmpdir(), 'user-info-bench-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const csvFile = join(directory, 'users.csv');
  await writeCsv(csvFile, setup.dataset);
  return (tls) => {
    const config = {
      listener: { port: 0, path, ...(tls && { tls }) },
      administration: { port: 0 },
      authentication: {
        mode: 'basic',
        basic: { credentials: [{ username: setup.username, password: `\${env:PASSWORD}` }] },
      },
      source: { type: 'csv', path: csvFile, columns: csvColumns },
      logging: { destination: setup.logFile },
    };
    const context = { fileName: 'bench', baseDirectory: directory, environment: { PASSWORD: setup.password } };
    return parseConfig(JSON.stringify(config), context);
  };
}
