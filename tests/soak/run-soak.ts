// Command `npm run soak -- --minutes 10 --report docs/soak.md`, or `--calm --minutes 60`.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runCalm } from './calm.ts';
import { runSoak } from './soak.ts';
import { calmPage, soakPage } from './soak-pages.ts';

const { values } = parseArgs({
  options: {
    calm: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '10' },
    report: { type: 'string' },
  },
});
const minutes = Number(values.minutes);
const least = values.calm ? 3 : 0.5;
if (!(minutes >= least)) {
  process.stderr.write(`Give --minutes a number of at least ${least}.\n`);
  process.exit(2);
}
const command = `npm run soak -- ${process.argv.slice(2).join(' ')}`;
const startedAt = performance.now();
const tell = (line: string) =>
  process.stdout.write(`${Math.round((performance.now() - startedAt) / 1000)} s  ${line}\n`);
const { page, faults } = values.calm ? await calm() : await chaos();
process.stdout.write(page);
if (values.report !== undefined) writeFileSync(values.report, page);
if (faults.length > 0) process.exitCode = 1;

async function chaos() {
  const report = await runSoak(minutes * 60, tell);
  return { page: soakPage(command, report), faults: report.faults };
}

async function calm() {
  const report = await runCalm(minutes, ({ megabytes }) => tell(megabytes.map((each) => each.toFixed(1)).join(' ')));
  return { page: calmPage(command, report), faults: report.faults };
}
