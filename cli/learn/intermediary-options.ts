// Options of `user-info learn` and `learn observe` about a proxy or load balancer in front of the endpoint.
import { isIP } from 'node:net';
import { makeVisibleLine } from '../../schemas/printable-text.ts';
import { CommandFailure, exitCodes } from '../exit-codes.ts';

export interface IntermediaryFlags {
  readonly platformAddress?: readonly string[];
  readonly intermediary?: string;
}

/** Returns the operator's statement; undefined: none was given. @throws {CommandFailure} 2. */
export function readIntermediary({ intermediary }: Pick<IntermediaryFlags, 'intermediary'>): boolean | undefined {
  if (intermediary === undefined) return undefined;
  if (intermediary === 'yes' || intermediary === 'no') return intermediary === 'yes';
  throw new CommandFailure(exitCodes.usage, '--intermediary must be yes or no.');
}

/** Returns the addresses; undefined: none was given. @throws {CommandFailure} 2. */
export function readPlatformAddresses({ platformAddress }: Pick<IntermediaryFlags, 'platformAddress'>) {
  const wrong = platformAddress?.find((address) => isIP(address) === 0);
  if (wrong !== undefined) {
    throw new CommandFailure(
      exitCodes.usage,
      makeVisibleLine(
        `--platform-address: ${wrong} is not an IP address. A host name cannot be compared with client addresses.`,
      ),
    );
  }
  return platformAddress;
}
