// A user info endpoint on Fastify 5, with @fastify/basic-auth.
//
//     npm install fastify @fastify/basic-auth
//     USER_INFO_USERNAME=immuta USER_INFO_PASSWORD=choose-one node user-info.mjs
//     curl -u immuta:choose-one 'http://127.0.0.1:8080/user-info?userid=ada%40example.com'
//
// It speaks HTTP on 127.0.0.1, port PORT (8080 unless set); put a proxy in front that terminates TLS. Users come from ../users.json.
//
// It shows that a hook on the whole server also protects paths without a route. It also shows that a strict query parser can replace the default one,
// and that the serializer enforces the schema of the 200. Here, an unknown user gets a 204, which is not a 200 and therefore not user info.
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import basicAuth from '@fastify/basic-auth';
import Fastify from 'fastify';

const { USER_INFO_USERNAME, USER_INFO_PASSWORD, PORT = '8080' } = process.env;
if (!USER_INFO_USERNAME || !USER_INFO_PASSWORD || USER_INFO_USERNAME.includes(':')) {
  process.stderr.write('Set USER_INFO_USERNAME, which must not contain a colon, and USER_INFO_PASSWORD.\n');
  process.exit(2);
}

// A Map: an object would also "know" the users constructor and toString.
const users = new Map(Object.entries(JSON.parse(readFileSync(new URL('../users.json', import.meta.url), 'utf8'))));

const names = { type: 'array', items: { type: 'string' } };
const userInfo = {
  type: 'object',
  required: ['groups', 'authorizations'],
  properties: {
    groups: {
      type: 'array',
      items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
    },
    authorizations: { type: 'object', additionalProperties: names },
  },
};

const formDecode = (text) => decodeURIComponent(text.replaceAll('+', ' '));

/**
 * Returns every `userid` of a query; none if the query is not valid percent-encoded UTF-8, which Fastify's own parser would keep unchanged. It must
 * not throw: it runs before the credentials are checked.
 */
function querystringParser(query) {
  // The charset of raw bytes beyond ASCII is unknown, and some parsers end the query at `#`.
  if (/[^!-~]|#/.test(query)) return { userids: [] };
  try {
    const pairs = query.split('&').map((pair) => pair.split('='));
    const found = pairs.filter(([name]) => formDecode(name) === 'userid');
    return { userids: found.map(([, ...value]) => formDecode(value.join('='))) };
  } catch {
    return { userids: [] };
  }
}

/** Sends a refusal as a problem document (RFC 9457), which no caller can mistake for user info. */
function refuse(reply, status, title) {
  return reply
    .code(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title, status }));
}

const app = Fastify({
  routerOptions: { querystringParser },
  // A path with an invalid percent escape does not reach any hook: the response reveals nothing, and no user is looked up.
  frameworkErrors: (_error, _request, reply) => refuse(reply, 400, 'The path cannot be read.'),
});
app.setErrorHandler((error, _request, reply) => {
  if (error.statusCode === 401) return refuse(reply, 401, 'Credentials are missing or wrong.');
  process.stderr.write(`${error.stack}\n`);
  return refuse(reply, 500, 'The endpoint failed.');
});

const sha256 = (text) => createHash('sha256').update(text).digest();
const toBase64 = (username, password) => Buffer.from(`${username}:${password}`).toString('base64');
const expected = sha256(toBase64(USER_INFO_USERNAME, USER_INFO_PASSWORD));

// The plugin reads the header and sends the challenge; it adds `charset="UTF-8"` itself.
await app.register(basicAuth, {
  authenticate: { realm: 'user-info' },
  async validate(_username, _password, request) {
    // The plugin decodes base64 as leniently as Node does, so this function compares the encoded credentials. Digests have the same length, so the
    // comparison always takes the same time.
    const token = request.headers.authorization.slice('Basic '.length);
    const isAlone = request.raw.headersDistinct.authorization.length === 1;
    if (!timingSafeEqual(sha256(token), expected) || !isAlone) throw new Error('wrong credentials');
  },
});
// The hook runs before all routes, and also before the handler for paths without a route.
app.addHook('onRequest', (_request, reply, next) => {
  reply.header('Cache-Control', 'no-store');
  next();
});
app.addHook('onRequest', app.basicAuth);

// Fastify adds a HEAD route for each GET route.
app.get('/user-info', { schema: { response: { 200: userInfo } } }, async (request, reply) => {
  const [userid = '', ...others] = request.query.userids;
  if (others.length > 0 || userid === '' || Buffer.byteLength(userid) > 1024 || /\p{Cc}/u.test(userid)) {
    return refuse(reply, 400, 'Exactly one userid is needed, as percent-encoded UTF-8.');
  }
  return users.get(userid) ?? reply.code(204).send();
});

app.setNotFoundHandler((request, reply) => {
  if (request.url.split('?', 1)[0] !== '/user-info') return refuse(reply, 404, 'There is nothing at this path.');
  return refuse(reply.header('Allow', 'GET, HEAD'), 405, 'Only GET and HEAD are supported.');
});

await app.listen({ port: Number(PORT), host: '127.0.0.1' });
