// Owns our own server in the benchmark, complete: the real start, from a configuration and a CSV file, once per protocol.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../server/config/load-config.ts';
import { startServer } from '../../server/start.ts';
import { csvColumns, writeCsv } from './dataset.ts';
import { announce, path, readSetup } from './peer-setup.ts';

const setup = readSetup();
const folder = mkdtempSync(join(tmpdir(), 'user-info-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const csvFile = join(folder, 'users.csv');
await writeCsv(csvFile, setup.dataset);

async function start(tls: object | null): Promise<number> {
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
  const context = { fileName: 'bench', baseDirectory: folder, environment: { PASSWORD: setup.password } };
  const server = await startServer(parseConfig(JSON.stringify(config), context));
  return Number(new URL(server.url).port);
}

announce({ http: await start(null), https: await start({ certificate: setup.certificateFile, key: setup.keyFile }) });
