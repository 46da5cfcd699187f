// Tests of guards in the server: from the configuration and the source to status, headers and metrics.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import request from 'supertest';
import type { GuardsConfig } from '../../schemas/generated/loaded-server-config.ts';
import { ask } from '../../tests/ask-server.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { assertMatchesOpenApi } from '../../tests/openapi-response.ts';
import { startTestServer } from '../../tests/test-server.ts';
import type { UserSource } from '../adapters/user-source.ts';
import { authenticateNobody, createApp } from '../create-app.ts';
import { guardSource } from './guard-source.ts';
import {
  createScriptedSource,
  createStillClock,
  createSurroundings,
  untilAsked,
  userIn,
} from './testing/scripted-source.ts';

const cache = { ttlSeconds: 60, negativeTtlSeconds: 0, maxEntries: 1000, maxBytes: 1_000_000 };

describe('the endpoint with guards', () => {
  function serve(source: UserSource, guards: GuardsConfig, now?: () => number) {
    const { tally, log } = createSurroundings();
    const guarded = guardSource(source, guards, { tally, log, ...(now && { now }) });
    const app = createApp({ source: guarded, authenticate: authenticateNobody, deadlineMs: 100 });
    return () => request(app).get('/user-info?userid=ada');
  }

  it('marks stale user info, when the source fails and when it does not respond', async () => {
    const source = createScriptedSource();
    const clock = createStillClock();
    const guards = { coalesce: true, cache: { ...cache, staleIfError: { maxStaleSeconds: 600 } } };
    const get = serve(source, guards, clock.now);
    const answered = get().then((response) => response);
    (await untilAsked(source, 1)).answer(userIn('a'));
    const fresh = await answered;
    expect(fresh.headers).not.to.have.property('user-info-stale-seconds');
    clock.advance(90);
    // The source never responds to this lookup: the deadline ends it.
    const stale = await get();
    expect(stale.status).to.equal(200);
    expect(stale.text).to.equal(fresh.text);
    expect(stale.headers['user-info-stale-seconds']).to.equal('90');
    assertMatchesOpenApi('GET', stale.status, stale.headers, stale.text);

    const failing = get().then((response) => response);
    (await untilAsked(source, 3)).fail('unavailable');
    expect((await failing).headers['user-info-stale-seconds']).to.equal('90');

    clock.advance(600);
    const over = await get();
    expect(over.status).to.equal(504);
    expect(over.headers).not.to.have.property('user-info-stale-seconds');
  });

  it('sends Retry-After while the breaker is open', async () => {
    const source = createScriptedSource();
    const get = serve(source, { coalesce: false, breaker: { failures: 1, openSeconds: 40 } });
    expect((await get()).status).to.equal(504);
    const refused = await get();
    expect(refused.status).to.equal(503);
    expect(Number(refused.headers['retry-after'])).to.be.within(38, 40);
    assertMatchesOpenApi('GET', refused.status, refused.headers, refused.text);
    expect(source.asked.length).to.equal(1);
  });

  it('responds with 502 for a user without groups when onNoGroups is error', async () => {
    const source: UserSource = { ...createScriptedSource(), findUser: async () => userIn() };
    const get = serve(source, { coalesce: false, answers: { onNoGroups: 'error', maxGroups: 10, maxBytes: 1000 } });
    const { status, body } = await get();
    expect({ status, code: body.code }).to.deep.equal({ status: 502, code: 'source-bad-answer' });
  });
});

describe('the server with guards in its configuration', () => {
  it('caches, counts hits and misses, and empties the cache when the file or the configuration is reloaded', async () => {
    const path = join(scratchDirectory(), 'guarded-users.csv');
    writeFileSync(path, 'userid,groups\nada,old\n');
    const columns = { userid: 'userid', groups: [{ column: 'groups' }] };
    const server = await startTestServer({
      source: { type: 'csv', path, columns, pollSeconds: 1 },
      guards: { cache: { ttlSeconds: 3600 }, coalesce: true },
      administration: { port: 0 },
    });
    try {
      const groups = async () => JSON.parse((await ask(server.adaUrl)).body).groups[0].name;
      const metrics = async () => (await ask(`${server.administrationUrl}/metrics`)).body;
      expect([await groups(), await groups(), await groups()]).to.deep.equal(['old', 'old', 'old']);
      const before = await metrics();
      expect(before).to.match(/^user_info_guard_events_total\{.*part="whole",event="cache-hit".*\} 2$/m);
      expect(before).to.match(/^user_info_guard_events_total\{.*part="whole",event="cache-miss".*\} 1$/m);
      expect(before).to.match(/^user_info_cache_entries\{.*part="whole".*\} 1$/m);
      expect(await metrics(), 'read twice, counted once').to.match(/event="cache-hit".*\} 2$/m);
      writeFileSync(path, 'userid,groups\nada,new\n');
      const endAtMs = Date.now() + 10_000;
      while ((await groups()) === 'old' && Date.now() < endAtMs) await delay(20);
      expect(await groups()).to.equal('new');
      const hits = async () => Number(/event="cache-hit".*\} (\d+)$/m.exec(await metrics())?.[1]);
      const hitsBefore = await hits();
      expect((await server.reload()).outcome).to.equal('reloaded');
      expect(await metrics()).to.match(/^user_info_cache_entries\{.*part="whole".*\} 0$/m);
      expect(await hits(), 'a counter continues after a reload').to.equal(hitsBefore);
    } finally {
      await server.stop();
    }
  });

  it('supports a merge inside a merge, in which each source has its own guards and metrics', async () => {
    const path = join(scratchDirectory(), 'merged-users.csv');
    writeFileSync(path, 'userid,groups\nada,from the file\n');
    const columns = { userid: 'userid', groups: [{ column: 'groups' }] };
    const ada = { groups: ['from the list'] };
    const inner = [
      { name: 'file', source: { type: 'csv', path, columns }, guards: { coalesce: true } },
      { name: 'list', source: { type: 'static', users: { ada } }, groups: { prefix: 'x/' }, guards: { breaker: {} } },
    ];
    const server = await startTestServer({
      source: {
        type: 'merge',
        identity: 'both',
        sources: [{ name: 'both', source: { type: 'merge', identity: 'any', sources: inner } }],
      },
      administration: { port: 0 },
    });
    try {
      const { status, body } = await ask(server.adaUrl);
      const groups = [{ name: 'from the file' }, { name: 'x/from the list' }];
      expect({ status, body: JSON.parse(body) }).to.deep.equal({ status: 200, body: { groups, authorizations: {} } });
      expect((await ask(`${server.url}?userid=eve`)).status).to.equal(404);
      const metrics = (await ask(`${server.administrationUrl}/metrics`)).body;
      expect(metrics).to.match(/^user_info_guard_events_total\{.*part="both\/file",event="coalesced".*\} 0$/m);
      expect(metrics).to.match(/^user_info_breaker_open\{.*part="both\/list".*\} 0$/m);
      expect(metrics).to.match(/^user_info_source_users\{.*\} 1$/m);
    } finally {
      await server.stop();
    }
  });

  it('exports no guard metrics without guards', async () => {
    const server = await startTestServer({ administration: { port: 0 } });
    try {
      await ask(server.adaUrl);
      const { body } = await ask(`${server.administrationUrl}/metrics`);
      expect(body).to.include('# TYPE user_info_guard_events_total counter');
      expect(body).not.to.match(/^user_info_(guard_events_total|cache_entries|breaker_open)\{/m);
    } finally {
      await server.stop();
    }
  });
});
