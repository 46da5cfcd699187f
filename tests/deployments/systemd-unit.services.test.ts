// Tests the systemd unit with systemd's own tools, and the configuration next to it with files placed as the unit places them.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { scratchDirectory } from '../certificate-files.ts';
import { loadConfig } from '../start-server.ts';
import { deployments } from './render-chart.ts';

const run = promisify(execFile);
const unit = readFileSync(join(deployments, 'systemd/user-info.service'), 'utf8');

/** Maximum exposure on a scale of 0 to 10, according to `systemd-analyze security`; a unit without these options scores 9.6. */
const maxExposure = 1.2;

/** Writes a unit as it would be installed. @returns its path. */
function writeUnit(text: string): string {
  const file = join(scratchDirectory(), 'user-info.service');
  // Node is elsewhere on some machines, and the verification of a unit includes the program that the unit names.
  writeFileSync(file, text.replace('/usr/bin/node', process.execPath));
  return file;
}

async function exposureOf(text: string): Promise<number> {
  const { stdout } = await run('systemd-analyze', ['security', '--offline=yes', '--no-pager', writeUnit(text)]);
  return Number(/Overall exposure level for user-info\.service: ([\d.]+)/.exec(stdout)?.[1]);
}

describe('the systemd unit', () => {
  it('is accepted by systemd without a warning', async () => {
    const { stdout, stderr } = await run('systemd-analyze', ['verify', writeUnit(unit)]);
    expect(stdout + stderr).to.equal('');
  });

  it('is verified by a systemd version that warns about unknown settings', async () => {
    const misspelled = writeUnit(unit.replace('ProtectHome=', 'ProtectHouse='));
    const { stderr } = await run('systemd-analyze', ['verify', misspelled]);
    expect(stderr).to.include('ProtectHouse');
  });

  it(`leaves an exposure of at most ${maxExposure}`, async () => {
    expect(await exposureOf(unit)).to.be.at.most(maxExposure);
    expect(await exposureOf(unit.replace(/^(Protect|Private|Restrict).*\n/gm, ''))).to.be.greaterThan(maxExposure);
  });

  it('has a configuration that reads every secret from the systemd credentials path', () => {
    const directory = scratchDirectory();
    const credentials = [...unit.matchAll(/^LoadCredential=([^:]+):/gm)].map(([, name]) => name ?? '');
    const text = readFileSync(join(deployments, 'systemd/user-info.yaml'), 'utf8');
    const named = [...text.matchAll(/\/run\/credentials\/user-info\.service\/([\w.-]+)/g)].map(([, name]) => name);
    expect(named).to.have.members(credentials);
    for (const name of credentials) writeFileSync(join(directory, name), 'x', { mode: 0o600 });
    const file = join(directory, 'user-info.yaml');
    writeFileSync(file, text.replaceAll('/run/credentials/user-info.service/', `${directory}/`));
    writeFileSync(join(directory, 'immuta.hash'), '$2y$10$abcdefghijklmnopqrstuuUlRHm2sQfHLcYlqmCzZjUjJXwWq3dG2');
    expect(loadConfig(file, {}).listener.tls?.key).to.equal(join(directory, 'server-key.pem'));
  });
});
