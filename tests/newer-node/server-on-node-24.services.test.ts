// Runs the tests of the server, without those of its adapters, and of the simulator's connections on Node 24.
import { describeSuiteOn } from './describe-suite-on.ts';

describeSuiteOn('24', [
  'server/*.test.ts',
  'server/{auth,config,doctor,guards,http,observability,reload,tls,workers}/**/*.test.ts',
  'simulator/sync/endpoint-requests.test.ts',
]);
