// Endpoint for the tests of the sync, over HTTP, whose users a test can change.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

type Handler = (request: IncomingMessage, response: ServerResponse, userid: string) => void;

export interface ChangingEndpoint {
  readonly uri: string;
  /** Map from user name to the groups and attributes of the 200, or to a status. Others get 404. */
  readonly users: Map<string, { groups?: string[]; attributes?: Record<string, string[]> } | number>;
  /** All requests so far: method, target and headers. */
  readonly requests: Array<{ method: string; target: string; headers: IncomingMessage['headers'] }>;
  /** If set, this handler responds to all requests instead. */
  handler: Handler | null;
  /** Resolves when all connections have closed: data on an abandoned connection has arrived by then, or never will. */
  untilDisconnected(): Promise<void>;
  close(): Promise<void>;
}

export async function startChangingEndpoint(): Promise<ChangingEndpoint> {
  const server = createServer((request, response) => {
    endpoint.requests.push({ method: request.method ?? '', target: request.url ?? '', headers: request.headers });
    const userid = new URL(request.url ?? '', 'http://localhost').searchParams.get('userid') ?? '';
    if (endpoint.handler) endpoint.handler(request, response, userid);
    else answer(response, endpoint.users.get(userid) ?? 404);
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint: ChangingEndpoint = {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/user-info`,
    users: new Map(),
    requests: [],
    handler: null,
    async untilDisconnected() {
      for (const socket of sockets) await new Promise((resolve) => socket.once('close', resolve));
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return endpoint;
}

export function answer(
  response: ServerResponse,
  user: { groups?: string[]; attributes?: Record<string, string[]> } | number,
): void {
  if (typeof user === 'number') {
    response.writeHead(user, { 'content-type': 'application/problem+json' }).end('{}');
    return;
  }
  const groups = (user.groups ?? []).map((name) => ({ name }));
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ groups, authorizations: user.attributes ?? {} }));
}
