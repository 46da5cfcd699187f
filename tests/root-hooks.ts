// Mocha's root hooks: stop shared services after the last test file, and collect no coverage from child processes.
import { stopSharedServices } from './services/shared-service.ts';

// Mocha ends its processes by a signal when they take more than a second to exit, as they do while V8 writes coverage. With a listener,
// the signal waits until that is done.
if (process.env.MOCHA_WORKER_ID !== undefined) process.once('SIGTERM', () => process.exit());

export const mochaHooks = {
  beforeAll() {
    // Those run `dist/`, which is not in the coverage table; V8's output for each would add up to 1 GB.
    delete process.env.NODE_V8_COVERAGE;
  },
  // After the last file if one process runs them all, after each file if several share them.
  afterAll: stopSharedServices,
};
