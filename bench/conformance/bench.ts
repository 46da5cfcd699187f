// Owns `npm run bench -- conformance`: a full run with all reports written, beside the wall time of as many plain requests.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { reportFormats } from '../../conformance/report/report-formats.ts';
import { type ConformanceOptions, type ConformanceReport, runConformance } from '../../conformance/run-conformance.ts';
import { completeOptions, startFixture } from '../../conformance/testing/fixture.ts';
import { describeMachine, saveResult, summarise } from '../report.ts';

const modes = ['none', 'basic', 'both'] as const;

/** One GET of the known user on a connection of its own, as the checks ask. */
function askPlainly({ url, knownUsers = [], username, password, ca, cert, key }: ConformanceOptions): Promise<void> {
  const target = `${url}?userid=${encodeURIComponent(knownUsers[0] ?? '')}`;
  const auth = username === undefined ? {} : { auth: `${username}:${password}` };
  return new Promise((resolve, reject) => {
    const take = (response: http.IncomingMessage) => response.resume().once('end', resolve);
    const options = { ...auth, agent: false as const };
    const request = url.startsWith('https:')
      ? https.get(target, { ...options, ...(ca ? { ca } : {}), ...(cert && key ? { cert, key } : {}) }, take)
      : http.get(target, options, take);
    request.once('error', reject);
  });
}

/** Milliseconds that `work` takes. */
async function time(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { rounds: { type: 'string', default: '5' } } });
  const rounds = Number(values.rounds);
  const print = (line: string) => process.stdout.write(`${line}\n`);
  print(`${describeMachine()}; ${rounds} rounds, interleaved, endpoint and kit in one process`);
  print('\nauth | checks | requests | run with all reports, s | as many plain requests, s | times');
  const folder = mkdtempSync(join(tmpdir(), 'user-info-bench-'));
  const results: Record<string, Record<string, number>> = {};
  for (const auth of modes) {
    const endpoint = await startFixture({ auth });
    // Failed logins are a breath apart on loopback by default; what is given for tests alone stays out.
    const { failedLoginSpacingMs: _, maxFailedLogins: __, ...options } = await completeOptions(endpoint.url, auth);
    let report: ConformanceReport | undefined;
    const ours: number[] = [];
    const plain: number[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(
        await time(async () => {
          const latest = await runConformance(options);
          for (const [format, render] of reportFormats) writeFileSync(join(folder, format), render(latest));
          report = latest;
        }),
      );
      if (report?.verdict !== 'conforms') throw new Error(`the run is no result: ${report?.verdict}`);
      const requests = report.attestation.requestsSent;
      plain.push(
        await time(async () => {
          for (let index = 0; index < requests; index++) await askPlainly(options);
        }),
      );
    }
    await endpoint.close();
    if (!report) throw new Error('a benchmark needs one round at least');
    const checks = report.checks.filter(({ status }) => status === 'passed').length;
    const { requestsSent } = report.attestation;
    const [run, floor] = [summarise(ours), summarise(plain)];
    const show = ({ median, low, high }: typeof run) =>
      `${(median / 1000).toFixed(2)} (${(low / 1000).toFixed(2)}–${(high / 1000).toFixed(2)})`;
    print([auth, checks, requestsSent, show(run), show(floor), (run.median / floor.median).toFixed(1)].join(' | '));
    results[auth] = {
      checks,
      requests: requestsSent,
      runMs: Math.round(run.median),
      plainMs: Math.round(floor.median),
    };
  }
  rmSync(folder, { recursive: true });
  saveResult('conformance', `npm run bench -- conformance ${args.join(' ')}`.trim(), results);
}
