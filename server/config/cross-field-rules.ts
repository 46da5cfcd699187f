// Owns the rules that join several options, and when each of them can be judged.
import type { LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { OptionPath } from '../../schemas/server-config-schema.ts';
import { authenticationRules } from './authentication-rules.ts';
import type { CrossFieldRule } from './cross-field-rule.ts';
import { csvRules } from './csv-rules.ts';
import { httpProxyRules } from './http-proxy-rules.ts';
import { listenerRules } from './listener-rules.ts';
import type { OptionFault } from './schema-faults.ts';
import { sqlRules } from './sql-rules.ts';

const rules: readonly CrossFieldRule[] = [
  ...listenerRules,
  ...authenticationRules,
  ...csvRules,
  ...httpProxyRules,
  ...sqlRules,
];

/**
 * Judges what the schema can't. A rule that reads an option with a fault of its own is left out, so that the rest can be
 * reported together with that fault.
 *
 * @param config has its defaults and secrets; what `earlier` refuses may have any shape.
 */
export function findCrossFieldFaults(config: unknown, earlier: readonly OptionFault[]): OptionFault[] {
  const refused = earlier.flatMap(({ path, meant }) => (meant ? [path, meant] : [path]));
  return rules
    .filter(({ reads }) => !reads.some((read) => refused.some((path) => overlap(path, read.split('.')))))
    .flatMap(({ findFaults }) => findFaults(config as LoadedServerConfig));
}

/** One of the two is the other or a part of it. */
function overlap(a: OptionPath, b: OptionPath): boolean {
  const length = Math.min(a.length, b.length);
  return a.slice(0, length).every((key, index) => key === b[index]);
}
