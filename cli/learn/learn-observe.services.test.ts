// Tests `user-info learn observe` as a process: serves as usual, and writes a profile without names, addresses and secrets.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import type { PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { runCli, startCli } from '../../tests/run-cli.ts';

const canary = 'canary';

describe('user-info learn observe', () => {
  const directory = scratchDirectory();
  const inDirectory = (name: string) => join(directory, name);

  it('responds as the server does, and writes the facts of the requests when it is stopped', async () => {
    writeFileSync(inDirectory('users.csv'), `userid,group\n${canary}@x,staff\n`);
    writeFileSync(
      inDirectory('config.yaml'),
      `authentication: { mode: none }\nlistener: { host: 127.0.0.1, port: 0 }\nsource: { type: csv, path: users.csv, columns: { userid: userid, groups: [{ column: group }] } }\n`,
    );
    const out = inDirectory('observed.yaml');
    const args = [
      'learn',
      'observe',
      '--config',
      inDirectory('config.yaml'),
      '--out',
      out,
      '--platform-version',
      'Tried 1',
      '--intermediary',
      'yes',
    ];
    const observing = startCli(args);
    const [, url = ''] = await observing.printed('stdout', /(http:\/\/127\.0\.0\.1:\d+\/[\w/-]*)/);
    for (const userid of [`${canary}%40x`, 'no%20body', 'no%20body', 'no%20body']) {
      const { status } = await fetch(`${url}?userid=${userid}`);
      expect(status).to.equal(userid.startsWith(canary) ? 200 : 404);
    }
    observing.child.kill('SIGINT');
    const { exitCode, stdout } = await observing.ended();
    expect([exitCode, stdout.includes(`4 requests were observed. The results are in ${out}.`)]).to.deep.equal([
      0,
      true,
    ]);
    const text = readFileSync(out, 'utf8');
    expect(text).to.not.match(new RegExp(`${canary}|127\\.0\\.0\\.1|localhost`));
    const { platform, facts, connection, repeats }: PlatformProfile = parse(text);
    expect(platform).to.equal('Tried 1');
    expect(facts.spaceAs).to.include({ determined: 'measured', value: '%20' });
    expect(facts.basicWithoutChallenge?.reason).to.equal(
      'No request with credentials received a response with 200 or 404.',
    );
    expect(connection.reusesConnections).to.include({ determined: 'measured', value: true });
    expect(connection.intermediary).to.deep.include({ determined: 'answered', value: true });
    expect(connection.httpVersions).to.include({ throughIntermediary: true });
    expect(connection.order?.reason).to.equal('No synchronization of 10 users or more was seen.');
    expect(repeats?.observed?.reason).to.equal(
      'No request failed, or the observation ended less than a minute after the failure.',
    );
    const report = await runCli(['learn', 'report', out]);
    expect(report.exitCode).to.equal(0);
    expect(report.stdout).to.include('- HTTP versions: 1.1, seen through an intermediary\n');
    expect(report.stdout).to.include('- At sign in a user name: %40\n');
  });

  it('rejects an invalid configuration and an invalid duration', async () => {
    writeFileSync(inDirectory('wrong.yaml'), 'source: { type: csv }\n');
    const wrong = await runCli(['learn', 'observe', '--config', inDirectory('wrong.yaml')]);
    expect([wrong.exitCode, wrong.stderr.includes('wrong.yaml')]).to.deep.equal([2, true]);
    const seconds = await runCli(['learn', 'observe', '--config', inDirectory('wrong.yaml'), '--seconds', '0']);
    expect([seconds.exitCode, seconds.stderr]).to.deep.equal([
      2,
      'user-info: --seconds must be a whole number from 1 to 86400.\n',
    ]);
  });
});
