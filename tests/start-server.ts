// Configurations and servers for tests and benchmarks, without a file for a reload to read again.
import type { LoadedServerConfig } from '../schemas/generated/loaded-server-config.ts';
import { type ConfigContext, readConfig, readConfigText } from '../server/config/read-config.ts';
import { type RunningServer, startServerFrom } from '../server/start.ts';

/** Loads a file as `serve --config` does. @throws {ConfigError} with all errors at once. */
export function loadConfig(file: string, environment: NodeJS.ProcessEnv): LoadedServerConfig {
  return readConfig(file, environment).config;
}

/** Loads a configuration from text. @throws {ConfigError} as `loadConfig` does. */
export function parseConfig(text: string, context: ConfigContext): LoadedServerConfig {
  return readConfigText(text, context).config;
}

/** Starts a server with a configuration. A reload rereads the files that the configuration names. @throws like `startServerFrom`. */
export function startServer(config: LoadedServerConfig): Promise<RunningServer> {
  const reading = {
    config,
    overrides: [],
    placeOf: () => ({ file: 'configuration', line: 0, column: 0 }),
    contentDigests: new Map<string, string>(),
  };
  return startServerFrom({ file: null, read: () => reading });
}
