// Runs the tests of the adapters, with their LDAP servers and databases, on Node 24.
import { describeSuiteOn } from './describe-suite-on.ts';

describeSuiteOn('24', ['server/adapters/**/*.test.ts']);
