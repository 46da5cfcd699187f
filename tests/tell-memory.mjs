// Owns telling what a process holds when all that nobody can reach is collected: loaded into it, on SIGUSR2, into MEMORY_FOLDER/PID.json.
import { renameSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

process.on('SIGUSR2', () => {
  // What finalizers let go of is collected by the second time.
  for (let turn = 0; turn < 3; turn++) collectGarbage();
  const { heapUsed, rss } = process.memoryUsage();
  const file = `${process.env.MEMORY_FOLDER}/${process.pid}.json`;
  writeFileSync(`${file}.part`, JSON.stringify({ heapUsed, rss }));
  renameSync(`${file}.part`, file);
});
