// A user info endpoint on Express 5, with helmet for the security headers.
//
//     npm install express helmet
//     USER_INFO_USERNAME=immuta USER_INFO_PASSWORD=choose-one node user-info.mjs
//     curl -u immuta:choose-one 'http://127.0.0.1:8080/user-info?userid=ada%40example.com'
//
// It speaks HTTP on 127.0.0.1, port PORT (8080 unless set); put a proxy in front that terminates TLS. Users come from ../users.json.
//
// The example shows that the order of the middleware must follow the order of the contract. Credentials come first, for every path and method, then
// the route, then the method, then the user id, which `request.query` would decode too leniently. The error handler comes last, so that an unexpected
// error becomes a 500 without a stack trace.
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import express from 'express';
import helmet from 'helmet';

const { USER_INFO_USERNAME, USER_INFO_PASSWORD, PORT = '8080' } = process.env;
if (!USER_INFO_USERNAME || !USER_INFO_PASSWORD || USER_INFO_USERNAME.includes(':')) {
  process.stderr.write('Set USER_INFO_USERNAME, which must not contain a colon, and USER_INFO_PASSWORD.\n');
  process.exit(2);
}

// A Map: an object would also "know" the users constructor and toString.
const users = new Map(Object.entries(JSON.parse(readFileSync(new URL('../users.json', import.meta.url), 'utf8'))));

/** Sends JSON with Node's own `end`. Express's `json` turns a 200 into a 304 for a conditional request, and only a 200 is user info. */
function send(response, status, type, value) {
  response.status(status).type(type).end(JSON.stringify(value));
}

/** Sends a refusal as a problem document (RFC 9457), which no caller can mistake for user info. */
function refuse(response, status, title) {
  send(response, status, 'application/problem+json', { type: 'about:blank', title, status });
}

const sha256 = (text) => createHash('sha256').update(text).digest();
const expected = sha256(Buffer.from(`${USER_INFO_USERNAME}:${USER_INFO_PASSWORD}`).toString('base64'));

/** Compares the encoded credentials with the expected ones, because credentials that are never decoded cannot be decoded incorrectly. */
function authenticate(request, response, next) {
  const [header = '', ...others] = request.headersDistinct.authorization ?? [];
  const token = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1] ?? '';
  // Digests have the same length, so the comparison always takes the same time.
  if (timingSafeEqual(sha256(token), expected) && others.length === 0) return next();
  response.set('WWW-Authenticate', 'Basic realm="user-info", charset="UTF-8"');
  refuse(response, 401, 'Credentials are missing or wrong.');
}

const formDecode = (text) => decodeURIComponent(text.replaceAll('+', ' '));

/** Returns every `userid` of a query. Throws URIError for invalid percent-encoded UTF-8. */
function findUserids(query) {
  // The charset of raw non-ASCII bytes is unknown, and some parsers end the query at `#`.
  if (/[^!-~]|#/.test(query)) throw new URIError('not percent-encoded');
  const pairs = query.split('&').map((pair) => pair.split('='));
  return pairs.filter(([name]) => formDecode(name) === 'userid').map(([, ...value]) => formDecode(value.join('=')));
}

/** Stores the only user id of the query in `response.locals`; refuses every other query. */
function requireUserid(request, response, next) {
  try {
    const [userid = '', ...others] = findUserids(/\?(.*)$/s.exec(request.originalUrl)?.[1] ?? '');
    if (others.length === 0 && userid !== '' && Buffer.byteLength(userid) <= 1024 && !/\p{Cc}/u.test(userid)) {
      response.locals.userid = userid;
      return next();
    }
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
  }
  refuse(response, 400, 'Exactly one userid is needed, as percent-encoded UTF-8.');
}

const app = express();
// `/User-Info` and `/user-info/` are different paths here, as they are in every proxy rule.
app.enable('case sensitive routing');
app.enable('strict routing');
// Helmet also removes X-Powered-By.
app.use(helmet());
app.use((_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
});
app.use(authenticate);

app
  .route('/user-info')
  // Express responds to HEAD as to GET, but without the body.
  .get(requireUserid, (_request, response) => {
    const user = users.get(response.locals.userid);
    if (user === undefined) return refuse(response, 404, 'There is no such user.');
    send(response, 200, 'application/json', { authorizations: user.authorizations, groups: user.groups });
  })
  .all((_request, response) => {
    response.set('Allow', 'GET, HEAD');
    refuse(response, 405, 'Only GET and HEAD are supported.');
  });

app.use((_request, response) => refuse(response, 404, 'There is nothing at this path.'));
// Four parameters make it an error handler.
app.use((error, _request, response, _next) => {
  process.stderr.write(`${error.stack}\n`);
  refuse(response, 500, 'The endpoint failed.');
});

app.listen(Number(PORT), '127.0.0.1');
