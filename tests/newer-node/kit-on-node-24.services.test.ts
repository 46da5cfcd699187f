// Runs the tests of the kit's connections, and those of all its checks against all faults, on Node 24.
import { describeSuiteOn } from './describe-suite-on.ts';

describeSuiteOn('24', ['conformance/http/*.test.ts', 'conformance/faults/faults.services.test.ts']);
