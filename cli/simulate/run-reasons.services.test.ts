// Tests that each report of a run contains the reason why a user could not be retrieved.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openSimulator } from '../../simulator/open-simulator.ts';
import { type ChangingEndpoint, startChangingEndpoint } from '../../simulator/sync/testing/changing-endpoint.ts';
import { createSimulatorShell } from '../testing/simulator-shell.ts';

const location = 'https://login.example.com/sso?user=bob';
const redirect = 'other-status (status 302, a redirect to https://login.example.com)';
const comma =
  'invalid-body (the body is not JSON: trailing comma at line 1, column 33; JSON allows no comma before a closing bracket)';
const pointer = 'invalid-body (/authorizations/region: expected an array, found a string)';

describe('the reason of a failure', function () {
  this.timeout(60_000);
  let endpoint: ChangingEndpoint;
  const bodies: Readonly<Record<string, string>> = {
    ada: '{"groups":[],"authorizations":{},}',
    eve: '{"groups":[],"authorizations":{"region":"emea"}}',
    kim: '{"groups":[],"authorizations":{}}',
  };

  beforeEach(async () => {
    endpoint = await startChangingEndpoint();
    endpoint.handler = (_request, response, userid) => {
      const body = bodies[userid];
      if (body === undefined) response.writeHead(302, { location }).end();
      else response.end(body);
    };
  });
  afterEach(() => endpoint.close());

  it('is part of the text, JSON, CSV and HTML of a run and of its differences', async () => {
    const shell = createSimulatorShell();
    shell.createOkta(endpoint.uri);
    const users = shell.write('users.csv', 'userid\nada\nbob\neve\nkim\n');
    const expected = shell.write('expected.yaml', 'bob: { groups: [], authorizations: {} }\n');
    const reports = ['html', 'csv', 'json'].map((format) => `--report=${format}=${join(shell.directory, format)}`);
    const { stdout, exitCode } = await shell.run('sync', 'okta', '--users', users, '--expect', expected, ...reports);
    expect(exitCode).to.equal(1);
    const rows = stdout.split('\n').filter((line) => /^(ada|bob|eve) /.test(line));
    expect(rows.map((line) => line.replace(/ {2,}/, ' '))).to.deep.equal([
      `ada ${comma}`,
      `bob ${redirect}`,
      `eve ${pointer}`,
    ]);
    expect(stdout).to.include(`bob\n    answered → ${redirect}\n`);
    const read = (format: string) => readFileSync(join(shell.directory, format), 'utf8');
    expect(read('csv')).to.include(
      'eve,invalid-body,200,gained,user,,,"/authorizations/region: expected an array, found a string"\r\n',
    );
    expect(read('html')).to.include(redirect).and.to.include(comma);
    expect(JSON.parse(read('json')).users[1]).to.include({
      userid: 'bob',
      outcome: 'other-status',
      status: 302,
      detail: 'status 302, a redirect to https://login.example.com',
    });
    expect(stdout + read('csv') + read('html') + read('json')).not.to.include('/sso');
  });

  it('is counted when there are too many users for the table', async () => {
    const shell = createSimulatorShell();
    shell.createOkta(endpoint.uri);
    const names = Array.from({ length: 30 }, (_, user) => `u${user}`);
    const users = shell.write('users.csv', ['userid', ...names, 'ada'].join('\n'));
    const { stdout } = await shell.run('sync', 'okta', '--users', users);
    const counted = stdout.slice(stdout.indexOf('\nfailure')).split('\n').slice(1, 4);
    expect(counted.map((line) => line.replace(/ {2,}/, ' '))).to.deep.equal([
      'failure users',
      `${redirect} 30`,
      `${comma} 1`,
    ]);
  });

  it('is part of the output of a login that applies nothing', async () => {
    const shell = createSimulatorShell();
    shell.createOkta(endpoint.uri);
    expect((await shell.run('login', 'okta', 'ada', '--dry-run')).stdout).to.include(comma);
  });

  it('may be missing from a record written by an older version', () => {
    const simulator = openSimulator(null);
    try {
      simulator.db.run(
        "INSERT INTO runs (iam, actor, scope, source, source_hash, dry_run, phase, started_at, settings) VALUES ('okta', 'qa', 'all', 'store', '', 0, 'done', '', '{}')",
      );
      simulator.db.run(
        "INSERT INTO run_users (run_id, userid, outcome, status) VALUES (1, 'ada', 'server-error', 503)",
      );
      expect(simulator.runs.find(1, 'ada')).to.include({ outcome: 'server-error', detail: null });
    } finally {
      simulator.close();
    }
  });
});
