// Adapter `http-proxy`: users of an HTTP API.
import type { Adapter } from '../adapter.ts';
import { compileProxyPlan } from './proxy-plan.ts';

const httpProxy: Adapter<'http-proxy'> = {
  type: 'http-proxy',
  validate: [
    {
      reads: ['preset', 'baseUrl', 'auth', 'tls', 'headers', 'secretHeaders', 'user', 'groups', 'mapping'],
      findFaults: (config) => compileProxyPlan(config).faults,
    },
  ],
  create: async (config) => (await import('./http-proxy-source.ts')).createHttpProxySource(config),
  async *diagnose(config) {
    return yield* (await import('./diagnose-http-proxy.ts')).diagnoseHttpProxy(config);
  },
};
export default httpProxy;
