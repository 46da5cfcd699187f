// Tests that the primary of a running server is collected for its connections, and no more often than that.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ask } from '../../tests/ask-server.ts';
import { scratchFolder } from '../../tests/certificate-files.ts';
import { type CliProcess, startCli } from '../../tests/run-cli.ts';

/** Prints each full collection of the primary that was ordered. */
const tellCollections = `data:text/javascript,${encodeURIComponent(`
  import cluster from 'node:cluster';
  import { constants, PerformanceObserver } from 'node:perf_hooks';
  const { NODE_PERFORMANCE_GC_MAJOR: major, NODE_PERFORMANCE_GC_FLAGS_FORCED: forced } = constants;
  const tell = (list) => {
    for (const { detail } of list.getEntries()) {
      if (detail.kind === major && (detail.flags & forced) !== 0) process.stderr.write('collected\\n');
    }
  };
  if (cluster.isPrimary) new PerformanceObserver(tell).observe({ entryTypes: ['gc'] });
`)}`;

describe('the primary of workers', function () {
  this.timeout(120_000);
  let serving: CliProcess;
  let url: string;
  let printed = '';

  before(async () => {
    const file = join(scratchFolder(), 'user-info.json');
    const config = {
      listener: { port: 0 },
      workers: 2,
      authentication: { mode: 'none' },
      source: { type: 'static', users: { ada: { groups: ['engineering'] } } },
    };
    writeFileSync(file, JSON.stringify(config));
    serving = startCli(['serve', '--config', file], { NODE_OPTIONS: `--import=${tellCollections}` });
    serving.child.stderr?.on('data', (part: string) => {
      printed += part;
    });
    [, url = ''] = await serving.printed('stdout', /"url":"([^"]+)".*"workers":2/);
  });
  after(async () => {
    serving.child.kill();
    await serving.ended();
  });

  async function connect(times: number): Promise<void> {
    let left = times;
    const client = async () => {
      while (left-- > 0) expect((await ask(`${url}?userid=ada`)).status).to.equal(200);
    };
    await Promise.all(Array.from({ length: 8 }, client));
  }

  it('is collected once after five thousand connections', async () => {
    await connect(4990);
    expect(printed).to.equal('');
    await connect(20);
    await serving.printed('stderr', /collected/);
    expect(printed).to.equal('collected\n');
  });
});
