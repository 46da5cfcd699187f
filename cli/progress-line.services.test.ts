// Tests of the progress line on a real terminal, provided by `script`, and of its absence elsewhere.
import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { RunningEndpoint } from '../conformance/faults/conformant-endpoint.ts';
import { startFixture } from '../conformance/testing/fixture.ts';
import { builtProgram } from '../tests/built-program.ts';
import { runCli } from '../tests/run-cli.ts';

describe('the progress line', function () {
  this.timeout(60_000);
  let endpoint: RunningEndpoint;
  let asked = 0;
  let pauseMs = 300;
  beforeEach(async () => {
    asked = 0;
    pauseMs = 300;
    endpoint = await startFixture({
      auth: 'none',
      alter: (good) => ({
        async findUser(userid) {
          // The first six lookups are slow, so that the run takes long enough.
          asked += 1;
          if (asked <= 6) await delay(pauseMs);
          return good.findUser(userid);
        },
      }),
    });
  });
  afterEach(() => endpoint.close());

  const args = () => ['conform', endpoint.url, '--auth', 'none', '--known-user', 'canary-ada@example.test'];

  it('is shown on a terminal and removed before the report', async () => {
    const command = [process.execPath, builtProgram, ...args()].map((word) => `'${word}'`).join(' ');
    const { stdout } = await promisify(execFile)('script', ['-qec', `${command} || true`, '/dev/null']);
    const parts = stdout.split('\r\u001b[K');
    expect(parts.slice(0, -1).join('\n'))
      .to.match(/^\[#+\.*\] \d+ of \d+: (?:MUST|SHOULD|MAY) /m)
      .and.to.match(/\d+ of \d+: (?:MUST|SHOULD|MAY) .*$/m);
    expect(parts.at(-1))
      .to.include('A known user')
      .and.not.to.match(/\d+ of \d+: /);
  });

  it('is absent without a terminal, and a short run writes nothing to stderr', async () => {
    const { stdout, stderr } = await runCli(args());
    expect(stderr).to.equal('');
    expect(stdout).not.to.match(/\d+ of \d+: /);
  });

  it('is written as a new line every few seconds in a long run without a terminal', async () => {
    pauseMs = 2000;
    const { stdout, stderr } = await runCli(args());
    const lines = stderr.trimEnd().split('\n');
    for (const line of lines) expect(line).to.match(/^\d+ of \d+ after \d+ s: (?:MUST|SHOULD|MAY) /);
    // The first six requests take 12 s.
    expect(lines.length).to.be.within(2, 12);
    expect(stdout).not.to.match(/\d+ of \d+ after/);
  });
});
