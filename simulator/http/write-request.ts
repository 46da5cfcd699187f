// Owns the text of requests: GET, with the headers that the platform sends.

/**
 * Makes what writes the request for a path: all but the path is put together once.
 *
 * @param headers beside Host and Accept; Connection is keep-alive unless it is among them.
 */
export function writeRequests(origin: URL, headers: Readonly<Record<string, string>>): (path: string) => string {
  const lines = { Host: origin.host, Connection: 'keep-alive', Accept: 'application/json', ...headers };
  const rest = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  const behindPath = ` HTTP/1.1\r\n${rest.join('')}\r\n`;
  return (path) => `GET ${path}${behindPath}`;
}
