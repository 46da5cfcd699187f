// Rejects a mapping that cannot work, at start.
import { SourceError } from '../user-source.ts';
import { type DirectorySettings, type MappingConfig, resolveSettings } from './directory-settings.ts';

/** @throws {SourceError} `unavailable`, with every fault; `config check` tells the same with lines. */
export function assertSettings(config: MappingConfig): DirectorySettings {
  const { settings, faults } = resolveSettings(config);
  if (settings !== null) return settings;
  const list = faults.map(({ option, message }) => `source.${option} ${message}`).join('; ');
  throw new SourceError('unavailable', `The options of the source are wrong: ${list}.`);
}
