// The gateway on loopback for requests with an injected fault: forwards them to the endpoint, and corrupts responses on real connections.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import type { EndpointAnswer } from '../sync/endpoint-answer.ts';
import { createEndpointRequests } from '../sync/endpoint-requests.ts';
import type { FaultRule } from './fault-rules.ts';

/** Sends the request to the real endpoint. Rejects if no response arrives; the gateway then closes the connection. */
export type AskUpstream = (path: string, withBasic: boolean) => Promise<EndpointAnswer>;

export interface FaultGateway {
  /** URL of the port for HTTP. */
  readonly url: string;
  /** Sends a request with this fault. @throws {NoAnswer}, or the abort reason of the signal. */
  get(path: string, withBasic: boolean, rule: FaultRule, signal: AbortSignal): Promise<EndpointAnswer>;
  close(): Promise<void>;
}

const keyHeader = 'x-gateway-key';
const faultHeader = 'x-fault';
const basicHeader = 'x-with-basic';

/** A fatal TLS 1.2 alert, handshake_failure, as sent by a server that shares no version or cipher with its client. */
const handshakeFailure = Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28]);

const htmlPage =
  '<!doctype html><html lang="en"><title>Log in</title><form method="post"><input name="user"></form></html>';
const unavailable = '{"title":"Service Unavailable","status":503}';

/**
 * Starts the gateway: two ports on 127.0.0.1, one for HTTP and one whose TLS handshakes all fail. No credentials pass through it; a request only
 * specifies whether to send them. Because other programs on this machine can connect, the gateway requires its key.
 */
export async function startFaultGateway(
  askUpstream: AskUpstream,
  { sync, guesses }: Pick<LoadedIamSettings, 'sync' | 'guesses'>,
): Promise<FaultGateway> {
  const key = randomBytes(16).toString('hex');
  const http = createHttpServer((request, response) => {
    if (request.headers[keyHeader] !== key) {
      request.socket.destroy();
      return;
    }
    void spoil(request, response, askUpstream).catch(() => response.destroy());
  });
  const tls = createServer((socket) => {
    // Errors are ignored because the `close` event follows and detects the end of the connection.
    socket.on('error', () => undefined).once('data', () => socket.end(handshakeFailure));
  });
  const options = {
    connections: sync.concurrency,
    maxBodyBytes: guesses.maxBodyBytes,
    timeoutMs: guesses.timeoutMs,
    tls: {},
    // On a persistent connection, a request whose connection is cut would be sent again and reach the endpoint twice.
    closesConnections: true,
  };
  const url = `http://127.0.0.1:${await listen(http)}`;
  const httpRequests = createEndpointRequests(url, options);
  const tlsRequests = createEndpointRequests(`https://127.0.0.1:${await listen(tls)}`, options);
  return {
    url,
    get(path, withBasic, { kind, size }, signal) {
      const headers = {
        accept: 'application/json',
        [keyHeader]: key,
        [faultHeader]: `${kind}:${size}`,
        ...(withBasic && { [basicHeader]: 'yes' }),
      };
      return (kind === 'tls' ? tlsRequests : httpRequests).get(path, headers, signal);
    },
    async close() {
      await Promise.all([httpRequests.close(), tlsRequests.close()]);
      http.closeAllConnections();
      for (const server of [http, tls]) {
        server.close();
        await once(server, 'close');
      }
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function spoil(request: IncomingMessage, response: ServerResponse, askUpstream: AskUpstream): Promise<void> {
  const [kind = '', size = ''] = String(request.headers[faultHeader]).split(':');
  const ask = () => askUpstream(request.url ?? '/', request.headers[basicHeader] !== undefined);
  switch (kind) {
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case '5xx':
      response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '1' }).end(unavailable);
      return;
    case 'html-page':
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(htmlPage);
      return;
    case 'delay':
      // The process does not wait for this timer at the end of a run.
      await delay(Number(size), undefined, { ref: false });
      pass(response, await ask());
      return;
    case 'content-type':
      pass(response, { ...(await ask()), contentType: 'text/html; charset=utf-8' });
      return;
    case 'half-body': {
      const answer = await ask();
      pass(response, { ...answer, body: halfOf(answer.body) });
      return;
    }
    case 'truncate': {
      const answer = await ask();
      // The announced length exceeds the body that is sent by at least one byte.
      response.writeHead(answer.status, { ...headersOf(answer), 'content-length': Math.max(answer.body.length, 1) });
      response.flushHeaders();
      response.write(halfOf(answer.body));
      setImmediate(() => request.socket.end());
      return;
    }
    default:
      throw new Error(`there is no fault ${kind}`);
  }
}

function pass(response: ServerResponse, answer: EndpointAnswer): void {
  response.writeHead(answer.status, headersOf(answer)).end(answer.body);
}

function headersOf({ contentType, contentEncoding, location, body }: EndpointAnswer): Record<string, string | number> {
  return {
    'content-length': body.length,
    ...(contentType !== '' && { 'content-type': contentType }),
    ...(contentEncoding !== '' && { 'content-encoding': contentEncoding }),
    ...(location !== '' && { location }),
  };
}

function halfOf(body: Buffer): Buffer {
  return body.subarray(0, Math.floor(body.length / 2));
}
