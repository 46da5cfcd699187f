// Benchmark `npm run bench -- http-proxy`: lookups through the adapter, compared with bare undici that fetches and parses the same responses.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { createHttpProxySource } from '../../server/adapters/http-proxy/http-proxy-source.ts';
import { httpProxyConfig } from '../../server/adapters/http-proxy/testing/http-proxy-config.ts';
import { LookUpAbort } from '../../server/guards/lookup-abort.ts';
import { describeMachine, type Results, saveResult, spreadOf, summarize, versionsOf } from '../report.ts';

const defaults = { seconds: '3', rounds: '11' } as const;
const inFlight = 64;
const userids = Array.from({ length: 1000 }, (_, index) => `user.${index}@example.com`);

type LookUp = (userid: string) => Promise<unknown>;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: defaults.seconds },
      rounds: { type: 'string', default: defaults.rounds },
    },
  });
  const upstream = fork(new URL('./upstream.js', import.meta.url));
  const [{ port, bytes }] = (await once(upstream, 'message')) as [{ port: number; bytes: number }];
  const origin = `http://127.0.0.1:${port}`;
  const pool = new Pool(origin, { connections: inFlight });
  const passthrough = createHttpProxySource(
    httpProxyConfig({ preset: 'passthrough', baseUrl: `${origin}/user-info`, maxConnections: inFlight }),
  );
  const mapped = createHttpProxySource(
    httpProxyConfig({
      baseUrl: origin,
      maxConnections: inFlight,
      user: { method: 'GET', path: 'user-info?userid={userid}', pagination: { type: 'none' } },
      mapping: {
        groups: [{ from: 'user', list: '/groups', name: '/name', optional: false }],
        authorizations: {},
        allAttributes: { path: '/authorizations', optional: false },
      },
    }),
  );
  // Each lookup gets its own signal, like the server's deadline.
  const signal = () => new LookUpAbort();
  const variants: Readonly<Record<string, LookUp>> = {
    'bare undici': async (userid) => {
      const path = `/user-info?userid=${encodeURIComponent(userid)}`;
      const { body } = await pool.request({ method: 'GET', path });
      return body.json();
    },
    'ours, passthrough': (userid) => passthrough.findUser(userid, signal()),
    'ours, mapped': (userid) => mapped.findUser(userid, signal()),
  };
  process.stdout.write(`${describeMachine()}; ${inFlight} in flight, answers of ${bytes} bytes\n`);
  const measured = new Map<string, Measurement[]>();
  try {
    // A warm-up that is not counted: connections are opened, and code is compiled.
    for (const lookUp of Object.values(variants)) await measure(lookUp, 1);
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const [name, lookUp] of Object.entries(variants)) {
        const measurement = await measure(lookUp, Number(values.seconds));
        measured.set(name, [...(measured.get(name) ?? []), measurement]);
      }
    }
  } finally {
    upstream.disconnect();
    await Promise.all([pool.destroy(), passthrough.close(), mapped.close()]);
  }
  report(measured, values, args);
}

interface Measurement {
  readonly lookupsPerSecond: number;
  /** CPU time of this process, independent of the upstream and the rest of the machine. */
  readonly cpuMicroseconds: number;
}

async function measure(lookUp: LookUp, seconds: number): Promise<Measurement> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const end = start + seconds * 1000;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      const found = await lookUp(userids[done % userids.length] ?? '');
      if (found === null) throw new Error('a user was not found');
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const { user, system } = process.cpuUsage(cpu);
  return { lookupsPerSecond: (done * 1000) / (performance.now() - start), cpuMicroseconds: (user + system) / done };
}

function report(
  measured: ReadonlyMap<string, readonly Measurement[]>,
  options: typeof defaults | Record<string, string>,
  args: string[],
): void {
  const rateOf = (name: string) =>
    summarize((measured.get(name) ?? []).map(({ lookupsPerSecond }) => lookupsPerSecond));
  const bare = rateOf('bare undici').median;
  const results: Results = {};
  for (const [name, list] of measured) {
    const rate = rateOf(name);
    const cpu = summarize(list.map(({ cpuMicroseconds }) => cpuMicroseconds)).median;
    const ofBare = rate.median / bare;
    results[name] = {
      lookupsPerSecond: Math.round(rate.median),
      ...spreadOf(rate),
      ofBareUndici: Number(ofBare.toFixed(2)),
      cpuMicroseconds: Number(cpu.toFixed(1)),
    };
    process.stdout.write(
      `${name}: ${rate.median.toFixed(0)} lookups/s (${rate.low.toFixed(0)}–${rate.high.toFixed(0)}), ` +
        `${ofBare.toFixed(2)} × bare undici, ${cpu.toFixed(1)} µs of CPU each\n`,
    );
  }
  // The result of a quick run is not comparable.
  const isWhole = options.seconds === defaults.seconds && options.rounds === defaults.rounds;
  if (isWhole) {
    saveResult('http-proxy', `npm run bench -- http-proxy ${args.join(' ')}`.trim(), results, versionsOf('undici'));
  }
}
