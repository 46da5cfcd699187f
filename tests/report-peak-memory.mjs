// Preloaded into a child process of a test: writes its peak resident memory to stderr when it exits.
import { writeSync } from 'node:fs';

process.on('exit', () => writeSync(2, `peak memory: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB\n`));
