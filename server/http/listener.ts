// HTTP or HTTPS listener, its limits, and the responses to requests that never reach the application.
import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket, TlsOptions } from 'node:tls';
import type { Express, Request, Response } from 'express';
import { type ErrorCode, errorCodes, headersOfCode } from '../../schemas/error-codes.ts';
import type { ListenerConfig } from '../../schemas/generated/loaded-server-config.ts';
import { problemOf, sendProblem } from '../answer.ts';
import type { Commit, OnAnswered, RequestRecord } from '../observability/request-record.ts';
import type { TlsMaterial } from '../tls/tls-material.ts';
import { bornPrototypes } from './born-prototypes.ts';
import { classifyHeaders } from './classify-headers.ts';
import type { ClientAddress } from './client-address.ts';
import { followRequestHeads, type RequestHeads } from './request-heads.ts';
import { createRequestId } from './request-id.ts';
import { securityHeaders } from './security-headers.ts';

export interface ListenerParts {
  readonly app: Express;
  readonly config: ListenerConfig;
  /** `null`: plain HTTP. */
  readonly tls: TlsMaterial | null;
  /** 48 bytes with which TLS session tickets are encrypted; by default OpenSSL generates them. */
  readonly ticketKeys?: Buffer;
  /** Determines the logged address of a request that is refused here. */
  readonly clientAddress: ClientAddress;
  /**
   * Called when a handshake failed or was refused. Node does not know the address of a connection that it has already closed, for example after an
   * untrusted client certificate.
   */
  readonly onTlsFailure: (reason: string, remoteAddress: string | undefined) => void;
  /** Called for each request that was refused before it reached the application. */
  readonly onAnswered: OnAnswered;
  /** Returns the function that records a response before it is sent; `null`: responses do not wait for a record. */
  readonly commit: () => Commit | null;
  /** Returns whether to reject a request because of overload. */
  readonly shouldShed: () => boolean;
  /** Returns whether the server is shutting down, so that each response closes its connection. */
  readonly isStopping: () => boolean;
  /** Returns whether the connection must not send further requests and is closed. */
  readonly isBlocked: (socket: Socket) => boolean;
}

export type Listener = HttpServer | HttpsServer;

/** How long a refused client may take to read its response before the connection is closed. */
const lingerMs = 1000;

/** Creates the listener; it does not listen yet. */
export function createListener(parts: ListenerParts): Listener {
  const { app, config, tls } = parts;
  const options = {
    ...bornPrototypes(app),
    // By default, Node checks only every 30 seconds, so a limit of 10 seconds could take 40.
    connectionsCheckingInterval: Math.min(1000, config.headersTimeoutMs),
    maxHeaderSize: config.maxHeaderBytes,
    // RFC 9112, 3.2 and 7.1: requests that two parsers could read in two ways are refused.
    insecureHTTPParser: false,
    // Node itself would respond to a request without Host, but without a problem document.
    requireHostHeader: false,
  };
  const heads: RequestHeads = followRequestHeads(config.maxHeaderBytes, (socket) =>
    refuseUnread(socket, 'request-headers-too-large'),
  );
  const refuseUnread = createUnreadRefusal(parts, heads);
  const answer = refuseAmbiguous(parts, heads);
  const listener = tls
    ? // Node's default time limit for a handshake is two minutes.
      createHttpsServer(
        { ...options, ...tls.options, ...ticketKeysOf(parts), handshakeTimeout: config.headersTimeoutMs },
        answer,
      )
    : createHttpServer(options, answer);
  setLimits(listener, config);
  // The number of fields is checked in `refuseAmbiguous`. Node silently drops fields above a maximum number, including those that could make a
  // request ambiguous.
  listener.maxHeadersCount = 0;
  // An unknown expectation may be ignored (RFC 9110, 10.1.1); Node's own response is not a problem document.
  listener.on('checkExpectation', answer);
  // Prevents Node from asking clients to send content that the server does not read.
  listener.on('checkContinue', answer);
  listener.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET') socket.destroy();
    else refuseUnread(socket as Socket, codeOfParserError[error.code ?? ''] ?? 'request-malformed');
  });
  listener.on(tls ? 'secureConnection' : 'connection', heads.follow);
  if (tls) followHandshakes(listener, parts.onTlsFailure);
  return listener;
}

function ticketKeysOf({ ticketKeys }: ListenerParts): Pick<TlsOptions, 'ticketKeys'> {
  return ticketKeys === undefined ? {} : { ticketKeys };
}

/** Sets, for new connections and requests, the limits that can change while the listener is open. */
export function setLimits(listener: Listener, config: ListenerConfig): void {
  listener.headersTimeout = config.headersTimeoutMs;
  listener.requestTimeout = config.headersTimeoutMs;
  listener.keepAliveTimeout = config.keepAliveTimeoutMs;
  listener.maxConnections = config.maxConnections;
  // In Node, a timeout of 0 never expires, and a count of 0 means no limit.
  listener.maxRequestsPerSocket = config.keepAliveTimeoutMs === 0 ? 1 : config.maxRequestsPerSocket;
}

