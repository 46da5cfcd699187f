// Runs the tests of the adapters on Node 24.
import { describeSuiteOn } from './describe-suite-on.ts';

describeSuiteOn('24', ['server/adapters/**/*.test.ts']);
