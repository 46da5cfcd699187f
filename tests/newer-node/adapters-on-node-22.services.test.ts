// Runs the tests of the adapters on Node 22.
import { describeSuiteOn } from './describe-suite-on.ts';

describeSuiteOn('22', ['server/adapters/**/*.test.ts']);
