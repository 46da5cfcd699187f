// Type of a rule about several options.
import type { LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { OptionFault } from './schema-faults.ts';

/** One rule. It is data and one function, so that a list of them is the whole story. */
export interface CrossFieldRule {
  /** Options that `findFaults` looks at, e.g. "listener.tls"; it is called only when none of them has a fault. */
  readonly reads: readonly string[];
  /** What does not hold; empty when all does. */
  findFaults(config: LoadedServerConfig): readonly OptionFault[];
}

/** A fault at an option, given as people read it: `source.urls[0]`. */
export function faultAt(option: string, message: string): OptionFault {
  return { path: readPath(option), message };
}

/** `groups.drop[0]` → groups, drop, 0. */
export function readPath(option: string): string[] {
  return option.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
}
