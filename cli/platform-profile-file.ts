// Reader of a platform profile file that reports every error with its position.
import type { PlatformProfile } from '../schemas/generated/platform-profile.ts';
import { compileSchema, readSchemaFile } from './schema-file.ts';

/** Returns the profile; null: it cannot be used, and `errors` contains the reason. @param flag the option that names the file. */
export function readPlatformProfile(flag: string, file: string, errors: string[]): PlatformProfile | null {
  const validate = compileSchema<PlatformProfile>('platform-profile.schema.json');
  return readSchemaFile(flag, file, validate, errors)?.value ?? null;
}
