// Owns checking the files that a configuration names: `config check` finds what a start would stumble over.
import { accessSync, constants, readFileSync } from 'node:fs';
import { displayPath, type OptionPath } from '../../schemas/server-config-schema.ts';
import { HtpasswdError, parseHtpasswd } from '../auth/htpasswd-file.ts';
import { findTlsFindings, findTrustFindings, type TlsFinding } from './check-tls-files.ts';
import { type ConfigFault, orderFaults } from './config-error.ts';
import { findInputFiles } from './input-files.ts';
import type { ConfigReading } from './read-config.ts';
import { assertRegularFile, describeFileTrouble } from './read-input-file.ts';

export interface FileFindings {
  /** To be mended before a start. */
  readonly faults: readonly ConfigFault[];
  /** Worth a look; a start is possible. */
  readonly warnings: readonly ConfigFault[];
}

/**
 * Checks that every file is there and readable, the htpasswd file's entries, and that the TLS files belong together.
 * What stands in a source's own file is the source's to judge.
 *
 * @param nowMs milliseconds since the epoch; decides about expired certificates.
 */
export function checkConfigFiles({ config, placeOf }: ConfigReading, nowMs = Date.now()): FileFindings {
  const faults: ConfigFault[] = [];
  const warnings: ConfigFault[] = [];
  const at = (path: OptionPath, message: string): ConfigFault => ({
    ...placeOf(path),
    path: displayPath(path),
    message,
  });

  for (const { path, file } of findInputFiles(config)) {
    const trouble = findFileTrouble(file);
    if (trouble !== null) faults.push(at(path, `cannot read ${file}: ${trouble}`));
  }
  for (const message of findHtpasswdFaults(config.authentication.basic?.htpasswdFile)) {
    faults.push(at(['authentication', 'basic', 'htpasswdFile'], message));
  }
  const { forwarded } = config.authentication.clientCertificate ?? {};
  const judged: ReadonlyArray<readonly [OptionPath, readonly TlsFinding[]]> = [
    [['listener', 'tls'], config.listener.tls ? findTlsFindings(config.listener.tls, nowMs) : []],
    [['authentication', 'clientCertificate', 'forwarded'], forwarded ? findTrustFindings(forwarded, nowMs) : []],
  ];
  for (const [path, findings] of judged) {
    for (const { option, severity, message } of findings) {
      (severity === 'fault' ? faults : warnings).push(at([...path, ...option], message));
    }
  }
  return { faults: orderFaults(faults), warnings: orderFaults(warnings) };
}

function findFileTrouble(file: string): string | null {
  try {
    assertRegularFile(file);
    accessSync(file, constants.R_OK);
    return null;
  } catch (error) {
    return describeFileTrouble(error);
  }
}

function findHtpasswdFaults(file: string | undefined): string[] {
  if (file === undefined || findFileTrouble(file) !== null) return [];
  try {
    parseHtpasswd(readFileSync(file, 'utf8'));
    return [];
  } catch (error) {
    if (!(error instanceof HtpasswdError)) throw error;
    return error.faults.map(({ line, message }) => `${file}:${line}: ${message}`);
  }
}