/** Refuses ambiguous requests before they reach the application, and adds a fallback response after it. */
function refuseAmbiguous(
  { app, config, onAnswered, commit, isBlocked, isStopping, shouldShed, clientAddress }: ListenerParts,
  heads: RequestHeads,
): RequestListener {
  const headers = securityHeaders(config.tls !== undefined);

  function refuse(
    request: IncomingMessage,
    response: ServerResponse,
    code: ErrorCode,
    error: unknown,
    closes = true,
  ): void {
    const requestId = createRequestId();
    // A response that has begun can only be cut off, so it is not mistaken for a complete one.
    const status = response.headersSent ? 0 : errorCodes[code].status;
    const remoteAddress = clientAddress(request);
    const record = { ...unreadRequest, requestId, method: request.method ?? '-', remoteAddress, status, code, error };
    afterRecord(commit(), record, (recorded) => {
      if (response.headersSent) response.destroy();
      else {
        const ofCode = headersOfCode(recorded.code);
        const all = ['X-Request-Id', requestId, ...headers, ...ofCode, ...(closes ? closing : [])];
        sendProblem(response, recorded.code, requestId, all);
      }
      onAnswered(recorded);
    });
  }

  return (request, response) => {
    // This is content, or data meant to be mistaken for a request, which Node parses before the response is sent.
    if (heads.hasEnded(request.socket)) return;
    if (isBlocked(request.socket)) {
      request.socket.destroy();
      return;
    }
    const isTooLong = !heads.accept(request, response) || request.rawHeaders.length > 2 * config.maxHeaderCount;
    const verdict = isTooLong ? 'too-long' : classifyHeaders(request);
    if (verdict !== 'plain') {
      heads.end(request.socket);
      response.shouldKeepAlive = false;
    }
    if (verdict === 'too-long') refuse(request, response, 'request-headers-too-large', null);
    else if (verdict === 'ambiguous') refuse(request, response, 'request-malformed', null);
    // Runs before authentication, so that a rejected request costs as little as possible. The connection stays open, because the client's next
    // request then needs no new handshake.
    else if (shouldShed()) refuse(request, response, 'server-overloaded', null, isStopping());
    // Otherwise Express would create its own final handler for each request, which responds with HTML.
    else
      app(request as Request, response as Response, (error: unknown) =>
        refuse(request, response, 'internal-error', error ?? noHandler),
      );
  };
}

interface Refusal extends RequestRecord {
  readonly code: ErrorCode;
}

/** Responds at once, or when the record is in the audit trail; responds with a different refusal if the record could not be written. */
function afterRecord(commit: Commit | null, record: Refusal, respond: (recorded: Refusal) => void): void {
  if (commit === null) respond(record);
  else {
    void commit(record).then((isRecorded) => {
      const code = 'audit-unavailable';
      respond(isRecorded ? record : { ...record, code, status: errorCodes[code].status });
    });
  }
}

const closing = ['Connection', 'close'];

const noHandler = new Error('no handler of the application accepted the request');

/** Reports why handshakes fail, with the address of the client. */
function followHandshakes(listener: Listener, onTlsFailure: ListenerParts['onTlsFailure']): void {
  listener.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    // Node refuses a client certificate by closing the socket: the error contains only "hang up", but the socket contains the reason.
    const reason = socket.authorizationError ?? error.code ?? error.message;
    onTlsFailure(String(reason), socket.remoteAddress);
  });
}

const codeOfParserError: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'request-headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timed-out',
};

/** Fields in the record of a request that was never read. */
const unreadRequest = { durationMs: 0, caller: null, userid: null, error: null } as const;

/** Creates the function that refuses a request that was not read completely. It never reaches Express, so the response is written directly. */
function createUnreadRefusal({ config, onAnswered, commit }: ListenerParts, heads: RequestHeads) {
  const standing: string[] = [];
  const pairs = securityHeaders(config.tls !== undefined);
  for (let index = 0; index < pairs.length; index += 2) standing.push(`${pairs[index]}: ${pairs[index + 1]}`);

  return (socket: Socket, code: ErrorCode): void => {
    // One response has been or will be sent; a second response would be mistaken for the response to another request.
    if (heads.hasEnded(socket)) return;
    heads.end(socket);
    const remoteAddress = socket.remoteAddress ?? '';
    function respond(): void {
      if (!socket.writable) {
        socket.destroy();
        return;
      }
      const { status } = errorCodes[code];
      const record = { ...unreadRequest, requestId: createRequestId(), method: '-', remoteAddress, status, code };
      afterRecord(commit(), record, (recorded) => {
        socket.end(textOf(recorded, standing));
        // A client that does not disconnect would keep the connection open, since no other timeout covers it any longer.
        const linger = setTimeout(() => socket.destroy(), lingerMs).unref();
        socket.once('close', () => clearTimeout(linger));
        onAnswered(recorded);
      });
    }
    // An earlier valid request gets its response first.
    const pending = heads.pendingResponse(socket);
    if (pending === null) respond();
    else pending.once('close', respond);
  };
}

/** Returns the response as text. @param standing header lines of every response. */
function textOf({ code, requestId, status }: Refusal, standing: readonly string[]): string {
  const body = JSON.stringify(problemOf(code, requestId));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    ...standing,
    'Connection: close',
  ];
  return [...head, '', body].join('\r\n');
}
