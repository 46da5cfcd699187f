// Runs the tests of the kit's connections, and those of all its checks against all faults, on Node 22.
import { describeSuiteOn } from './describe-suite-on.ts';

describeSuiteOn('22', ['conformance/http/*.test.ts', 'conformance/faults/faults.services.test.ts']);
