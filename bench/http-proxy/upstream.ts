// Upstream process of the benchmark: a user info endpoint on plain node:http with prepared responses.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** 20 groups and 8 attributes, about 1 kB. */
const body = Buffer.from(
  JSON.stringify({
    groups: Array.from({ length: 20 }, (_, index) => ({ name: `group-${index}-of-the-company` })),
    authorizations: Object.fromEntries(
      Array.from({ length: 8 }, (_, index) => [`attribute-${index}`, [`value-${index}`, `other-${index}`]]),
    ),
  }),
);

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
}).listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port, bytes: body.length });
});
process.once('disconnect', () => process.exit());
