// Peer of the simulator's benchmark: autocannon in its own process, one request for each user.
import autocannon from 'autocannon';
import { useridOf } from '../http/dataset.ts';
import type { PeerResult, PeerSetup } from './peer-setup.ts';

const { url, users, connections, authorization, tls } = JSON.parse(process.argv[2] ?? '') as PeerSetup;
const { pathname } = new URL(url);
let client = 0;
let startedAt = 0;
let answered = 0;
let lastAt = 0;

const instance = autocannon(
  {
    url,
    connections,
    amount: users,
    headers: { accept: 'application/json', authorization },
    ...(tls && { tlsOptions: { ...tls, servername: 'localhost' } }),
    setupClient(connection) {
      // Each connection has a share of the users, ready as bytes before the first request.
      const first = client++;
      const own = Math.ceil((users - first) / connections);
      connection.setRequests(
        Array.from({ length: own }, (_, n) => ({
          method: 'GET',
          path: `${pathname}?userid=${encodeURIComponent(useridOf(first + n * connections))}`,
        })),
      );
    },
  },
  (error, result) => {
    if (error) throw error;
    if (result.errors + result.non2xx > 0) throw new Error(`${result.errors + result.non2xx} requests failed`);
    const measured: PeerResult = { answered, seconds: (lastAt - startedAt) / 1000 };
    process.stdout.write(JSON.stringify(measured));
  },
);
instance.on('start', () => {
  startedAt = performance.now();
});
instance.on('response', () => {
  answered++;
  if (answered === users) lastAt = performance.now();
});
