// Owns the one request that supertest can't show: HEAD, where Node's parser drops what wrongly follows the headers.
import net from 'node:net';
import tls from 'node:tls';
import { type Endpoint, type Question, requestTarget, tlsOptions, userAgent } from './ask.ts';
import { findNoAnswer, NoAnswer } from './no-answer.ts';

const maxBytes = 1024 * 1024;

function connect(endpoint: Endpoint, question: Question): net.Socket {
  const { protocol, hostname, port } = endpoint.url;
  const host = hostname.replace(/^\[|\]$/g, '');
  if (protocol === 'http:') return net.connect({ host, port: Number(port || 80) });
  const servername = net.isIP(host) ? {} : { servername: host };
  return tls.connect({
    host,
    port: Number(port || 443),
    ...servername,
    ...tlsOptions(endpoint, question.credentials),
  });
}

function requestHead(endpoint: Endpoint, { method, userids, credentials }: Question): string {
  const lines = [
    `${method} ${requestTarget(endpoint.url, userids)} HTTP/1.1`,
    `Host: ${endpoint.url.host}`,
    `User-Agent: ${userAgent}`,
    'Accept: application/json',
    'Connection: close',
  ];
  if (credentials.authorization !== null) lines.push(`Authorization: ${credentials.authorization}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/**
 * Every byte that the endpoint sends until it closes the connection (at most 1 MiB, and for at most `timeoutMs`: what
 * has come by then counts). Throws NoAnswer when nothing came.
 */
export function askRaw(endpoint: Endpoint, question: Question): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(endpoint, question);
    const chunks: Buffer[] = [];
    let size = 0;
    const deadline = setTimeout(() => finish(new NoAnswer('timeout', 'ETIMEDOUT')), endpoint.timeoutMs);

    function finish(failure: Error): void {
      clearTimeout(deadline);
      socket.destroy();
      if (size > 0) resolve(Buffer.concat(chunks));
      else reject(failure);
    }

    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) finish(new NoAnswer('too-large', 'ETOOLARGE'));
    });
    socket.once('error', (error) => finish(findNoAnswer(error) ?? error));
    socket.once('close', () => finish(new NoAnswer('closed', 'ECONNRESET')));
    socket.write(requestHead(endpoint, question));
  });
}
