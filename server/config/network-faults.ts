// Validates lists of addresses and networks.
import { isIP } from 'node:net';
import { faultAt } from './cross-field-rule.ts';
import type { OptionFault } from './schema-faults.ts';

/** @param option where the list stands, e.g. "listener.trustProxy.addresses". */
export function findNetworkFaults(option: string, entries: readonly string[]): OptionFault[] {
  return entries.flatMap((entry, index) => {
    const fault = findNetworkFault(entry);
    return fault === null ? [] : [faultAt(`${option}[${index}]`, fault)];
  });
}

/** What is wrong with an address or a network (192.0.2.0/24, 2001:db8::/48); `null`: nothing. */
function findNetworkFault(entry: string): string | null {
  const [address = '', prefix, ...rest] = entry.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0)
    return 'is neither an IP address nor a network such as 192.0.2.0/24';
  if (prefix === undefined) return null;
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > (version === 6 ? 128 : 32))
    return `has a prefix that is not a number up to ${version === 6 ? 128 : 32}`;
  return Number(prefix) === 0 ? 'includes every address; name your own networks' : null;
}
