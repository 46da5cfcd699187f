// Writes the memory of a process after a garbage collection to MEMORY_FOLDER/PID.json, on SIGUSR2. Loaded with --import.
import { renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

const inspector = new Session();
inspector.connect();

process.on('SIGUSR2', async () => {
  // There are three garbage collections, because later ones free memory that finalizers have released.
  for (let turn = 0; turn < 3; turn++) await inspector.post('HeapProfiler.collectGarbage');
  const { heapUsed, rss } = process.memoryUsage();
  const file = `${process.env.MEMORY_FOLDER}/${process.pid}.json`;
  writeFileSync(`${file}.part`, JSON.stringify({ heapUsed, rss }));
  renameSync(`${file}.part`, file);
});
