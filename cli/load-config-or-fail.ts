// Owns loading the configuration of a command: what is wrong with it ends the command with 2.
import type { LoadedServerConfig } from '../schemas/generated/loaded-server-config.ts';
import { ConfigError } from '../server/config/config-error.ts';
import { loadConfig } from '../server/config/load-config.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';

/** @throws {CommandFailure} with every fault of the file. */
export function loadConfigOrFail(file: string): LoadedServerConfig {
  try {
    return loadConfig(file, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandFailure(exitCodes.usage, error.message, { cause: error });
  }
}
