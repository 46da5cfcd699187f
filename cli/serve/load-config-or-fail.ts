// Loads the configuration of a command; an invalid one ends the command with exit code 2.
import type { LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import { ConfigError } from '../../server/config/config-error.ts';
import { openConfigOrigin } from '../../server/config/config-origin.ts';
import type { ConfigReading } from '../../server/config/read-config.ts';
import { invalidUsage } from '../exit-codes.ts';

/** Returns the configuration. @throws {CommandFailure} with every error of the file. */
export async function loadConfigOrFail(file: string): Promise<LoadedServerConfig> {
  return (await readConfigOrFail(file)).config;
}

/** Returns the configuration and the options that environment variables set. @throws {CommandFailure} with every error of the file. */
export async function readConfigOrFail(file: string): Promise<ConfigReading> {
  try {
    return (await openConfigOrigin(file, process.env)).read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw invalidUsage(error.message, { cause: error });
  }
}
