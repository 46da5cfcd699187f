// Loads a configuration: returns it, or throws a ConfigError.
import type { LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import { type ConfigContext, readConfig, readConfigText } from './read-config.ts';

/**
 * Loads a YAML or JSON file: environment overrides applied, defaults filled in, paths absolute, secrets resolved, frozen.
 *
 * @param environment holds overrides (`USER_INFO__LISTENER__PORT`) and the variables that `${env:NAME}` refers to.
 * @throws {ConfigError} with every fault at once, each with its file, line, column and option.
 */
export function loadConfig(file: string, environment: NodeJS.ProcessEnv): LoadedServerConfig {
  return readConfig(file, environment).config;
}

/** The same for a text that is no file. @throws {ConfigError} as `loadConfig` does. */
export function parseConfig(text: string, context: ConfigContext): LoadedServerConfig {
  return readConfigText(text, context).config;
}
