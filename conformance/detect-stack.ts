// Detects the framework or server of an endpoint from the headers of a response, to select suitable advice.
import type { CheckResult } from '../schemas/generated/conformance-report.ts';
import type { Answer } from './http/endpoint-request.ts';

export type Stack = Exclude<CheckResult['fix'][number]['stack'], 'any'>;

/** Frameworks before servers: nginx in front of Express forwards the headers of Express. */
const signs: readonly (readonly [header: string, value: RegExp, stack: Stack])[] = [
  ['x-powered-by', /^express$/i, 'express'],
  ['server', /^werkzeug\b/i, 'flask'],
  ['x-application-context', /./, 'spring'],
  ['server', /^kestrel\b/i, 'aspnet'],
  ['x-powered-by', /^asp\.net\b/i, 'aspnet'],
  ['x-aspnet-version', /./, 'aspnet'],
  ['server', /^nginx\b/i, 'nginx'],
];

/** Returns the stack that a response names; null: it names no stack for which the kit has advice. */
export function detectStack({ header }: Pick<Answer, 'header'>): Stack | null {
  return signs.find(([name, value]) => value.test(header(name) ?? ''))?.[2] ?? null;
}
