// Cross-field rules of the http-proxy source, which the adapter evaluates before a start.
import { compileProxyPlan } from '../adapters/http-proxy/proxy-plan.ts';
import { type CrossFieldRule, faultAt } from './cross-field-rule.ts';

/** What `compileProxyPlan` looks at. */
const options = ['type', 'preset', 'baseUrl', 'auth', 'tls', 'headers', 'secretHeaders', 'user', 'groups', 'mapping'];

export const httpProxyRules: readonly CrossFieldRule[] = [
  {
    reads: options.map((option) => `source.${option}`),
    findFaults: ({ source }) =>
      source.type === 'http-proxy'
        ? compileProxyPlan(source).faults.map(({ option, message }) => faultAt(`source.${option}`, message))
        : [],
  },
];
