// Mocha's root hooks: stop shared services after the last test file, and collect no coverage from child processes.
import { stopSharedServices } from './services/shared-service.ts';

// Mocha terminates its processes with a signal when they take more than a second to exit, as they do while V8 writes coverage. With a listener, the
// signal is handled only after the coverage is written.
if (process.env.MOCHA_WORKER_ID !== undefined) process.once('SIGTERM', () => process.exit());

export const mochaHooks = {
  beforeAll() {
    // Child processes run `dist/`, which is not in the coverage table; V8's output for all of them would add up to 1 GB.
    delete process.env.NODE_V8_COVERAGE;
  },
  // Runs after the last file if one process runs all files, and after each file if several processes share them.
  afterAll: stopSharedServices,
};
