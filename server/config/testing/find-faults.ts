// Finds the errors of a configuration, for tests of the rules.
import { stringify } from 'yaml';
import { parseConfig } from '../../../tests/start-server.ts';
import { ConfigError, type ConfigFault } from '../config-error.ts';

/**
 * Reads sections as if they were in a file.
 *
 * @param environment contains the secrets that the sections refer to.
 * @returns every error, sorted by position; none when the configuration is accepted.
 */
export function findFaults(sections: object, environment: NodeJS.ProcessEnv = {}): readonly ConfigFault[] {
  try {
    parseConfig(stringify(sections), { fileName: 'c.yaml', baseDirectory: '/base', environment });
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}
