// Runs a command, and on Ctrl-C, SIGTERM or SIGHUP stops everything that it started, including processes in other process groups.
import { spawn, spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

const exitCodeOf = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
/** Time for a clean exit, in which the services of the tests stop and temporary files are removed. */
const graceMs = 3000;

const [command = '', ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: 'inherit' });
child.once('error', ({ message }) => {
  process.stderr.write(`${message}\n`);
  process.exit(127);
});

let isEnding = false;
child.once('exit', (exitCode, signal) => {
  if (!isEnding) process.exit(exitCode ?? exitCodeOf[signal] ?? 1);
});
for (const signal of Object.keys(exitCodeOf)) {
  process.on(signal, async () => {
    if (isEnding) return;
    isEnding = true;
    await endAll(signal);
    process.exit(exitCodeOf[signal]);
  });
}

/** Returns all processes that this one started, at any depth. */
function findDescendants() {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const found = [];
  for (let parents = [process.pid]; parents.length > 0; ) {
    parents = rows.filter(([, parent]) => parents.includes(parent)).map(([pid]) => pid);
    found.push(...parents);
  }
  return found;
}

function isAlive(pid, signal = 0) {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

async function endAll(signal) {
  // The descendants are listed before the first process ends, because its children would then have a different parent.
  const started = new Set(findDescendants());
  for (const pid of started) isAlive(pid, signal === 'SIGHUP' ? 'SIGTERM' : signal);
  const endsAt = Date.now() + graceMs;
  while ([...started].some((pid) => isAlive(pid)) && Date.now() < endsAt) {
    for (const pid of findDescendants()) started.add(pid);
    await delay(50);
  }
  for (const pid of started) isAlive(pid, 'SIGKILL');
}
