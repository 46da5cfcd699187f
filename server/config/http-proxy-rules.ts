// Owns the rules that join options of the http-proxy source: the adapter's own judgement, before a start.
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
