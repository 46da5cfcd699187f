// Opens every connection of the kit: direct, at a fixed address or through a proxy, with TLS on top.
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { hostOf, lookupOption, portOf } from './endpoint-address.ts';
import { type Endpoint, type EndpointRequest, tlsOptions } from './endpoint-request.ts';
import { findNoAnswer, NoAnswer } from './no-answer.ts';
import type { ProxyServer } from './proxy-route.ts';

type Route = Pick<Endpoint, 'url' | 'timeoutMs' | 'resolve' | 'proxy'>;

/** Runs `start` until it calls back, but for at most `timeoutMs`; after that, `giveUp` releases its resources. */
function withDeadline(
  route: Route,
  start: (done: (socket: net.Socket) => void, fail: (error: Error) => void) => { giveUp(): void },
): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const running = start(
      (socket) => {
        clearTimeout(deadline);
        resolve(socket);
      },
      (error) => {
        clearTimeout(deadline);
        reject(error);
      },
    );
    const deadline = setTimeout(() => {
      running.giveUp();
      reject(createLateConnection(route));
    }, route.timeoutMs);
  });
}

/** Returns the error of a connection that was not established within `timeoutMs`. */
export function createLateConnection({ proxy }: Pick<Endpoint, 'proxy'>): NoAnswer {
  return typeof proxy === 'object' ? new NoAnswer('proxy', 'PROXY_ETIMEDOUT') : new NoAnswer('timeout', 'ETIMEDOUT');
}

function openDirectly(route: Route): Promise<net.Socket> {
  const { url, resolve: fixed } = route;
  return withDeadline(route, (done, fail) => {
    const socket = net.connect({ host: hostOf(url), port: portOf(url), ...lookupOption(fixed) });
    const failed = (error: Error) => fail(findNoAnswer(error) ?? error);
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      done(socket);
    });
    return { giveUp: () => socket.destroy() };
  });
}

/** Returns the host and port for the CONNECT request. A fixed address replaces the name, because the proxy would resolve a name with DNS. */
export function connectTarget({ url, resolve: fixed }: Pick<Endpoint, 'url' | 'resolve'>): string {
  const host = fixed?.address ?? hostOf(url);
  return `${net.isIPv6(host) ? `[${host}]` : host}:${portOf(url)}`;
}

/**
 * Sends CONNECT, for http:// too: requests that violate HTTP must arrive unchanged; a proxy that interprets them would correct or reject them. RFC
 * 9110, 9.3.6.
 */
function openThroughProxy(route: Route, proxy: ProxyServer): Promise<net.Socket> {
  const target = connectTarget(route);
  return withDeadline(route, (done, fail) => {
    const { host, port, authorization, isTls } = proxy;
    const request = (isTls ? https : http).request({
      ...{ host, port, agent: false, method: 'CONNECT', path: target },
      headers: { Host: target, ...(authorization === null ? {} : { 'Proxy-Authorization': authorization }) },
    });
    request.once('error', (error: NodeJS.ErrnoException) => {
      fail(new NoAnswer('proxy', `PROXY_${error.code ?? 'FAILED'}`));
    });
    // Node emits `connect` for every response to CONNECT, including refusals.
    request.once('connect', ({ statusCode = 0 }, socket: net.Socket, head: Buffer) => {
      if (statusCode < 200 || statusCode > 299) {
        socket.destroy();
        fail(new NoAnswer('proxy', `PROXY_${statusCode}`));
        return;
      }
      if (head.length > 0) socket.unshift(head);
      done(socket);
    });
    request.end();
    return { giveUp: () => request.destroy() };
  });
}

/**
 * Returns a connection to the endpoint on which nothing has been sent yet, opened within `timeoutMs`. The caller must attach listeners at once.
 *
 * Throws NoAnswer if the endpoint cannot be reached; through a proxy, of the kind `proxy`.
 */
export function openSocket(route: Route): Promise<net.Socket> {
  const { proxy } = route;
  return typeof proxy === 'object' ? openThroughProxy(route, proxy) : openDirectly(route);
}

/** Works like openSocket, with TLS for https://, and the credentials of `request`. */
export async function connect(
  endpoint: Endpoint,
  { credentials, tls: choice }: Pick<EndpointRequest, 'credentials' | 'tls'>,
): Promise<net.Socket> {
  const socket = await openSocket(endpoint);
  if (endpoint.url.protocol === 'http:') return socket;
  const host = hostOf(endpoint.url);
  const servername = net.isIP(host) ? {} : { servername: host };
  try {
    return tls.connect({ socket, host, ...servername, ...tlsOptions(endpoint, credentials, choice) });
  } catch (error) {
    socket.destroy();
    throw findNoAnswer(error) ?? error;
  }
}
