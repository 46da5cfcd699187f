// Tests of IAMs over the REST API. They cover adding an IAM with its password and PEM files, permissions, and secrets that must never be returned or
// left behind.
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { certificateFiles, scratchDirectory } from '../../tests/certificate-files.ts';
import { openSimulator, type Simulator } from '../open-simulator.ts';
import { createApiClient } from './testing/api-client.ts';
import { startTestApi, type TestApi } from './testing/start-test-api.ts';

describe('IAMs in the REST API of the simulator', () => {
  let directory: string;
  let simulator: Simulator;
  let server: TestApi;
  let endpoint: Server;
  let uri: string;
  let call: ReturnType<typeof createApiClient>;
  let pem: { sslKey: string; sslCert: string; sslCa: string };
  let seen: string[];

  beforeEach(async () => {
    const { good } = await certificateFiles();
    pem = { sslKey: good.client.key, sslCert: good.client.certificate, sslCa: good.ca.certificate };
    seen = [];
    const tls = { cert: good.server.certificate, key: good.server.key, ca: good.ca.certificate, requestCert: true };
    endpoint = createServer(tls, (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      seen.push(`${subject?.CN} ${Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64')}`);
      response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    await once(endpoint, 'listening');
    uri = `https://localhost:${(endpoint.address() as AddressInfo).port}/user-info`;
    directory = scratchDirectory();
    simulator = openSimulator(join(directory, 'simulator.db'));
    simulator.identities.users.create({ userid: 'admin@example.com', name: 'A', permissions: ['USER_ADMIN'] }, 'test');
    server = await startTestApi(simulator);
    call = createApiClient(server.url, simulator.apiKeys.create({ iam: 'bim', userid: 'admin@example.com' }, 'x', 'x'));
  });
  afterEach(async () => {
    await server.close();
    simulator.close();
    endpoint.close();
    endpoint.closeAllConnections();
  });

  const secretsDirectory = () => join(directory, 'simulator.db.secrets');
  const secretFiles = () => {
    mkdirSync(secretsDirectory(), { recursive: true });
    return readdirSync(secretsDirectory());
  };
  const settings = () => ({
    externalUserInfo: {
      uri,
      useAuth: true,
      authentication: { username: 'immuta' },
      useSSL: true,
      sslRequestCert: true,
    },
  });
  const password = 'correct horse battery staple';
  const add = () =>
    call('post', '/bim/iam', { id: 'okta', type: 'saml', settings: settings(), secrets: { ...pem, password } });

  it('are added with a password and PEM files, which are used for the endpoint, and which only their owner may read', async () => {
    const { status, body } = await add();
    expect([status, body.id, body.type]).to.deep.equal([200, 'okta', 'saml']);
    const tested = await call('post', '/simulator/iams/okta/test-connection', {});
    expect(tested.body, tested.body.message).to.include({ isOk: true, status: 404 });
    const { good } = await certificateFiles();
    expect(seen[0]).to.match(new RegExp(`^\\S+ immuta:${password}$`));
    expect(good.client.certificate).to.equal(readFileSync(body.settings.externalUserInfo.sslCertFile, 'utf8'));
    expect(statSync(secretsDirectory()).mode & 0o777).to.equal(0o700);
    expect(secretFiles().map((name) => statSync(join(secretsDirectory(), name)).mode & 0o777)).to.deep.equal(
      Array(4).fill(0o600),
    );
    const shown = await Promise.all(
      ['/simulator/iams/okta', '/simulator/audit', '/bim/iam'].map(async (path) => (await call('get', path)).body),
    );
    const text = JSON.stringify([body, tested.body, ...shown]);
    expect(text).not.to.include(password).and.not.include('BEGIN');
    expect(JSON.stringify(simulator.db.all('SELECT * FROM iams'))).not.to.include(password);
  });

  it('keep a secret until another is given, and keep no replaced or rejected secret', async () => {
    await add();
    const before = secretFiles();
    const patch = (change: object) => call('patch', '/simulator/iams/okta', change);
    expect((await patch({ settings: { guesses: { retries: 1 } } })).status).to.equal(200);
    expect(secretFiles()).to.deep.equal(before);
    expect((await patch({ secrets: { password: 'another one' } })).status).to.equal(200);
    expect(secretFiles()).to.have.length(4).and.not.deep.equal(before);
    const kept = secretFiles();
    for (const [secrets, message] of [
      [{ sslKey: 'nothing' }, 'The SSL key file is not an unencrypted private key in PEM format.'],
      [{ sslCert: pem.sslKey }, 'The SSL cert file is not a certificate in PEM format.'],
      [{ sslCa: 'nothing' }, 'The SSL CA file is not a certificate in PEM format.'],
      [{ sslCert: pem.sslCa, sslKey: pem.sslKey }, 'does not match the SSL cert file'],
    ] as const) {
      const refused = await patch({ secrets });
      expect([refused.status, refused.body.message.includes(message)], message).to.deep.equal([400, true]);
    }
    expect((await patch({ secrets: { password: 'x' }, settings: { sync: { cronRule: 'no' } } })).status).to.equal(409);
    expect((await patch({ secrets: { password: 'x' }, defaultPermissions: ['NONE'] })).status).to.equal(404);
    expect(secretFiles()).to.deep.equal(kept);
    expect((await call('delete', '/simulator/iams/okta')).status).to.equal(204);
    expect(secretFiles()).to.deep.equal([]);
  });

  it('never send stored secrets to another server: the secrets must be given again with the address of that server', async () => {
    await add();
    const other = { settings: { externalUserInfo: { uri: 'https://other.example.com/user-info' } } };
    const refused = await call('patch', '/simulator/iams/okta', other);
    const server = new URL(uri).origin;
    const again = (option: string, what: string) =>
      `externalUserInfo.${option}: the stored ${what} was given for ${server}. Specify it again for https://other.example.com.`;
    const files = ['sslKeyFile', 'sslCertFile', 'sslCaFile'].map((option) => again(option, 'file'));
    expect([refused.status, refused.body.message.split('\n')]).to.deep.equal([
      409,
      [again('authentication.passwordFile', 'password'), ...files],
    ]);
    const withPassword = await call('patch', '/simulator/iams/okta', { ...other, secrets: { password } });
    expect([withPassword.status, withPassword.body.message.split('\n')]).to.deep.equal([409, files]);
    expect((await call('patch', '/simulator/iams/okta', { ...other, secrets: { ...pem, password } })).status).to.equal(
      200,
    );
    const reference = { externalUserInfo: { authentication: { passwordFile: '/etc/hostname' } } };
    expect((await call('patch', '/simulator/iams/okta', { settings: reference })).status).to.equal(409);
  });

  it('keep the password and the CA of an LDAP directory, and require them again when its server changes', async () => {
    const url = 'ldaps://ldap.example.com/dc=x?uid';
    const patch = (userList: object, secrets?: object) =>
      call('patch', '/simulator/iams/okta', { settings: { userList }, ...(secrets && { secrets }) });
    await call('post', '/bim/iam', {
      id: 'okta',
      type: 'ldap',
      settings: { externalUserInfo: { uri: 'http://127.0.0.1:1/' } },
    });
    const ldap = { bindPassword: password, ldapCa: pem.sslCa };
    const { status, body } = await patch({ url, bindDn: 'cn=reader' }, ldap);
    expect(status, body.message).to.equal(200);
    const { bindPasswordFile, caFile } = body.settings.userList;
    expect([bindPasswordFile, caFile].map((file) => readFileSync(file, 'utf8'))).to.deep.equal([password, pem.sslCa]);
    expect([bindPasswordFile, caFile].map((file) => statSync(file).mode & 0o777)).to.deep.equal([0o600, 0o600]);
    expect(JSON.stringify([body, (await call('get', '/simulator/audit')).body])).not.to.include(password);
    expect((await patch({ url: 'ldaps://ldap.example.com/dc=y' })).status).to.equal(200);

    const other = 'ldaps://ldap.example.com:1636/dc=x';
    const again = (option: string, what: string) =>
      `userList.${option}: the stored ${what} was given for ldaps://ldap.example.com. Specify it again for ldaps://ldap.example.com:1636.`;
    for (const [secrets, lines] of [
      [undefined, [again('bindPasswordFile', 'password'), again('caFile', 'file')]],
      [{ ldapCa: pem.sslCa }, [again('bindPasswordFile', 'password')]],
      [{ bindPassword: password }, [again('caFile', 'file')]],
    ] as const) {
      const refused = await patch({ url: other }, secrets);
      expect([refused.status, refused.body.message.split('\n')]).to.deep.equal([409, lines]);
    }
    for (const server of ['ldaps://elsewhere.example.com', 'ldap://ldap.example.com']) {
      const moved = await patch({ url: `${server}/dc=x` });
      expect([moved.status, moved.body.message.includes(`Specify it again for ${server}.`)]).to.deep.equal([409, true]);
    }
    const tested = await call('post', '/simulator/iams/okta/test-user-list', {
      settings: { ...body.settings, userList: { ...body.settings.userList, url: other } },
    });
    expect(tested.status).to.equal(409);
    expect((await patch({ url: other, caFile: null }, { bindPassword: 'another one' })).status).to.equal(200);
    expect(secretFiles()).to.have.length(1);
    expect((await patch({ url: 'ldap://ldap.example.com/dc=x' }, { bindPassword: password })).body.message).to.include(
      'userList.url must begin with ldaps://',
    );
    expect((await patch({}, { ldapCa: 'nothing' })).body.message).to.equal(
      'The CA file of the user list is not a certificate in PEM format. Choose another file.',
    );
    expect(secretFiles()).to.have.length(1);
  });

  it('grant permissions by default and to existing groups, and are created completely or not at all', async () => {
    await add();
    simulator.identities.groups.create({ iam: 'okta', name: 'stewards' }, 'test');
    const given = { defaultPermissions: ['CREATE_PROJECT'], groupPermissions: { stewards: ['GOVERNANCE'] } };
    const { body } = await call('patch', '/simulator/iams/okta', given);
    expect(body).to.deep.include(given);
    const unknown = await call('patch', '/simulator/iams/okta', { groupPermissions: { steward: ['AUDIT'] } });
    expect([unknown.status, unknown.body.message]).to.deep.equal([
      404,
      'The IAM okta has no group steward. Create it, or let a sync create it, before you grant it permissions.',
    ]);
    const removed = await call('patch', '/simulator/iams/okta', { groupPermissions: { stewards: [], gone: [] } });
    expect(removed.body.groupPermissions).to.deep.equal({});
    const half = {
      id: 'ldap',
      type: 'ldap',
      settings: { externalUserInfo: { uri: 'ftp://x' } },
      secrets: { password },
    };
    const files = secretFiles();
    expect((await call('post', '/bim/iam', half)).status).to.equal(409);
    expect((await call('get', '/bim/iam')).body.map(({ id }: { id: string }) => id)).to.deep.equal(['bim', 'okta']);
    expect(secretFiles()).to.deep.equal(files);
    expect((await add()).status).to.equal(409);
  });
}).timeout(60_000);
