// Runs the tests of the adapters, with their LDAP servers and databases, on Node 22.
import { describeSuiteOn } from './describe-suite-on.ts';

describeSuiteOn('22', ['server/adapters/**/*.test.ts']);
