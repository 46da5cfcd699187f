// Loading of the configuration of a command; a faulty one ends the command with exit code 2.
import type { LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import { ConfigError } from '../../server/config/config-error.ts';
import { openConfigOrigin } from '../../server/config/config-origin.ts';
import { CommandFailure, exitCodes } from '../exit-codes.ts';

/** @throws {CommandFailure} with every fault of the file. */
export async function loadConfigOrFail(file: string): Promise<LoadedServerConfig> {
  try {
    return (await openConfigOrigin(file, process.env)).read().config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandFailure(exitCodes.usage, error.message, { cause: error });
  }
}
