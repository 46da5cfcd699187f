// Tests of settings of an IAM over real connections: sync groups and attributes, migrateFrom, and "Test connection".
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { certificateFiles, scratchDirectory } from '../../tests/certificate-files.ts';
import { startTestServer } from '../../tests/test-server.ts';
import { openSimulator, type Simulator } from '../open-simulator.ts';
import { noAccess, toAccess } from './access.ts';
import { runSync } from './run-sync.ts';
import { probeUserid, testConnection } from './test-connection.ts';
import { type ChangingEndpoint, startChangingEndpoint } from './testing/changing-endpoint.ts';

const by = 'qa';

describe('the settings of an IAM', () => {
  let endpoint: ChangingEndpoint;
  let simulator: Simulator;
  beforeEach(async () => {
    endpoint = await startChangingEndpoint();
    simulator = openSimulator(null);
    simulator.identities.iams.create({ id: 'okta', name: 'Okta', type: 'okta' }, by);
  });
  afterEach(async () => {
    simulator.close();
    await endpoint.close();
  });

  const set = (settings: object) =>
    simulator.identities.iams.setSettings(
      'okta',
      {
        externalUserInfo: { uri: endpoint.uri },
        blastRadius: {
          maxLosingPercent: 100,
          mayEmptyGroups: true,
          maxGroupLosingPercent: 100,
          maxGainingPercent: 100,
        },
        ...settings,
      },
      by,
    );
  const login = (userid: string, dryRun = false) =>
    runSync(simulator, { iam: 'okta', scope: 'login', userids: [userid], list: null, dryRun, by });
  const viewOf = (userid: string) => simulator.identities.users.view({ iam: 'okta', userid });

  describe('sync groups and sync attributes', () => {
    async function syncList(groups: string[], region: string): Promise<string[]> {
      const authorizations = { region: [region] };
      const access = toAccess({ groups: groups.map((name) => ({ name })), authorizations });
      const users = [{ userid: 'ada', name: null, email: null, access }];
      const list = { name: 'users.csv', hash: String(Math.random()), users };
      await runSync(simulator, { iam: 'okta', scope: 'all', userids: null, list, dryRun: false, by });
      const view = viewOf('ada');
      return [...view.groups.map(({ name }) => name), ...view.values.map(({ value }) => value)];
    }

    for (const [supportedActions, expected] of [
      [{}, ['new', 'apac']],
      [{ syncGroups: false }, ['old', 'apac']],
      [{ syncAuthorizations: false }, ['new', 'emea']],
      [{ syncGroups: false, syncAuthorizations: false }, ['old', 'emea']],
    ] as const) {
      it(`${JSON.stringify(supportedActions)}: data of disabled actions remains unchanged`, async () => {
        endpoint.users.set('ada', {});
        set({});
        expect(await syncList(['old'], 'emea')).to.deep.equal(['old', 'emea']);
        set({ supportedActions });
        expect(await syncList(['new'], 'apac')).to.deep.equal(expected);
      });
    }

    const withoutGroups = { groups: false, values: true };
    const withoutValues = { groups: true, values: false };
    for (const [gives, supportedActions, message] of [
      [
        withoutGroups,
        {},
        'The user list users.csv has no groups. An earlier list assigned groups to 1 user of okta, who would keep them. ' +
          'Add the column group, empty for a user without groups. To keep them, set supportedActions.syncGroups to false.',
      ],
      [withoutGroups, { syncGroups: false }, null],
      [
        withoutValues,
        {},
        'The user list users.csv has no attributes. An earlier list assigned attributes to 1 user of okta',
      ],
      [withoutValues, { syncAuthorizations: false }, null],
      [undefined, {}, 'The user list users.csv has no groups. An earlier list assigned groups'],
    ] as const) {
      it(`${JSON.stringify([gives, supportedActions])}: a list that drops a column is ${message === null ? 'accepted' : 'an error'}`, async () => {
        endpoint.users.set('ada', {});
        set({});
        await syncList(['old'], 'emea');
        set({ supportedActions });
        const access = gives === undefined ? null : noAccess;
        const users = [{ userid: 'ada', name: null, email: null, access }];
        const list = { name: 'users.csv', hash: '2', users, ...(gives && { gives }) };
        const request = { iam: 'okta', scope: 'all', userids: null, list, dryRun: false, by } as const;
        const refusal = await runSync(simulator, request).then(
          () => null,
          (error: Error) => error.message,
        );
        if (message === null) expect(refusal).to.equal(null);
        else expect(refusal).to.include(message);
      });
    }
  });

  describe('migrateFrom', () => {
    beforeEach(() => {
      const { users, attributes } = simulator.identities;
      users.create({ userid: 'Ada@example.com', name: 'Ada', permissions: ['AUDIT'] }, by);
      attributes.add({ user: { iam: 'bim', userid: 'Ada@example.com' } }, 'clearance', 'high', by);
      endpoint.users.set('Ada@example.com', { groups: ['analysts'] }).set('ada@example.com', { groups: ['analysts'] });
    });
    const isLeft = () => simulator.identities.users.find({ iam: 'bim', userid: 'Ada@example.com' }) !== null;
    const storedAccess = (userid: string) => {
      const { groups, values, permissions } = viewOf(userid);
      return [groups, values, permissions].map((list) => list.map(({ name }) => name));
    };
    const everything = [['analysts'], ['clearance'], ['AUDIT']];

    it('migrates the user with the same user id at the first login, with manually assigned data', async () => {
      set({ migrateFrom: 'bim' });
      const dry = await login('Ada@example.com', true);
      expect(isLeft(), 'a dry run migrates nobody').to.equal(true);
      expect(dry.summary).to.include({ created: 1, migrated: 1 });
      const { summary } = await login('Ada@example.com');
      expect(summary).to.include({ created: 1, migrated: 1 });
      expect([isLeft(), storedAccess('Ada@example.com')]).to.deep.equal([false, everything]);
      expect(simulator.identities.audit.list({ action: 'UserMigrated' }).hits).to.have.length(1);
    });

    it('ignores letter case only where user ids are normalized', async () => {
      set({ migrateFrom: 'bim' });
      await login('ada@example.com');
      expect([isLeft(), storedAccess('ada@example.com')]).to.deep.equal([true, [['analysts'], [], []]]);
      simulator.identities.users.delete(viewOf('ada@example.com').user, { confirmed: true, typed: 'Delete' }, by);
      set({ migrateFrom: 'bim', normalizeUserId: true });
      await login('Ada@example.com');
      expect([isLeft(), storedAccess('ada@example.com')]).to.deep.equal([false, everything]);
    });

    it('skips users with several accounts in the built-in IAM that differ only in letter case, and counts them in the summary', async () => {
      simulator.identities.users.create({ userid: 'ADA@example.com', name: 'Ada too' }, by);
      set({ migrateFrom: 'bim', normalizeUserId: true });
      const { summary } = await login('Ada@example.com');
      expect(summary).to.include({ created: 1, migrated: 0 });
      expect([isLeft(), storedAccess('ada@example.com')]).to.deep.equal([true, [['analysts'], [], []]]);
    });

    it('moves no user within the built-in IAM', async () => {
      const uri = endpoint.uri;
      const settings = { externalUserInfo: { uri }, migrateFrom: 'bim', normalizeUserId: true };
      simulator.identities.iams.setSettings('bim', settings, by);
      const request = {
        iam: 'bim',
        scope: 'login',
        userids: ['Ada@example.com'],
        list: null,
        dryRun: false,
        by,
      } as const;
      const { ending, summary } = await runSync(simulator, request);
      expect([ending, summary.created, summary.migrated, isLeft()]).to.deep.equal(['done', 1, 0, true]);
    });

    it('skips disabled users and users whom the endpoint rejects, and skips every user without the option', async () => {
      set({});
      await login('Ada@example.com');
      expect(isLeft()).to.equal(true);
      simulator.identities.users.delete(viewOf('Ada@example.com').user, { confirmed: true, typed: 'Delete' }, by);
      set({ migrateFrom: 'bim', guesses: { onNotFound: 'fail' } });
      endpoint.users.set('Ada@example.com', 404);
      await login('Ada@example.com');
      expect(isLeft()).to.equal(true);
      endpoint.users.set('Ada@example.com', {});
      simulator.identities.users.setDisabled({ iam: 'bim', userid: 'Ada@example.com' }, true, by);
      await login('Ada@example.com');
      expect([isLeft(), viewOf('Ada@example.com').permissions]).to.deep.equal([true, []]);
    });
  });

  describe('Test connection', () => {
    const test = (settings: object) => testConnection(settings, new AbortController().signal);
    const plain = () => ({ externalUserInfo: { uri: endpoint.uri } });

    it('passes when the endpoint rejects the unknown user, fails when it returns user info, and sends one request', async () => {
      const { requests, users } = endpoint;
      expect(await test({ ...plain(), guesses: { retries: 3 } })).to.deep.include({ isOk: true, outcome: 'not-found' });
      users.set(probeUserid, {});
      const known = await test(plain());
      expect(known).to.deep.include({ isOk: false, outcome: 'user', status: 200 });
      expect(known.message).to.include('a user who is not supposed to exist');
      expect(requests.map(({ target }) => target)).to.deep.equal(Array(2).fill(`/user-info?userid=${probeUserid}`));
      expect(simulator.runs.list(10)).to.deep.equal([]);
    });

    for (const [status, outcome, word] of [
      [401, 'credentials-refused', 'rejected the request (status 401)'],
      [503, 'server-error', 'its response cannot be used'],
    ] as const) {
      it(`fails with ${status}, with a message that says where to look`, async () => {
        endpoint.users.set(probeUserid, status);
        const tested = await test({ ...plain(), guesses: { retries: 3 } });
        expect(tested).to.deep.include({ isOk: false, outcome, status });
        expect(tested.message).to.include(word);
        expect(endpoint.requests).to.have.length(1);
      });
    }

    it('distinguishes an invalid certificate from an unreachable server, and passes with our server and valid options', async () => {
      const { good, listenerTls } = await certificateFiles();
      const directory = scratchDirectory();
      const sslCertFile = join(directory, 'client.pem');
      const sslKeyFile = join(directory, 'client-key.pem');
      writeFileSync(sslCertFile, good.client.certificate);
      writeFileSync(sslKeyFile, good.client.key);
      const server = await startTestServer({
        listener: { tls: listenerTls },
        authentication: { mode: 'mtls', clientCertificate: { allow: [{ dns: 'platform.example.test' }] } },
      });
      const open = { uri: server.url, useSSL: true };
      const files = { sslRequestCert: true, sslCaFile: listenerTls.clientCa[0], sslCertFile, sslKeyFile };
      try {
        const strange = await test({ externalUserInfo: open });
        expect(strange).to.deep.include({ isOk: false, outcome: 'tls', status: null });
        expect(strange.message).to.include('sslCaFile');
        const known = await test({ externalUserInfo: { ...open, ...files } });
        expect(known).to.deep.include({ isOk: true, outcome: 'not-found', status: 404 });
      } finally {
        await server.stop();
      }
      const gone = await test({ externalUserInfo: { ...open, ...files } });
      expect(gone).to.deep.include({ isOk: false, outcome: 'connection', status: null });
    });
  });
}).timeout(30_000);
