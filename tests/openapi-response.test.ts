// Tests that the validator of responses accepts what openapi.yaml describes, and states what is wrong with any other response.
import { AssertionError } from 'node:assert';
import { expect } from 'chai';
import { errorCodes } from '../schemas/error-codes.ts';
import { assertMatchesOpenApi } from './openapi-response.ts';

const requestId = '0b6f2c1e4f0a4d3e9a516d1f7f1f2a10';
const always = { 'cache-control': 'no-store', 'x-request-id': requestId };
const jsonHeaders = { ...always, 'content-type': 'application/json; charset=utf-8' };
const problemHeaders = { ...always, 'content-type': 'application/problem+json' };
const challenge = { 'www-authenticate': 'Basic realm="a \\"b\\"", charset="UTF-8"' };
const user = '{"groups":[{"name":"analysts"}],"authorizations":{}}';

function problem(code: keyof typeof errorCodes, changes: object = {}): string {
  const { status, title } = errorCodes[code];
  return JSON.stringify({ type: `urn:user-info-kit:problem:${code}`, title, status, code, requestId, ...changes });
}

type Answer = Parameters<typeof assertMatchesOpenApi>;

const documented: Record<string, Answer> = {
  'a user': ['GET', 200, jsonHeaders, user],
  'a user requested with HEAD': ['HEAD', 200, jsonHeaders, ''],
  'an unknown user': ['get', 404, problemHeaders, problem('user-unknown')],
  'missing credentials': ['GET', 401, { ...problemHeaders, ...challenge }, problem('credentials-missing')],
  'another method': ['POST', 405, { ...problemHeaders, allow: 'GET, HEAD' }, problem('method-not-allowed')],
};

const undocumented: Record<string, [Answer, RegExp]> = {
  'an undocumented status': [['GET', 418, problemHeaders, '{}'], /418 is not documented/],
  'success of an undocumented method': [['POST', 200, jsonHeaders, user], /POST was answered with 200/],
  'a required header left out': [
    ['GET', 401, problemHeaders, problem('credentials-missing')],
    /lacks the header WWW-Authenticate/,
  ],
  'a header has another format': [['GET', 200, { ...jsonHeaders, 'cache-control': 'private' }, user], /Cache-Control/],
  'another content type': [['GET', 200, { ...jsonHeaders, 'content-type': 'text/html' }, user], /text\/html/],
  'no content type': [['GET', 200, always, user], /\(none\)/],
  'a body that breaks its schema': [['GET', 200, jsonHeaders, '{"groups":["a"]}'], /user-info\.schema\.json/],
  'a body for HEAD': [['HEAD', 200, jsonHeaders, user], /with a body/],
  'a code that is in no catalogue': [
    ['GET', 404, problemHeaders, problem('user-unknown', { code: 'gone' })],
    /not in schemas\/error-codes\.json/,
  ],
  'a code of another status': [['GET', 404, problemHeaders, problem('userid-empty')], /belongs to status 400/],
  'a status that differs from the status line': [
    ['GET', 404, problemHeaders, problem('user-unknown', { status: 400 })],
    /says status 400/,
  ],
  'another title': [['GET', 404, problemHeaders, problem('user-unknown', { title: 'Gone.' })], /another title/],
  'a type of another code': [
    ['GET', 404, problemHeaders, problem('user-unknown', { type: 'urn:user-info-kit:problem:path-unknown' })],
    /does not end in the code/,
  ],
  'a request id of another request': [
    ['GET', 404, problemHeaders, problem('user-unknown', { requestId: 'another' })],
    /requestId/,
  ],
};

describe('assertMatchesOpenApi', () => {
  for (const [name, answer] of Object.entries(documented)) {
    it(`accepts ${name}`, () => assertMatchesOpenApi(...answer));
  }
  for (const [name, [answer, complaint]] of Object.entries(undocumented)) {
    it(`rejects ${name}`, () => {
      expect(() => assertMatchesOpenApi(...answer)).to.throw(AssertionError, complaint);
    });
  }
});
