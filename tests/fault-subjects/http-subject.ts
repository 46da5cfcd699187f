// Columns http-proxy, module and merge of the fault matrix: an HTTPS API of people behind the fault proxy.
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { sendJson, urlOf } from '../../server/adapters/http-proxy/testing/local-server.ts';
import { basicHeader } from '../ask-server.ts';
import { certificateFiles, scratchDirectory } from '../certificate-files.ts';
import {
  ada,
  adaId,
  deadlineMs,
  type FaultCell,
  type FaultName,
  type FaultSubject,
  graceId,
  limitMs,
  networkCells,
  none,
  type Outcome,
  ownTimeOuts,
} from '../fault-matrix.ts';
import { type FaultProxy, startFaultProxy } from '../fault-proxy.ts';
import { secretReference } from '../test-server.ts';

const password = 'the API of a test';
const authorization = basicHeader('kit', password);

/** Responds in place of the API; false: the API itself responds. */
type Script = (response: ServerResponse, url: URL) => boolean;

interface Api {
  readonly proxy: FaultProxy;
  readonly ca: string[];
  readonly cells: Readonly<Record<FaultName, FaultCell | string>>;
  close(): Promise<void>;
}

const person = { login: adaId, id: '1', regions: ada.authorizations.region };
const people = [person, { login: graceId, id: '2', regions: [] }];
const isGroups = (url: URL) => url.pathname.endsWith('/memberships');
const secondPage = (url: URL) => isGroups(url) && url.searchParams.get('after') === '1';

/** Responds to `/people?login=` and `/people/ID/memberships`; the latter returns one group per page. */
function answerAsApi({ headers }: IncomingMessage, response: ServerResponse, url: URL): void {
  if (headers.authorization !== authorization) sendJson(response, 401, {});
  else if (isGroups(url) && !people.some(({ id }) => url.pathname.includes(`/${id}/`))) sendJson(response, 404, {});
  else if (secondPage(url)) sendJson(response, 200, { memberships: [{ name: ada.groups[1] }], next: null });
  else if (isGroups(url)) sendJson(response, 200, { memberships: [{ name: ada.groups[0] }], next: '1' });
  else sendJson(response, 200, { people: people.filter(({ login }) => login === url.searchParams.get('login')) });
}

/** @param expected expectations that differ, because a source with its own timeouts ends before the deadline. */
async function startApi(expected: Parameters<typeof networkCells>[2] = ownTimeOuts): Promise<Api> {
  const { good, bad, listenerTls } = await certificateFiles();
  let script: Script = () => false;
  const start = async (port: number) => {
    const { certificate: cert, key } = good.server;
    const server = createServer({ cert, key }, (request, response) => {
      const url = urlOf(request);
      if (!script(response, url)) answerAsApi(request, response, url);
    }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server = await start(0);
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  const proxy = await startFaultProxy(port);
  const { 'wrong-host-name-server': wrongName, 'expired-server': expired } = bad.certificates;
  const scripted = (expected: Outcome, by: Script): FaultCell => ({
    expected,
    async inflict() {
      script = by;
    },
    async heal() {
      script = () => false;
    },
  });
  return {
    proxy,
    ca: listenerTls.clientCa,
    cells: {
      ...networkCells(proxy, { good: good.server, wrongName, expired }, expected),
      'rejected bind or password': {
        ...scripted('503', (response) => {
          sendJson(response, 401, { people: [] });
          return true;
        }),
        isOutage: true,
      },
      'half a page, then an error': scripted('503', (response, url) => {
        if (!secondPage(url)) return false;
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '60' });
        response.write('{"memberships":[');
        setImmediate(() => response.destroy());
        return true;
      }),
      'one complete page, then an error': scripted('503', (response, url) => {
        if (!secondPage(url)) return false;
        sendJson(response, 500, { memberships: [], next: null });
        return true;
      }),
      'empty page with a cookie': scripted('200, complete', (response, url) => {
        const isEmpty = isGroups(url) && url.searchParams.get('after') === null;
        if (isEmpty) sendJson(response, 200, { memberships: [], next: '0' });
        return isEmpty;
      }),
      'malformed response': scripted('502', (response, url) => {
        if (!secondPage(url)) return false;
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"memberships":[],"next":null,}');
        return true;
      }),
      'duplicate entry': scripted('502', (response, url) => {
        if (isGroups(url) || url.searchParams.get('login') !== adaId) return false;
        sendJson(response, 200, { people: [person, { ...person, id: '2' }] });
        return true;
      }),
      'server restart': {
        expected: '503',
        isOutage: true,
        inflict: stop,
        async heal() {
          server = await start(port);
        },
      },
      ...none('the disk of the API', 'file half-written, or disk full', 'file removed'),
    },
    async close() {
      await proxy.close();
      await stop();
    },
  };
}

const environment = { API_PASSWORD: password };

function proxySource({ proxy, ca }: Api): object {
  return {
    type: 'http-proxy',
    baseUrl: `https://127.0.0.1:${proxy.port}`,
    auth: { type: 'basic', username: 'kit', password: secretReference('API_PASSWORD') },
    tls: { ca },
    connectTimeoutMs: limitMs,
    headersTimeoutMs: limitMs,
    bodyTimeoutMs: limitMs,
    maxRetryAfterMs: 100,
    maxConnections: 4,
    user: { path: 'people?login={userid}', list: '/people' },
    groups: {
      path: 'people/{/id}/memberships',
      list: '/memberships',
      pagination: { type: 'cursor', path: '/next', parameter: 'after' },
    },
    mapping: {
      identity: '/login',
      groups: [{ from: 'groups', name: '/name' }],
      authorizations: { region: { path: '/regions' } },
    },
  };
}

