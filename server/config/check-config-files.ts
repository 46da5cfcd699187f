// Validation of the files that a configuration names: used by `config check`, at each startup and at each reload.
import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LoadedServerConfig } from '../../schemas/generated/loaded-server-config.ts';
import { displayPath, type OptionPath, ownValue } from '../../schemas/server-config-schema.ts';
import { SourceError } from '../adapters/user-source.ts';
import { HtpasswdError, parseHtpasswd } from '../auth/htpasswd-file.ts';
import {
  type ClientTlsFiles,
  findClientTlsFindings,
  findTlsFindings,
  findTrustFindings,
  type TlsFinding,
} from './check-tls-files.ts';
import { ConfigError, type ConfigFault, orderFaults } from './config-error.ts';
import { findInputFiles, findOutputFiles } from './input-files.ts';
import type { ConfigReading } from './read-config.ts';
import { assertRegularFile, describeFileTrouble, readInputFile } from './read-input-file.ts';

export interface FileFindings {
  /** Errors that prevent the server from starting. */
  readonly faults: readonly ConfigFault[];
  /** Warnings, which do not prevent the server from starting. */
  readonly warnings: readonly ConfigFault[];
}

export interface FileCheckOptions {
  /** Milliseconds since the epoch; used to detect expired certificates. */
  readonly nowMs?: number;
  /** Whether the log and the audit trail are already open and stay open. */
  readonly outputsAreOpen?: boolean;
}

/**
 * Checks that every input file is a regular, readable file, that output files can be written, that the htpasswd file is valid, and that the files
 * of each TLS section can be parsed and belong together. The source itself checks the content of its file.
 */
export function checkConfigFiles(
  { config, placeOf }: ConfigReading,
  { nowMs = Date.now(), outputsAreOpen = false }: FileCheckOptions = {},
): FileFindings {
  const faults: ConfigFault[] = [];
  const warnings: ConfigFault[] = [];
  const at = (path: OptionPath, message: string): ConfigFault => ({
    ...placeOf(path),
    path: displayPath(path),
    message,
  });

  for (const { path, file } of findInputFiles(config)) {
    const trouble = findInputTrouble(file);
    if (trouble !== null) faults.push(at(path, `cannot read ${file}: ${trouble}`));
  }
  for (const { path, file } of outputsAreOpen ? [] : findOutputFiles(config)) {
    const trouble = findOutputTrouble(file);
    if (trouble !== null) faults.push(at(path, `cannot write to ${file}: ${trouble}`));
  }
  for (const message of findHtpasswdFaults(config.authentication.basic?.htpasswdFile)) {
    faults.push(at(['authentication', 'basic', 'htpasswdFile'], message));
  }
  for (const [path, findings] of findAllTlsFindings(config, nowMs)) {
    for (const { option, severity, message } of findings) {
      (severity === 'fault' ? faults : warnings).push(at([...path, ...option], message));
    }
  }
  return { faults: orderFaults(faults), warnings: orderFaults(warnings) };
}

/**
 * Runs the function that opens the files. The files may have been replaced since the first check. If `open` fails and a second check explains the
 * failure, that check's report is used.
 *
 * @throws {ConfigError} instead of an error of `open` other than a SourceError, if a file is now invalid.
 */
export async function withFileFaults<T>(
  reading: ConfigReading,
  options: FileCheckOptions,
  open: () => Promise<T>,
): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof SourceError || error instanceof ConfigError) throw error;
    const { faults } = checkConfigFiles(reading, options);
    throw faults.length > 0 ? new ConfigError(faults) : error;
  }
}

function findInputTrouble(file: string): string | null {
  try {
    assertRegularFile(file);
    accessSync(file, constants.R_OK);
    return null;
  } catch (error) {
    return describeFileTrouble(error);
  }
}

/** Returns why a file cannot be written; unlike input, output may go to a device or a pipe. */
function findOutputTrouble(file: string): string | null {
  const found = findStats(file);
  if (found?.isDirectory()) return 'it is a directory. Name a file in it';
  if (found)
    return canAccess(file, constants.W_OK)
      ? null
      : 'this user has no permission to write to it. Grant write permission';
  const directory = dirname(file);
  if (!findStats(directory)?.isDirectory()) return `there is no directory ${directory}. Create it, or correct the path`;
  if (canAccess(directory, constants.W_OK | constants.X_OK)) return null;
  return `this user has no permission to create a file in ${directory}. Grant write permission`;
}

function findStats(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

function canAccess(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function findHtpasswdFaults(file: string | undefined): string[] {
  if (file === undefined || findInputTrouble(file) !== null) return [];
  try {
    parseHtpasswd(readInputFile(file).toString('utf8'));
    return [];
  } catch (error) {
    if (error instanceof HtpasswdError) return error.faults.map(({ line, message }) => `${file}:${line}: ${message}`);
    return [`cannot read ${file}: ${describeFileTrouble(error)}`];
  }
}

type FindingsOfSection = readonly [section: OptionPath, findings: readonly TlsFinding[]];

function findAllTlsFindings(config: LoadedServerConfig, nowMs: number): FindingsOfSection[] {
  const { tls } = config.listener;
  const { forwarded } = config.authentication.clientCertificate ?? {};
  const found: FindingsOfSection[] = [];
  if (tls) found.push([['listener', 'tls'], findTlsFindings(tls, nowMs)]);
  if (forwarded) {
    found.push([['authentication', 'clientCertificate', 'forwarded'], findTrustFindings(forwarded, nowMs)]);
  }
  for (const section of findClientTlsSections(config)) {
    const files = section.reduce<unknown>(ownValue, config) as ClientTlsFiles;
    found.push([section, findClientTlsFindings(files, nowMs)]);
  }
  return found;
}

/** Returns the sections of sources and caches that have `ca`, `certificate` or `key`, at any depth. */
function findClientTlsSections(config: LoadedServerConfig): OptionPath[] {
  const sections = new Map<string, OptionPath>();
  for (const { path } of findInputFiles(config)) {
    const depth = path.findLastIndex((key) => key === 'ca' || key === 'certificate' || key === 'key');
    if (depth < path.length - 2 || depth < 0 || path[0] === 'listener' || path[0] === 'authentication') continue;
    const section = path.slice(0, depth);
    sections.set(JSON.stringify(section), section);
  }
  return [...sections.values()];
}
