// Serves the console with a store in a separate process, which tests can kill. Arguments: store, directory of the bundle, port.

import { startApi } from '../../api/start-api.ts';
import { openSimulator } from '../../open-simulator.ts';

const [store = '', consoleDirectory = '', port = '0'] = process.argv.slice(2);
const { url } = await startApi(openSimulator(store), {
  ...{ host: '127.0.0.1', port: Number(port), tls: null, consoleDirectory },
  readConformance: () => null,
  readUserList: async () => null,
  onBug: (error) => process.stderr.write(`${error}\n`),
  onScheduleFault: () => undefined,
});
process.stdout.write(`${url}\n`);
