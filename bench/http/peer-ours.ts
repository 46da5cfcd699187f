// Peer: our complete server from a configuration and a CSV file, once per protocol.

import { startServer } from '../../tests/start-server.ts';
import { prepareCsv } from './csv-setup.ts';
import { announce, readSetup } from './peer-setup.ts';

const setup = readSetup();
const loadConfig = await prepareCsv(setup);

async function start(tls: object | null): Promise<number> {
  const server = await startServer(loadConfig(tls));
  return Number(new URL(server.url).port);
}

announce({ http: await start(null), https: await start({ certificate: setup.certificateFile, key: setup.keyFile }) });
