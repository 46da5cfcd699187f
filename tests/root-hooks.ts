// Mocha's root hooks: stop shared services after the last test file, and collect no coverage from child processes.
import { stopSharedServices } from './services/shared-service.ts';

// Mocha ends its processes by a signal when they take more than a second to exit, as they do while V8 writes down what they covered. Listened for,
// the signal waits until that is done.
if (process.env.MOCHA_WORKER_ID !== undefined) process.once('SIGTERM', () => process.exit());

export const mochaHooks = {
  beforeAll() {
    // Those run `dist/`, which the table of coverage leaves out; what V8 writes for each would come to 1 GB.
    delete process.env.NODE_V8_COVERAGE;
  },
  // Behind the last file where one process runs them all, behind each file where several share them.
  afterAll: stopSharedServices,
};
