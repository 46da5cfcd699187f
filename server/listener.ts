// Owns the listener: HTTP or HTTPS, its limits, and what happens to connections that never become a request.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server as HttpServer, STATUS_CODES } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket, TlsOptions } from 'node:tls';
import type { Express } from 'express';
import type { ErrorCode } from '../schemas/error-codes.ts';
import type { ListenerConfig, TlsConfig } from '../schemas/generated/loaded-server-config.ts';
import { problemOf } from './answer.ts';
import { bornPrototypes } from './born-prototypes.ts';

/** Whether the handshake asks for a client certificate, and fails without a valid one. */
export type CertificateRequest = 'required' | 'optional' | 'none';

export interface ListenerParts {
  readonly app: Express;
  readonly config: ListenerConfig;
  readonly certificateRequest: CertificateRequest;
  /** Told why a handshake failed or was refused. */
  readonly onTlsFailure: (reason: string, remoteAddress: string) => void;
}

export type Listener = HttpServer | HttpsServer;

/** Makes the listener; it does not listen yet. @throws when a TLS file can't be read or used. */
export function createListener({ app, config, certificateRequest, onTlsFailure }: ListenerParts): Listener {
  const options = {
    ...bornPrototypes(app),
    headersTimeout: config.headersTimeoutMs,
    requestTimeout: config.headersTimeoutMs,
    keepAliveTimeout: config.keepAliveTimeoutMs,
    maxHeaderSize: config.maxHeaderBytes,
    // RFC 9112, 3.2 and 7.1: requests that two parsers could read in two ways are refused.
    insecureHTTPParser: false,
    requireHostHeader: true,
  };
  const listener = config.tls
    ? createHttpsServer({ ...options, ...readTlsOptions(config.tls, certificateRequest) }, app)
    : createHttpServer(options, app);
  listener.maxConnections = config.maxConnections;
  listener.on('clientError', answerClientError);
  if (config.tls) listener.on('tlsClientError', createTlsFailureHandler(onTlsFailure));
  return listener;
}

function readTlsOptions(tls: TlsConfig, certificateRequest: CertificateRequest): TlsOptions {
  const read = (path: string) => readFileSync(path);
  return {
    cert: read(tls.certificate),
    key: read(tls.key),
    ...(tls.keyPassphrase && { passphrase: tls.keyPassphrase.reveal() }),
    minVersion: tls.minVersion,
    honorCipherOrder: true,
    requestCert: certificateRequest !== 'none',
    // Optional: the request is answered with 403 where a certificate is needed.
    rejectUnauthorized: certificateRequest === 'required',
    // An omitted `ca` would trust every public CA with client certificates.
    ...(certificateRequest !== 'none' && { ca: tls.clientCa.map(read) }),
    ...(certificateRequest !== 'none' && tls.crl.length > 0 && { crl: tls.crl.map(read) }),
  };
}

function createTlsFailureHandler(onTlsFailure: ListenerParts['onTlsFailure']) {
  return (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    // Node refuses a client certificate by closing the socket: the error says "hang up", the socket knows why.
    const reason = socket.authorizationError ?? error.code ?? error.message;
    onTlsFailure(String(reason), socket.remoteAddress ?? '');
  };
}

const codeOfParserError: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'request-headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timed-out',
};

/** A request that Node's parser refused: it never reaches Express, so the answer is written by hand. */
function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const problem = problemOf(codeOfParserError[error.code ?? ''] ?? 'request-malformed', randomUUID());
  const body = JSON.stringify(problem);
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      `X-Request-Id: ${problem.requestId}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
