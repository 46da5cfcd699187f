// Runs the tests of the adapters that need no services on Node 22.
import { describeSuiteOn } from './describe-suite-on.ts';

describeSuiteOn('22', ['server/adapters/**/*.test.ts']);
