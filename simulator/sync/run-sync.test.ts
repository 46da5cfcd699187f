// Tests of a sync over real HTTP: the effect of a response, a failure and a missing user on stored access, under each assumption.
import { join } from 'node:path';
import { expect } from 'chai';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { toAccess } from './access.ts';
import { resumeSync } from './run-sync.ts';
import { SyncError } from './sync-error.ts';
import { answer } from './testing/changing-endpoint.ts';
import { by, iam, listOf, rejectionOf, useSync } from './testing/use-sync.ts';

describe('a sync', () => {
  const fixture = useSync();
  const { set, sync, login, accessOf } = fixture;

  it('creates new users from the list, requests each once, and records all origins', async () => {
    fixture.endpoint.users.set('ada', { groups: ['analysts'], attributes: { region: ['emea', 'apac'] } });
    fixture.endpoint.users.set('bob', {});
    const { summary, ending, run } = await sync({ list: listOf('ada', 'bob') });
    expect(ending).to.equal('done');
    expect(summary).to.deep.include({ asked: 2, answered: 2, created: 2, changed: 0, losing: 0, failures: {} });
    expect(summary.groups).to.deep.equal([{ name: 'analysts', gained: 1, lost: 0 }]);
    expect(fixture.endpoint.requests.map(({ method, target }) => `${method} ${target}`)).to.have.members([
      'GET /user-info?userid=ada',
      'GET /user-info?userid=bob',
    ]);
    expect([accessOf('ada'), accessOf('bob')]).to.deep.equal([['analysts', 'region=apac', 'region=emea'], []]);
    const view = fixture.simulator.identities.users.view({ iam, userid: 'ada' });
    expect(view.groups).to.deep.equal([{ iam, name: 'analysts', origins: ['endpoint'] }]);
    expect(view.user.lastExternalRefresh).to.equal('2026-11-25T12:00:00.000Z');
    expect(run.phase).to.equal('done');
    const actions = fixture.simulator.identities.audit.list({ target: 'ada' }).hits.map(({ action }) => action);
    expect(actions).to.deep.equal(['UserSynchronised', 'UserCreated']);
  });

  it('removes data that the endpoint no longer returns, but nothing from another origin', async () => {
    fixture.endpoint.users.set('ada', { groups: ['analysts', 'finance'], attributes: { region: ['emea', 'apac'] } });
    await sync({ list: listOf('ada') });
    fixture.simulator.identities.attributes.add({ user: { iam, userid: 'ada' } }, 'region', 'emea', by);
    fixture.endpoint.users.set('ada', { groups: ['finance'], attributes: {} });
    const { summary } = await sync();
    expect(accessOf('ada')).to.deep.equal(['finance', 'region=emea']);
    expect(summary).to.deep.include({ changed: 1, losing: 1 });
    const [record] = fixture.simulator.identities.audit.list({ action: 'UserSynchronised' }).hits;
    expect(record?.before).to.have.nested.property('endpoint.authorizations.region').that.deep.equals(['apac', 'emea']);
    expect(record?.after)
      .to.have.nested.property('endpoint.groups')
      .that.deep.equals([{ name: 'finance' }]);
  });

  it('changes nothing when nothing changed, and writes no audit record', async () => {
    fixture.endpoint.users.set('ada', { groups: ['analysts'], attributes: { region: ['emea'] } });
    await sync({ list: listOf('ada') });
    const { count } = fixture.simulator.identities.audit.list({});
    const { summary } = await sync({ list: listOf('ada') });
    expect(summary).to.deep.include({ answered: 1, changed: 0, created: 0, groups: [] });
    expect(fixture.simulator.identities.audit.list({}).count).to.equal(count);
  });

  it('disables users who are missing from the list and enables them when they return, except for users whom a person disabled', async () => {
    for (const userid of ['ada', 'bob', 'eve']) fixture.endpoint.users.set(userid, { groups: ['staff'] });
    await sync({ list: listOf('ada', 'bob', 'eve') });
    fixture.simulator.identities.users.setDisabled({ iam, userid: 'eve' }, true, by);
    const { summary } = await sync({ list: listOf('ada', 'eve') });
    expect(summary).to.deep.include({ gone: 1, disabled: 1, losing: 1, enabled: 0 });
    expect([accessOf('bob'), accessOf('eve')]).to.deep.equal([
      ['disabled', 'staff'],
      ['disabled', 'staff'],
    ]);
    const returned = await sync({ list: listOf('ada', 'bob', 'eve') });
    expect(returned.summary.enabled).to.equal(1);
    expect([accessOf('bob'), accessOf('eve')]).to.deep.equal([['staff'], ['disabled', 'staff']]);
  });

  const failures = { 'a 404': [404, 'onNotFound'], 'a 503': [503, 'onFailure'] } as const;
  for (const [title, [status, guess]] of Object.entries(failures)) {
    const rules = {
      keep: ['staff'],
      clear: [],
      disable: ['disabled', 'staff'],
      fail: ['staff'],
    } as const;
    for (const [rule, expected] of Object.entries(rules)) {
      it(`stores ${JSON.stringify(expected)} after ${title} under ${guess}: ${rule}`, async () => {
        set({}, { [guess]: rule });
        fixture.endpoint.users.set('ada', { groups: ['staff'] });
        await sync({ list: listOf('ada') });
        fixture.endpoint.users.set('ada', status);
        fixture.endpoint.users.set('new', status);
        const { summary, ending } = await sync({ list: listOf('ada', 'new') });
        expect(accessOf('ada')).to.deep.equal(expected);
        expect(accessOf('new')).to.deep.equal({ keep: [], clear: [], disable: ['disabled'], fail: null }[rule]);
        expect(summary.failures).to.deep.equal(status === 404 ? { 'not-found': 2 } : { 'server-error': 2 });
        expect(ending).to.equal('done');
        const { isLoggedIn } = await login('ada');
        expect(isLoggedIn).to.equal(rule === 'keep' || rule === 'clear');
      });
    }
  }

  it('enables a user whom a 404 disabled, once the endpoint knows the user', async () => {
    set({}, { onNotFound: 'disable' });
    await sync({ list: listOf('ada') });
    expect(accessOf('ada')).to.deep.equal(['disabled']);
    fixture.endpoint.users.set('ada', { groups: ['staff'] });
    await sync();
    expect(accessOf('ada')).to.deep.equal(['staff']);
  });

  const provider = toAccess({
    groups: [{ name: 'directory' }],
    authorizations: { region: ['dach'], site: ['bern'] },
  });
  const merged = {
    union: ['analysts', 'directory', 'region=dach', 'region=emea', 'site=bern'],
    'attribute-override': ['analysts', 'directory', 'region=emea', 'site=bern'],
    override: ['analysts', 'region=emea'],
  } as const;
  for (const [mergeRule, expected] of Object.entries(merged)) {
    it(`merges by ${mergeRule}, and restores overridden values when the endpoint no longer knows the user`, async () => {
      set({}, { mergeRule, onNotFound: 'clear' });
      const list = listOf({ userid: 'ada', name: 'Ada', email: 'ada@example.com', access: provider });
      fixture.endpoint.users.set('ada', { groups: ['analysts'], attributes: { region: ['emea'] } });
      await sync({ list });
      expect(accessOf('ada')).to.deep.equal(expected);
      expect(fixture.simulator.identities.users.get({ iam, userid: 'ada' })).to.deep.include({
        name: 'Ada',
        email: 'ada@example.com',
      });
      fixture.endpoint.users.delete('ada');
      await sync({ list });
      expect(accessOf('ada')).to.deep.equal(['directory', 'region=dach', 'site=bern']);
    });
  }

  it('keeps data that is no longer returned under removalRule: keep', async () => {
    set({}, { removalRule: 'keep' });
    fixture.endpoint.users.set('ada', { groups: ['one'] });
    await sync({ list: listOf('ada') });
    fixture.endpoint.users.set('ada', { groups: ['two'] });
    await sync();
    expect(accessOf('ada')).to.deep.equal(['one', 'two']);
  });

  it('applies only groups or only attributes when the other is switched off', async () => {
    fixture.endpoint.users.set('ada', { groups: ['staff'], attributes: { region: ['emea'] } });
    set({ supportedActions: { syncRestGroups: false } });
    await sync({ list: listOf('ada') });
    expect(accessOf('ada')).to.deep.equal(['region=emea']);
    set({ supportedActions: { syncRestAuthorizations: false } });
    fixture.endpoint.users.set('ada', { groups: ['staff'], attributes: {} });
    await sync();
    expect(accessOf('ada')).to.deep.equal(['region=emea', 'staff']);
  });

  it('stores names in the assumed letter case, unchanged values, and normalized user ids', async () => {
    set({ normalizeUserId: true }, { groupCase: 'lower', attributeCase: 'upper' });
    fixture.endpoint.users.set('ada', {
      groups: ['Staff', 'STAFF'],
      attributes: { Region: ['Emea'], region: ['APAC'] },
    });
    await sync({ list: listOf('Ada') });
    expect(accessOf('ada')).to.deep.equal(['REGION=APAC', 'REGION=Emea', 'staff']);
    const refused = await rejectionOf(sync({ list: listOf('Ada', 'ADA') }));
    expect(refused).to.be.instanceOf(SyncError).with.property('message').that.includes('a user twice');
  });

  it('creates an unlisted user only at the first login, stores the time of the login, and rejects a disabled user', async () => {
    fixture.endpoint.users.set('ada', { groups: ['staff'] });
    const refused = await rejectionOf(sync({ scope: 'users', userids: ['ada'] }));
    expect(refused.message).to.include('has no user ada');
    expect((await login('ada')).isLoggedIn).to.equal(true);
    expect(accessOf('ada')).to.deep.equal(['staff']);
    expect(fixture.simulator.identities.users.get({ iam, userid: 'ada' }).lastLogin).to.equal(
      '2026-11-25T12:00:00.000Z',
    );
    fixture.simulator.identities.users.setDisabled({ iam, userid: 'ada' }, true, by);
    expect((await login('ada')).isLoggedIn).to.equal(false);
  });

  it('requests only chosen users, and disables no other users', async () => {
    for (const userid of ['ada', 'bob']) fixture.endpoint.users.set(userid, { groups: ['staff'] });
    await sync({ list: listOf('ada', 'bob') });
    fixture.endpoint.requests.length = 0;
    await sync({ scope: 'users', userids: ['bob', 'bob'], list: listOf('bob') });
    expect(fixture.endpoint.requests).to.have.lengthOf(1);
    expect(accessOf('ada')).to.deep.equal(['staff']);
  });

  it('applies nothing in a dry run, and reports what it would have done', async () => {
    fixture.endpoint.users.set('ada', { groups: ['staff'] });
    const { summary, ending, run } = await sync({ list: listOf('ada'), dryRun: true });
    expect([ending, summary.created, accessOf('ada')]).to.deep.equal(['dry-run', 1, null]);
    expect(fixture.simulator.runs.find(run.id, 'ada')?.after).to.equal(
      '{"groups":[{"name":"staff"}],"authorizations":{}}',
    );
    expect((await rejectionOf(resumeSync(fixture.simulator, run.id, null))).message).to.include(
      'is a finished dry run',
    );
  });

  describe('that is interrupted', () => {
    const names = Array.from({ length: 12 }, (_, index) => `user${index}`);
    beforeEach(() => {
      for (const userid of names) fixture.endpoint.users.set(userid, { groups: ['staff'] });
    });

    it('resumes where it stopped: no user with an outcome is requested again, and no user is skipped', async () => {
      const controller = new AbortController();
      const first = await sync(
        { list: listOf(...names) },
        { signal: controller.signal, onProgress: ({ done }) => done === 5 && controller.abort() },
      );
      expect([first.ending, first.run.phase]).to.deep.equal(['interrupted', 'requesting']);
      const answered = new Set(names.filter((userid) => fixture.simulator.runs.find(first.run.id, userid)));
      // Responses to the requests in flight arrive too late to count.
      expect(answered.size).to.equal(5);
      expect(accessOf('user0')).to.equal(null);
      await fixture.endpoint.untilDisconnected();
      fixture.endpoint.requests.length = 0;
      const second = await resumeSync(fixture.simulator, first.run.id, listOf(...names));
      expect(second.ending).to.equal('done');
      const asked = fixture.endpoint.requests.map(({ target }) => target.split('=')[1]);
      expect(asked).to.have.members(names.filter((userid) => !answered.has(userid)));
      expect(second.summary).to.deep.include({ asked: 12, created: 12 });
      expect(second.summary.latency?.requests).to.be.within(12, 15);
      for (const userid of names) expect(accessOf(userid)).to.deep.equal(['staff']);
    });

    it('does not resume with another list', async () => {
      const controller = new AbortController();
      controller.abort();
      const { run } = await sync({ list: listOf(...names) }, { signal: controller.signal });
      const refused = await rejectionOf(resumeSync(fixture.simulator, run.id, listOf('ada')));
      expect(refused.message).to.include('and the list has changed');
    });

    it('while it is applied, applies the rest later', async () => {
      const controller = new AbortController();
      const { run, ending } = await sync(
        { list: listOf(...names) },
        { signal: controller.signal, onProgress: ({ phase }) => phase === 'applying' && controller.abort() },
      );
      expect([ending, run.phase]).to.deep.equal(['interrupted', 'applying']);
      expect(names.filter((userid) => accessOf(userid) !== null)).to.have.lengthOf(2);
      fixture.endpoint.requests.length = 0;
      await resumeSync(fixture.simulator, run.id, null);
      expect(fixture.endpoint.requests).to.deep.equal([]);
      for (const userid of names) expect(accessOf(userid)).to.deep.equal(['staff']);
    });

    it('by an unreachable endpoint ends after several consecutive failures, and requests those users again', async () => {
      set({ sync: { maxFailuresInARow: 3, concurrency: 1 } });
      await sync({ list: listOf(...names) });
      let broken = true;
      fixture.endpoint.handler = (message, response, userid) => {
        if (broken && userid !== 'user0') message.socket.destroy();
        else answer(response, { groups: ['staff', 'more'] });
      };
      const { run, ending, summary } = await sync();
      expect([ending, summary.answered, summary.failures]).to.deep.equal(['unreachable', 1, { connection: 3 }]);
      broken = false;
      const second = await resumeSync(fixture.simulator, run.id, null);
      expect([second.ending, second.summary.answered, second.summary.failures]).to.deep.equal(['done', 12, {}]);
      expect(accessOf('user11')).to.deep.equal(['more', 'staff']);
    });
  });

  it('survives the end of its process, because completed requests are stored in the file', async () => {
    const file = join(scratchDirectory(), 'simulator.db');
    fixture.reopen(file);
    fixture.createIam();
    set({});
    fixture.endpoint.users.set('ada', { groups: ['staff'] });
    const { run } = await sync({ list: listOf('ada') });
    fixture.reopen(file);
    expect(accessOf('ada')).to.deep.equal(['staff']);
    expect(fixture.simulator.runs.get(run.id).summary).to.deep.include({ answered: 1, created: 1 });
    expect(fixture.simulator.runs.list(10).map(({ id }) => id)).to.deep.equal([run.id]);
  });

  it('rejects names and values that cannot be stored, before it begins', async () => {
    const named = { userid: 'ada', name: 'Ada\0', email: null, access: null };
    const inGroup = { ...named, name: null, access: toAccess({ groups: [{ name: '\ud800' }], authorizations: {} }) };
    const withValue = { ...named, name: null, access: toAccess({ groups: [], authorizations: { a: ['b\0c'] } }) };
    for (const user of ['ada\0', named, inGroup, withValue]) {
      expect((await rejectionOf(sync({ list: listOf(user) }))).message).to.match(/^users\.csv: .* NUL/);
    }
    expect(await rejectionOf(login('\ud800'))).to.be.instanceOf(SyncError);
    expect([fixture.simulator.runs.list(10), fixture.endpoint.requests]).to.deep.equal([[], []]);
  });

  it('rejects invalid settings before it begins, and reports all errors at once', async () => {
    const endpointSettings = { uri: 'https://127.0.0.1:1/user-info?userid=x', useAuth: true, sslRequestCert: true };
    set({ externalUserInfo: endpointSettings });
    const { message } = await rejectionOf(sync());
    for (const words of [
      'already contains a userid',
      'useSSL must be true',
      'needs authentication',
      'needs sslKeyFile',
    ]) {
      expect(message).to.include(words);
    }
    fixture.simulator.identities.iams.setSettings(
      iam,
      { externalUserInfo: { uri: fixture.endpoint.uri, uesAuth: true } },
      by,
    );
    expect((await rejectionOf(sync())).message).to.equal(
      'externalUserInfo.uesAuth: unknown option; did you mean "useAuth"?',
    );
    expect(fixture.simulator.runs.list(10)).to.deep.equal([]);
  });
});
