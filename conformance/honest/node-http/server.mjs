// User info endpoint with Node's http module.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const users = new Map(Object.entries(JSON.parse(readFileSync('users.json', 'utf8'))));
const authorization = `Basic ${Buffer.from('immuta:open:sesame 42').toString('base64')}`;

const server = createServer((request, response) => {
  if (request.headers.authorization !== authorization) {
    response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="user-info"' });
    response.end('Unauthorized');
    return;
  }
  const [path, query] = request.url.split('?');
  const user = users.get(new URLSearchParams(query).get('userid'));
  if (path !== '/user-info' || !user) {
    response.writeHead(404);
    response.end('Not found');
    return;
  }
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(user));
});

server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
