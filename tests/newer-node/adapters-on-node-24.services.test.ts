// Runs the tests of the adapters that need no services on Node 24.
import { describeSuiteOn } from './describe-suite-on.ts';

describeSuiteOn('24', ['server/adapters/**/*.test.ts']);
