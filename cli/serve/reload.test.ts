// Tests of `user-info reload` and SIGHUP: a running server reloads, and the result is reported.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { ask } from '../../tests/ask-server.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { type CliProcess, runCli, startCli } from '../../tests/run-cli.ts';

const configOf = (groups: string[], others: object = {}) =>
  JSON.stringify({
    listener: { port: 0 },
    administration: { port: 0 },
    authentication: { mode: 'none' },
    reload: { watch: false },
    source: { type: 'static', users: { ada: { groups } } },
    ...others,
  });

describe('user-info reload', () => {
  let file: string;
  let serving: CliProcess;
  let url: string;
  let administration: string;

  beforeEach(async () => {
    file = join(scratchDirectory(), 'user-info.json');
    writeFileSync(file, configOf(['first']));
    serving = startCli(['serve', '--config', file]);
    [, url = '', administration = ''] = await serving.printed(
      'stdout',
      /"url":"([^"]+)","administrationUrl":"([^"]+)"/,
    );
  });
  afterEach(async () => {
    serving.child.kill('SIGTERM');
    expect((await serving.ended()).exitCode).to.equal(0);
  });

  const groupsNow = async () => JSON.parse((await ask(`${url}?userid=ada`)).body).groups;

  it('waits for the new generation and names it', async () => {
    writeFileSync(file, configOf(['second']));
    const { exitCode, stdout, stderr } = await runCli(['reload', '--administration', administration]);
    expect([exitCode, stdout, stderr]).to.deep.equal([0, 'Reloaded: generation 2 is in use.\n', '']);
    expect(await groupsNow()).to.deep.equal([{ name: 'second' }]);
  });

  it('exits with 1 and reports every error when the configuration is rejected', async () => {
    writeFileSync(file, configOf(['second'], { deadlineMs: 1, shutdown: { drainMs: -1 } }));
    const { exitCode, stdout, stderr } = await runCli(['reload', '--administration', administration]);
    expect([exitCode, stdout]).to.deep.equal([1, '']);
    expect(stderr).to.match(
      /rejected the reload\. Generation 1 remains in use:\n.*user-info\.json:1:\d+ deadlineMs: .*\n.*shutdown\.drainMs: /,
    );
    expect(await groupsNow()).to.deep.equal([{ name: 'first' }]);
  });

  it('has the same effect as SIGHUP, whose outcome is in the log', async () => {
    writeFileSync(file, configOf(['second']));
    serving.child.kill('SIGHUP');
    await serving.printed('stdout', /"generation":2,"sourceKept":false,"msg":"reloaded"/);
    expect(await groupsNow()).to.deep.equal([{ name: 'second' }]);
    writeFileSync(file, '{');
    serving.child.kill('SIGHUP');
    const [line] = await serving.printed('stdout', /\{[^\n]*rejected[^\n]*\}/);
    expect(JSON.parse(line)).to.include({ level: 'error', generation: 2 });
    expect(JSON.parse(line).faults).to.have.length(1);
  });

  it('exits with 3 when no program or another program listens at the port', async () => {
    const other = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const otherUrl = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const outcome = await runCli(['reload', '--administration', otherUrl]);
    other.close();
    const nothing = await runCli(['reload', '--administration', otherUrl]);
    expect([nothing.exitCode, nothing.stderr]).to.deep.equal([
      3,
      `user-info: ${otherUrl}/reload: the administration listener does not respond (ECONNREFUSED). Start the server, and configure \`administration\`\n`,
    ]);
    expect([outcome.exitCode, outcome.stderr]).to.deep.equal([
      3,
      `user-info: ${otherUrl}/reload: the response (200) is not from an administration listener of user-info\n`,
    ]);
  });

  it('exits with 2 when the time limit would overflow a timer', async () => {
    const { exitCode, stderr } = await runCli(['reload', '--timeout-seconds', '2147484']);
    expect([exitCode, stderr.includes('Specify 1 to 99999 seconds.')], stderr).to.deep.equal([2, true]);
  });

  it('exits with 2 for a value that is not the URL of a listener', async () => {
    for (const wrong of ['127.0.0.1:9090', 'https://127.0.0.1:9090']) {
      expect((await runCli(['reload', '--administration', wrong])).exitCode, wrong).to.equal(2);
    }
  });
});