export async function httpProxySubject(): Promise<FaultSubject> {
  const api = await startApi();
  return { ...api, source: proxySource(api), environment, maxConnections: 4 };
}

const staleness = { ttlSeconds: 1, maxStaleSeconds: 6 };

/**
 * Returns the API behind a cache that may return expired responses while the API fails. A fault lasts as long as a response may be stale, so each
 * fault has its own subject.
 */
export async function staleSubject(fault: FaultName): Promise<FaultSubject> {
  const api = await startApi();
  const { ttlSeconds, maxStaleSeconds } = staleness;
  return {
    ...api,
    cells: { [fault]: staleCell(api.cells[fault]) },
    source: proxySource(api),
    sections: { guards: { coalesce: true, cache: { ttlSeconds, staleIfError: { maxStaleSeconds } } } },
    staleness,
    environment,
    maxConnections: 4,
  };
}

function staleCell(cell: FaultCell | string): FaultCell | string {
  if (
    typeof cell === 'string' ||
    cell.expected === '200, complete' ||
    cell.expected === '502' ||
    cell.expected === '404'
  )
    return cell;
  const rest = cell.untilComplete ? '200, complete' : '503';
  return { ...cell, expected: `200, stale and marked, then ${rest}` };
}

/** Returns the API as one of two merged sources; the other source provides one of the groups. */
export async function mergeSubject(): Promise<FaultSubject> {
  const api = await startApi();
  return { ...api, source: mergeSource(api, {}), environment, maxConnections: 4 };
}

/** Returns the same sources, with a configuration that declares the API optional. */
export async function optionalMergeSubject(): Promise<FaultSubject> {
  const api = await startApi();
  const cells = Object.entries(api.cells).map(([name, cell]) => {
    if (typeof cell === 'string' || cell.expected.startsWith('200')) return [name, cell];
    const without = '200, without the optional source';
    const expected: Outcome = cell.expected.includes('200') ? `${without}, then 200, complete` : without;
    return [name, { ...cell, expected, isOutage: false } satisfies FaultCell];
  });
  const source = mergeSource(api, {
    required: false,
    mayShrinkAccess: true,
    guards: { deadlineMs: (limitMs + deadlineMs) / 2 },
  });
  return { ...api, cells: Object.fromEntries(cells), source, environment, maxConnections: 4 };
}

function mergeSource(api: Api, options: object): object {
  const known = { type: 'static', users: { [adaId]: { groups: [ada.groups[0]] } } };
  return {
    type: 'merge',
    identity: 'known',
    sources: [
      { name: 'known', source: known },
      { name: 'api', source: proxySource(api), ...options },
    ],
  };
}

/** A module that follows the README: it throws a SourceError whenever it is in doubt. */
const moduleText = `
import { readFileSync } from 'node:fs';
import { request } from 'node:https';

export default ({ baseUrl, ca }, { secrets, SourceError }) => {
  const options = {
    agent: false,
    auth: 'kit:' + secrets.password.reveal(),
    ca: readFileSync(ca),
  };
  async function get(path, signal) {
    const { status, text } = await new Promise((resolve, reject) => {
      const asked = request(baseUrl + path, { ...options, signal }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => { text += part; }).on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode, text }));
      });
      asked.on('error', reject).end();
    }).catch((error) => {
      throw new SourceError('unavailable', 'The API failed: ' + error.code);
    });
    if (status === 401) throw new SourceError('unavailable', 'The API refuses the password.');
    if (status >= 500) throw new SourceError('unavailable', 'The API answered ' + status);
    if (status !== 200) throw new SourceError('bad-answer', 'The API answered ' + status);
    try {
      return JSON.parse(text);
    } catch {
      throw new SourceError('bad-answer', 'The API sent no JSON.');
    }
  }
  return {
    async findUser(userid, signal) {
      const { people } = await get('/people?login=' + encodeURIComponent(userid), signal);
      if (people.length > 1) throw new SourceError('bad-answer', 'Two people have this login.');
      if (people.length === 0) return null;
      if (people[0].login !== userid) throw new SourceError('bad-answer', 'The API sent another user.');
      const groups = [];
      for (let after = ''; after !== null; ) {
        const page = await get('/people/1/memberships' + (after && '?after=' + after), signal);
        groups.push(...page.memberships);
        after = page.next;
      }
      return { groups, authorizations: { region: people[0].regions } };
    },
    async check() {},
    async close() {},
  };
};
`;

export async function moduleSubject(): Promise<FaultSubject> {
  const api = await startApi({ 'garbage bytes': '503' });
  const path = join(scratchDirectory(), 'people.mjs');
  writeFileSync(path, moduleText);
  const options = { baseUrl: `https://127.0.0.1:${api.proxy.port}`, ca: api.ca[0] };
  const secrets = { password: secretReference('API_PASSWORD') };
  /** Returns a cell whose fault changes no response, because the module is loaded once, at startup. */
  const written = (inflict: () => void): FaultCell => ({
    expected: '200, complete',
    inflict: async () => inflict(),
    heal: async () => writeFileSync(path, moduleText),
  });
  const keepsNone = 'this module keeps no connection';
  return {
    ...api,
    cells: {
      ...api.cells,
      ...none(keepsNone, 'idle connections closed', 'idle connections discarded silently'),
      'file half-written, or disk full': written(() => writeFileSync(path, moduleText.slice(0, 300))),
      'file removed': written(() => rmSync(path)),
    },
    source: { type: 'module', path, options, secrets },
    environment,
  };
}
