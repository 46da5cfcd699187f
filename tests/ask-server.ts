// Sends requests to a server in tests: with Node's client, or over a raw socket for requests that no regular client sends.
import { once } from 'node:events';
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { type AgentOptions, Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Options besides the URL. Without an `agent`, a new connection is opened and then closed after the response. */
export type AskOptions = RequestOptions & AgentOptions;

/** @returns the response, whatever its status. @throws the connection's error when there is no response. */
export async function ask(url: string, options: AskOptions = {}): Promise<Answer> {
  const request = (url.startsWith('https:') ? httpsRequest : httpRequest)(url, { agent: false, ...options });
  const answered = once(request, 'response');
  request.end();
  const [response] = await answered;
  let body = '';
  for await (const part of response.setEncoding('utf8')) body += part;
  return { status: response.statusCode, headers: response.headers, body };
}

/** Sends a request as `ask` does, but returns the error code if the connection fails. */
export async function askOrRefused(url: string, options: AskOptions = {}): Promise<Answer | string> {
  try {
    return await ask(url, options);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** Returns an agent that keeps one connection open. */
export function keepAliveAgent(url: string, options: AgentOptions = {}): HttpAgent {
  const kept = { keepAlive: true, maxSockets: 1, ...options };
  return url.startsWith('https:') ? new HttpsAgent(kept) : new HttpAgent(kept);
}

export function basicHeader(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** Opens a plain connection to the port of a URL. */
export async function openSocket(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket;
}

/** Sends bytes unchanged. @returns everything received until the server closes the connection. */
export async function sendRaw(url: string, text: string): Promise<string> {
  const socket = await openSocket(url);
  socket.write(text, 'latin1');
  return readToEnd(socket);
}

/** @returns everything received until the other side closes or resets the connection. */
export async function readToEnd(socket: Socket): Promise<string> {
  let heard = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    heard += part;
  });
  // A reset after the response counts as an end.
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('close', resolve));
  return heard;
}

/** Parses a response received over a plain socket. */
export function parseAnswer(raw: string): Answer {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { status: Number(statusLine.split(' ')[1]), headers, body: rest.join('\r\n\r\n') };
}
