// Type of a cross-field rule, and helpers that rules share: errors at an option, lists of networks.
import { isIP } from 'node:net';
import type { LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import type { OptionFault } from './schema-faults.ts';

/** One rule. A rule consists of data and one function, so a list of rules is complete. */
export interface CrossFieldRule {
  /** Options that `findFaults` reads, e.g. "listener.tls"; the function is called only if none of these options has an error. */
  readonly reads: readonly string[];
  /** Returns the errors; empty when there are none. */
  findFaults(config: LoadedServerConfig): readonly OptionFault[];
}

/** Returns an error at an option, which is given as in messages, e.g. `source.urls[0]`. */
export function faultAt(option: string, message: string): OptionFault {
  return { path: readPath(option), message };
}

/** Splits a path: `groups.drop[0]` → groups, drop, 0. */
export function readPath(option: string): string[] {
  return option.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
}

/** Returns the errors in a list of networks. @param option the list's option, e.g. "listener.trustProxy.addresses". */
export function findNetworkFaults(option: string, entries: readonly string[]): OptionFault[] {
  return entries.flatMap((entry, index) => {
    const fault = findNetworkFault(entry);
    return fault === null ? [] : [faultAt(`${option}[${index}]`, fault)];
  });
}

/** Returns the error in an address or a network (192.0.2.0/24, 2001:db8::/48); `null`: none. */
function findNetworkFault(entry: string): string | null {
  const [address = '', prefix, ...rest] = entry.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0)
    return 'is neither an IP address nor a network such as 192.0.2.0/24';
  if (prefix === undefined) return null;
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > (version === 6 ? 128 : 32))
    return `has a prefix length that is not a number from 0 to ${version === 6 ? 128 : 32}`;
  return Number(prefix) === 0 ? 'includes every address; name your own networks' : null;
}
