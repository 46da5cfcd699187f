// Tests of `user-info simulate` as a process with our server and a CSV source: text, JSON, files and exit codes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openSimulator } from '../../simulator/open-simulator.ts';
import { type ChangingEndpoint, startChangingEndpoint } from '../../simulator/sync/testing/changing-endpoint.ts';
import { type CliOutcome, startCli } from '../../tests/run-cli.ts';
import { startTestServer, type TestServer } from '../../tests/test-server.ts';
import { createSimulatorShell, type SimulatorShell } from '../testing/simulator-shell.ts';

describe('user-info simulate', () => {
  let shell: SimulatorShell;
  beforeEach(() => {
    shell = createSimulatorShell();
  });

  const write: SimulatorShell['write'] = (name, text) => shell.write(name, text);
  const simulate: SimulatorShell['run'] = (...args) => shell.run(...args);
  const succeed: SimulatorShell['succeed'] = (...args) => shell.succeed(...args);
  const inStore: SimulatorShell['inStore'] = (work) => shell.inStore(work);
  const createOkta: SimulatorShell['createOkta'] = (uri, others) => shell.createOkta(uri, others);
  const createUser = (userid: string, permissions: string[] = []) =>
    inStore(({ identities }) => identities.users.create({ userid, name: userid, permissions }, 'test'));
  const viewOkta = (userid: string) => inStore(({ identities }) => identities.users.view({ iam: 'okta', userid }));
  const usersOfOkta = () => inStore(({ identities }) => identities.users.list({ iam: 'okta', includeDisabled: true }));
  const settingsOf = (uri: string, others: object = {}) =>
    write('okta.json', JSON.stringify({ externalUserInfo: { uri }, ...others }));

  describe('identities', () => {
    it('are created, changed and shown, and the audit log names the author of the creation', async () => {
      createUser('admin@example.com', ['USER_ADMIN']);
      await succeed('users', 'create', 'ada@example.com', '--name', 'Ada', '--as', 'admin@example.com');
      await succeed('groups', 'create', 'analysts', '--description', 'Those who count');
      await succeed('groups', 'add-member', 'analysts', 'ada@example.com');
      await succeed('attributes', 'add', 'region', 'emea', '--group', 'analysts');
      const shown = await succeed('users', 'show', 'ada@example.com');
      expect(shown)
        .to.match(/^analysts +bim +platform$/m)
        .and.to.match(/^region +emea +bim +group analysts$/m);
      expect(await succeed('groups', 'show', 'analysts')).to.match(/^ada@example\.com +bim +platform$/m);
      const [created] = JSON.parse(await succeed('audit', '--target', 'ada@example.com', '--json')).hits;
      expect(created).to.deep.include({ by: 'admin@example.com', action: 'UserCreated' });
    });

    it('are named as the IAM stores them, when created by hand or migrated, and in the summary of a migrating run', async () => {
      const settings = {
        externalUserInfo: { uri: 'http://127.0.0.1:1/user-info' },
        ...{ normalizeUserId: true, migrateFrom: 'bim' },
      };
      inStore(({ identities }) => identities.iams.create({ id: 'okta', name: 'Okta', type: 'okta', settings }, 'test'));
      expect(await succeed('users', 'create', 'Eve', '--name', 'Eve', '--iam', 'okta')).to.equal('Created user eve.\n');
      for (const userid of ['ada@example.com', 'bob@example.com']) createUser(userid);
      expect(
        await succeed('users', 'migrate', 'ada@example.com', '--to', 'okta', '--userid', 'Ada@Example.com'),
      ).to.equal('Migrated ada@example.com to okta.\n');
      const { stdout } = await simulate('login', 'okta', 'BOB@example.com');
      expect(stdout).to.include('1 created (1 of them migrated from the built-in IAM), 0 changed');
    });

    it('are changed only on behalf of a user with USER_ADMIN', async () => {
      createUser('bob@example.com');
      const { exitCode, stderr } = await simulate('users', 'disable', 'bob@example.com', '--as', 'bob@example.com');
      expect([exitCode, stderr]).to.deep.equal([
        1,
        'user-info: bob@example.com is not allowed to do this. This action requires an enabled user with the permission USER_ADMIN.\n',
      ]);
    });

    it('are neither changed nor searched by a command with missing or invalid options', async () => {
      createUser('bob@example.com');
      for (const [args, words] of [
        [['users', 'edit', 'bob@example.com'], 'Nothing to change. Specify --name or --email.'],
        [['groups', 'edit', 'analysts'], 'Nothing to change. Specify --name, --description or --email.'],
        [['users', 'create', 'ada', '--name', 'Ada'], 'ada is not an e-mail address. Use the form ada@example.com.'],
        [['groups', 'create', 'g', '--email', 'none'], 'none is not an e-mail address. Use the form ada@example.com.'],
        [['audit', '--action', 'UserDelete'], 'UserDeleted'],
      ] as const) {
        const { exitCode, stderr } = await simulate(...args);
        expect([exitCode, stderr.includes(words)], stderr).to.deep.equal([2, true]);
      }
    });

    it('are permanently deleted only with both confirmations', async () => {
      createUser('bob@example.com');
      const once = await simulate('users', 'delete', 'bob@example.com', '--confirm');
      expect([once.exitCode, once.stderr]).to.deep.equal([
        1,
        'user-info: A user is permanently deleted only after two confirmations. Add --confirm and --type Delete.\n',
      ]);
      expect(await succeed('users', 'delete', 'bob@example.com', '--confirm', '--type', 'Delete')).to.include(
        'Permanently deleted',
      );
      expect(inStore(({ identities }) => identities.users.list({})).count).to.equal(0);
    });

    it('are listed only for an existing IAM', async () => {
      for (const listed of ['users', 'groups', 'attributes']) {
        expect((await simulate(listed, 'list', '--iam', 'bim')).exitCode, listed).to.equal(0);
        const { exitCode, stdout, stderr } = await simulate(listed, 'list', '--iam', 'otka');
        expect([exitCode, stdout, stderr], listed).to.deep.equal([1, '', 'user-info: There is no IAM otka.\n']);
      }
    });

    it('are shown with control and format characters escaped', async () => {
      inStore(({ identities }) => identities.groups.create({ name: 'red \u001b[31m \u202e' }, 'test'));
      const listed = await succeed('groups', 'list');
      expect(listed).to.include('red \\u{1b}[31m \\u{202e}');
      expect(JSON.parse(await succeed('groups', 'list', '--json')).hits[0].name).to.equal('red \u001b[31m \u202e');
    });
  });

  it('exits with 3 while another command uses the file, and with 2 for a file of another program', async () => {
    const simulator = openSimulator(shell.store);
    const busy = await simulate('users', 'list');
    simulator.close();
    expect(busy.exitCode).to.equal(3);
    expect(busy.stderr).to.include(`in use by the process ${process.pid}`);
    writeFileSync(shell.store, 'userid,groups\n'.repeat(100));
    expect((await simulate('users', 'list')).exitCode).to.equal(2);
  });

  it('rejects settings with every error and its position, before anything is created', async () => {
    const file = write(
      'okta.yaml',
      'externalUserInfo:\n  uri: https://a.example\n  useSsl: true\nsync: { pageSize: 0 }\n',
    );
    const { exitCode, stderr } = await simulate('iam', 'create', 'okta', '--type', 'saml', '--settings', file);
    expect(exitCode).to.equal(2);
    expect(stderr).to.match(/okta\.yaml:3:3 externalUserInfo\.useSsl: unknown option; did you mean "useSSL"\?/);
    expect(stderr).to.match(/okta\.yaml:4:\d+ sync\.pageSize: must be ≥ 1/);
    const unlike = settingsOf('https://a.example/user-info', { guesses: {} });
    const second = await simulate('iam', 'create', 'okta', '--type', 'saml', '--settings', unlike);
    expect([second.exitCode, second.stderr]).to.deep.equal([
      2,
      'user-info: externalUserInfo.useSSL must be true with this uri.\n',
    ]);
  });

  it('finds the files of the settings relative to their directory', async () => {
    mkdirSync(join(shell.directory, 'secrets'));
    write('secrets/password', 's3cret\n');
    const file = write(
      'okta.yaml',
      'externalUserInfo:\n  uri: http://127.0.0.1:1/u\n  useAuth: true\n  authentication: { username: a, passwordFile: secrets/password }\n',
    );
    await succeed('iam', 'create', 'okta', '--type', 'saml', '--settings', file);
    const shown = JSON.parse(await succeed('iam', 'show', 'okta'));
    expect(shown.settings.externalUserInfo.authentication.passwordFile).to.equal(
      join(shell.directory, 'secrets/password'),
    );
    expect(shown.settings.guesses).to.deep.include({ onNotFound: 'keep', timeoutMs: 10000 });
  });

  describe('a sync against our server with a CSV source', () => {
    let server: TestServer;
    let sourceFile: string;
    const people = (...rows: string[]) => `${['userid,groups,region', ...rows].join('\n')}\n`;

    beforeEach(async () => {
      sourceFile = write('source.csv', people('ada,analysts|staff,emea', 'bob,staff,apac', 'eve,staff,'));
      server = await startTestServer({
        source: {
          type: 'csv',
          path: sourceFile,
          columns: {
            userid: 'userid',
            groups: [{ column: 'groups', separator: '|' }],
            authorizations: [{ column: 'region' }],
          },
        },
      });
      createOkta(server.url);
    });
    afterEach(() => server.stop());

    const usersFile = (...userids: string[]) => write('users.csv', `userid\n${userids.join('\n')}\n`);

    it('shows what it would do, does it, and compares it with the expectations', async () => {
      const list = usersFile('ada', 'bob', 'eve');
      const dry = await succeed('sync', 'okta', '--users', list, '--dry-run');
      expect(dry).to.include('Run 1 of okta: dry run, nothing was applied.').and.to.include('3 created');
      expect(usersOfOkta().count).to.equal(0);

      const expected = write(
        'expected.yaml',
        `ada: { groups: [{ name: analysts }, { name: staff }], authorizations: { region: [emea] } }
bob: { groups: [{ name: staff }], authorizations: { region: [apac] } }
`,
      );
      const applied = await succeed('sync', 'okta', '--users', list, '--expect', expected);
      expect(applied).to.match(/3 users requested, 3 answered\.\n {2}3 created, 0 changed/);
      expect(applied)
        .to.match(/^staff +\+3 +-0$/m)
        .and.to.include('All as expected.');
      expect(applied)
        .to.include('onNotFound keep')
        .and.to.match(/Response times: p50 [\d.]+ ms/);

      write(
        'expected.yaml',
        'ada: { groups: [{ name: staff }, { name: board }], authorizations: {} }\nzoe: { groups: [], authorizations: {} }\n',
      );
      const differs = await simulate('sync', 'okta', '--expect', expected);
      expect(differs.exitCode).to.equal(1);
      expect(differs.stdout).to.include(
        'Not as expected: 2 users\n  ada\n    - group board\n    + group analysts\n    + region: emea\n  zoe: missing\n',
      );
      expect(await succeed('diff', '1', '2')).to.equal(
        'All the same.\nRun 1: the endpoint returned user info for 3 of 3 users.\nRun 2: the endpoint returned user info for 3 of 3 users.\n',
      );
    });

    it('fails when a user is not found, unless that failure is tolerated', async () => {
      const list = usersFile('ada', 'nobody');
      const failed = await simulate('sync', 'okta', '--users', list);
      expect(failed.exitCode).to.equal(1);
      expect(failed.stdout)
        .to.include('2 users requested, 1 answered, 1 not-found.')
        .and.to.match(/^nobody +not-found \(status 404\)$/m);
      await succeed('sync', 'okta', '--users', list, '--tolerate', 'not-found');
      const wrong = await simulate('sync', 'okta', '--tolerate', 'not-fuond');
      expect([wrong.exitCode, wrong.stderr.includes('Known kinds: not-found, ')]).to.deep.equal([2, true]);
    });

    it('is stopped by the guard, and continues when the losses are accepted', async () => {
      await succeed('sync', 'okta', '--users', usersFile('ada', 'bob', 'eve'));
      const stopped = await simulate('sync', 'okta', '--users', usersFile('ada'), '--json');
      expect(stopped.exitCode).to.equal(1);
      const report = JSON.parse(stopped.stdout);
      expect(report).to.deep.include({ ending: 'stopped', phase: 'evaluated' });
      expect(report.summary.stopped).to.deep.equal([
        '2 of 3 enabled users (66.67%) would lose access; blastRadius.maxLosingPercent allows 20%.',
      ]);
      expect(report.users.map(({ userid }: { userid: string }) => userid)).to.deep.equal(['bob', 'eve']);
      const applied = await succeed('sync', 'okta', '--resume', '2', '--accept-losses', '2');
      expect(applied).to.include('Run 2 of okta: applied.');
      expect(applied).to.include('  The guard stopped the run, and operator accepted it:\n    2 of 3 enabled users');
      expect(viewOkta('eve').user.disabled).to.equal(true);
      const difference = await simulate('diff', '1', '2');
      expect([difference.exitCode, difference.stdout]).to.deep.equal([
        1,
        'Not the same: 2 users\n  bob\n    answered → gone\n    + disabled\n  eve\n    answered → gone\n    + disabled\n' +
          'Run 1: the endpoint returned user info for 3 of 3 users.\nRun 2: the endpoint returned user info for 1 of 1 user.\n',
      ]);
    });

    it('logs a user in, and tests a login without changing anything', async () => {
      expect(await succeed('login', 'okta', 'ada', '--dry-run')).to.include('1 created');
      expect(usersOfOkta().count).to.equal(0);
      expect(await succeed('login', 'okta', 'ada')).to.include('ada is logged in.');
      expect(viewOkta('ada').groups.map(({ name }) => name)).to.deep.equal(['analysts', 'staff']);
      inStore(({ identities }) => identities.users.setDisabled({ iam: 'okta', userid: 'ada' }, true, 'test'));
      const refused = await simulate('login', 'okta', 'ada');
      expect([refused.exitCode, refused.stdout.includes('ada is refused.')]).to.deep.equal([1, true]);
    });

    it("reads the identity provider's own attributes from the list, and users from LDIF", async () => {
      const ldif = write('list.ldif', 'dn: uid=bob,dc=x\nuid: bob\ncn: Bob B.\n\ndn: ou=people,dc=x\nou: people\n\n');
      await succeed('sync', 'okta', '--users', ldif, '--userid-column', 'uid');
      expect(viewOkta('bob').user.name).to.equal('Bob B.');
      const list = write(
        'list.csv',
        'login,name,group,attribute,value\nada,Ada L.,directory,site,bern\nada,,,site,basel\n',
      );
      await succeed('sync', 'okta', '--users', list, '--userid-column', 'login', '--accept-losses', '1');
      const shown = await succeed('users', 'show', 'ada', '--iam', 'okta');
      expect(shown)
        .to.match(/^name +Ada L\.$/m)
        .and.to.match(/^directory +okta +identity-provider$/m);
      expect(shown)
        .to.match(/^site +basel +okta +identity-provider$/m)
        .and.to.match(/^region +emea +okta +endpoint$/m);
    });
  });

  describe('a sync that is interrupted', () => {
    const names = Array.from({ length: 30 }, (_, index) => `user${index}`);
    let endpoint: ChangingEndpoint;
    beforeEach(async () => {
      endpoint = await startChangingEndpoint();
      for (const userid of names) endpoint.users.set(userid, { groups: ['staff'] });
      createOkta(endpoint.uri, { sync: { pageSize: 5, concurrency: 2, maxFailuresInARow: 5 } });
      write('users.csv', `userid\n${names.join('\n')}\n`);
    });
    afterEach(() => endpoint.close());

    const args = (...more: string[]) => ['sync', 'okta', '--users', join(shell.directory, 'users.csv'), ...more];
    const askedUsers = () => endpoint.requests.map(({ target }) => target.split('=')[1] ?? '');

    /** Sends the signal when the 17th user is requested; that request never gets a response. */
    async function endWith(signal: NodeJS.Signals): Promise<CliOutcome & { readonly signal: NodeJS.Signals | null }> {
      const running = startCli(['simulate', ...args(), '--store', shell.store]);
      endpoint.handler = (_request, response) => {
        if (endpoint.requests.length === 17) running.child.kill(signal);
        if (endpoint.requests.length < 17) response.end('{"groups":[{"name":"staff"}],"authorizations":{}}');
      };
      const outcome = await running.ended();
      endpoint.handler = null;
      return { ...outcome, signal: running.child.signalCode };
    }

    async function goOn(): Promise<void> {
      const first = askedUsers();
      endpoint.requests.length = 0;
      const resumed = await succeed('sync', 'okta', '--resume', '1');
      expect(resumed).to.include('Run 1 of okta: applied.').and.to.include('30 users requested, 30 answered');
      expect(new Set([...first, ...askedUsers()]).size, 'none is left out').to.equal(30);
      const members = inStore(({ identities }) => identities.groups.members({ iam: 'okta', name: 'staff' }));
      expect(members).to.have.lengthOf(30);
    }

    it('by SIGINT explains how to resume, is terminated by the signal, and keeps evaluated responses', async () => {
      const { stdout, signal } = await endWith('SIGINT');
      expect(signal).to.equal('SIGINT');
      expect(stdout)
        .to.include('Run 1 of okta: interrupted.')
        .and.to.include('To resume it: user-info simulate sync okta --resume 1\n');
      await goOn();
      // Two requests were in flight, and up to two responses were not evaluated yet.
      expect(askedUsers().length).to.be.within(14, 17);
    });

    it('by SIGKILL loses at most the incomplete page, applies nothing, and can be resumed', async () => {
      expect((await endWith('SIGKILL')).signal).to.equal('SIGKILL');
      expect(usersOfOkta().count).to.equal(0);
      expect(await succeed('runs', 'list')).to.match(/^1 +okta .* interrupted/m);
      await goOn();
      expect(askedUsers().length).to.be.within(14, 20);
    });

    it('exits with 3 when the endpoint is unreachable', async () => {
      endpoint.handler = ({ socket }) => socket.destroy();
      const { exitCode, stdout } = await simulate(...args());
      expect([exitCode, stdout.includes('5 connection')]).to.deep.equal([3, true]);
    });
  });
  // Each test starts several processes, on a machine that may be busy.
}).timeout(120_000);
