// A user info endpoint on node:http alone, or on node:https with a client certificate in addition to Basic.
//
//     USER_INFO_USERNAME=immuta USER_INFO_PASSWORD=choose-one node user-info.mjs
//     curl -u immuta:choose-one 'http://127.0.0.1:8080/user-info?userid=ada%40example.com'
//
// With CLIENT_EMAIL it speaks HTTPS, with the PEM files TLS_CERTIFICATE and TLS_KEY. In that case, a caller also needs a certificate that was issued
// by the CA in CLIENT_CA and contains that e-mail address. PORT is 8080 unless set; users come from ../users.json.
//
// The example shows that URLSearchParams is too lenient for a user id. URLSearchParams returns the first of several values, and replaces bytes that
// are not UTF-8 with U+FFFD, which can make two different user ids equal. Here, the query is parsed strictly, and anything that is not exactly right
// gets a 400.
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

const { USER_INFO_USERNAME, USER_INFO_PASSWORD, TLS_CERTIFICATE, TLS_KEY, CLIENT_CA, CLIENT_EMAIL } = process.env;
const port = Number(process.env.PORT ?? 8080);
if (!USER_INFO_USERNAME || !USER_INFO_PASSWORD || USER_INFO_USERNAME.includes(':')) {
  process.stderr.write('Set USER_INFO_USERNAME, which must not contain a colon, and USER_INFO_PASSWORD.\n');
  process.exit(2);
}

// A Map: an object would also "know" the users constructor and toString.
const users = new Map(Object.entries(JSON.parse(readFileSync(new URL('../users.json', import.meta.url), 'utf8'))));

const sha256 = (text) => createHash('sha256').update(text).digest();
const expected = sha256(Buffer.from(`${USER_INFO_USERNAME}:${USER_INFO_PASSWORD}`).toString('base64'));

/**
 * Compares the encoded credentials of the request with the expected ones, because credentials that are never decoded cannot be decoded incorrectly.
 * Digests have the same length, so the comparison always takes the same time.
 */
function isAuthenticated(request) {
  // node:http would keep the first of several headers and silently drop the others.
  const [header = '', ...others] = request.headersDistinct.authorization ?? [];
  const token = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1] ?? '';
  return timingSafeEqual(sha256(token), expected) && others.length === 0;
}

/**
 * Returns whether the client certificate is valid and belongs to the platform; true if none is required. `authorized` means that the CA has signed
 * the certificate and that it is currently valid; the name shows that it belongs to the platform.
 */
function hasCertificate(request) {
  if (!CLIENT_EMAIL) return true;
  const names = request.socket.getPeerCertificate().subjectaltname?.split(', ') ?? [];
  return request.socket.authorized && names.includes(`email:${CLIENT_EMAIL}`);
}

/** Returns the only user id of a query; null if it is missing, repeated, empty, too long or badly encoded, or contains control characters. */
function findUserid(query) {
  // The charset of raw bytes beyond ASCII is unknown, and some parsers end the query at `#`.
  if (/[^!-~]|#/.test(query)) return null;
  const decode = (text) => decodeURIComponent(text.replaceAll('+', ' '));
  try {
    const pairs = query.split('&').map((pair) => pair.split('='));
    const found = pairs.filter(([name]) => decode(name) === 'userid').map(([, ...value]) => decode(value.join('=')));
    const [userid = '', ...others] = found;
    const isUsable = userid !== '' && Buffer.byteLength(userid) <= 1024 && !/\p{Cc}/u.test(userid);
    return isUsable && others.length === 0 ? userid : null;
  } catch {
    return null;
  }
}

/** Returns a refusal as a problem document (RFC 9457), which no caller can mistake for user info. */
function refuse(status, title, headers = {}) {
  const contentType = { 'CONTENT-TYPE': 'application/problem+json' };
  return { status, headers: { ...contentType, ...headers }, body: { type: 'about:blank', status, title } };
}

/**
 * Returns the response to a request. Authentication comes before everything else: without credentials, a known user, an unknown one and a wrong path
 * look the same.
 */
function answer(request) {
  if (!hasCertificate(request)) return refuse(403, 'A client certificate of the platform is needed.');
  if (!isAuthenticated(request)) {
    return refuse(401, 'Credentials are missing or wrong.', {
      'WWW-AUTHENTICATE': 'Basic realm="user-info", charset="UTF-8"',
    });
  }
  const [, path, query = ''] = /^([^?]*)\??(.*)$/s.exec(request.url);
  if (path !== '/user-info') return refuse(404, 'There is nothing at this path.');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return refuse(405, 'Only GET and HEAD are supported.', { ALLOW: 'GET, HEAD' });
  }
  const userid = findUserid(query);
  if (userid === null) return refuse(400, 'Exactly one userid is needed, as percent-encoded UTF-8.');
  const user = users.get(userid);
  if (user === undefined) return refuse(404, 'There is no such user.');
  return { status: 200, headers: { 'CONTENT-TYPE': 'application/json' }, body: user };
}

function handle(request, response) {
  const { status, headers, body } = answer(request);
  const bytes = Buffer.from(JSON.stringify(body));
  // Names of headers are case-insensitive (RFC 9110, 5.1).
  response.writeHead(status, { 'CACHE-CONTROL': 'no-store', 'CONTENT-LENGTH': bytes.length, ...headers });
  // For HEAD, Node sends only the headers.
  response.end(bytes);
}

// A certificate is requested but not required: without one, the response is a 403 with an explanation instead of a broken connection.
const tls = CLIENT_EMAIL && {
  cert: readFileSync(TLS_CERTIFICATE),
  key: readFileSync(TLS_KEY),
  ca: readFileSync(CLIENT_CA),
  requestCert: true,
  rejectUnauthorized: false,
};
const server = tls ? https.createServer(tls, handle) : http.createServer(handle);
server.listen(port, '127.0.0.1', () => {
  process.stdout.write(`listening on ${tls ? 'https' : 'http'}://127.0.0.1:${port}/user-info\n`);
});
