// Converts the flags of `user-info conform` to the options of a run, and reports all errors at once.
import { readFileSync } from 'node:fs';
import { catalogue } from '../../conformance/checks/catalogue.ts';
import { findCombinationFaults, findPemFaults } from '../../conformance/conformance-options.ts';
import { type RunOptions, withCustomChecks } from '../../conformance/define-check.ts';
import { parseFixedAddress } from '../../conformance/http/endpoint-address.ts';
import type { AuthMode, ConformanceOptions } from '../../conformance/run-conformance.ts';
import { findSelectionFaults } from '../../conformance/select-checks.ts';
import type { ConformanceConfig } from '../../schemas/generated/conformance-config.ts';
import { readExpectedUsers } from '../expected-file.ts';

/** Options of the file under the names of their flags, and options that exist only on the command line. */
export interface ConformFlags extends Omit<ConformanceConfig, 'url' | 'knownUsers' | 'reports' | 'only' | 'skip'> {
  readonly knownUser?: readonly string[];
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  readonly report?: readonly string[];
  readonly config?: string;
  readonly writeBaseline?: string;
  readonly dispute?: readonly string[];
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly selfCheck?: boolean;
  readonly verbose?: boolean;
}

/** Returns the options of the run, with secrets from `environment`. All errors are added to `faults`. */
export function readOptions(
  url: string,
  flags: ConformFlags,
  faults: string[],
  environment: NodeJS.ProcessEnv = process.env,
  customChecks?: RunOptions['customChecks'],
): RunOptions {
  const secret = (name: 'password' | 'passphrase') =>
    readSecret(name, flags[`${name}Env`], flags[`${name}File`], environment, faults);
  const password = secret('password');
  const pem = {
    cert: readFile('--cert', flags.cert, faults),
    key: readFile('--key', flags.key, faults),
    ca: readFile('--ca', flags.ca, faults),
    pfx: readBytes('--pfx', flags.pfx, faults),
    passphrase: secret('passphrase'),
    clientCa: readClientCa(flags, faults),
  };
  const { proxy, auth, username, unknownUser, profile, strictKeys, failOn, useridCase, useridSpaces } = flags;
  const { keepCertificates, timeoutMs, maxRequests, maxDuration, maxFailedLogins, concurrency, maxP95Ms } = flags;
  const { intrusive, showData, only, skip, explore, seed } = flags;
  const options = {
    ...{ url, proxy, auth: auth as AuthMode, username, password, knownUsers: flags.knownUser, unknownUser },
    ...{ profile, strictKeys, failOn, useridCase, useridSpaces, keepCertificates },
    ...{ timeoutMs, maxRequests, maxDuration, maxFailedLogins, concurrency, maxP95Ms },
    ...{ intrusive, showData, only, skip, explore, seed, customChecks },
    ...pem,
    resolve: readFixedAddress(flags.resolve, faults),
    expectedData: flags.expect === undefined ? undefined : readExpectedUsers(flags.expect, faults),
    hook: readHook(flags, faults),
  };
  // An unreadable file is not also reported as missing: when combinations of options are validated, it is sufficient that the file was named.
  const named = {
    ...options,
    password: password ?? flags.passwordEnv ?? flags.passwordFile,
    ...{ cert: flags.cert, key: flags.key, ca: flags.ca },
    pfx: pem.pfx ?? (flags.pfx === undefined ? undefined : Buffer.alloc(0)),
    passphrase: pem.passphrase ?? flags.passphraseEnv ?? flags.passphraseFile,
  };
  faults.push(
    ...findCombinationFaults(named),
    ...findPemFaults(pem),
    ...findSelectionFaults(withCustomChecks(catalogue, customChecks), options),
  );
  return options;
}

/** Returns the commands that start and end an outage; undefined: none were given. */
function readHook(flags: ConformFlags, faults: string[]): ConformanceOptions['hook'] {
  const { break: breakCommand, restore: restoreCommand = flags.mend } = flags;
  if (flags.restore !== undefined && flags.mend !== undefined) {
    faults.push('--restore and --mend are mutually exclusive. --mend is deprecated: remove it.');
  }
  if ((breakCommand === undefined) !== (restoreCommand === undefined)) {
    faults.push(
      '--break requires --restore, and --restore requires --break. Add both, so that the data source is restored.',
    );
  }
  if (flags.hookTimeoutMs !== undefined && breakCommand === undefined && restoreCommand === undefined) {
    faults.push('--hook-timeout-ms has no effect without --break and --restore. Remove it, or add them.');
  }
  if (breakCommand === undefined || restoreCommand === undefined) return undefined;
  return { breakCommand, restoreCommand, timeoutMs: flags.hookTimeoutMs };
}

/** Returns the CA for client certificates and its key; undefined: none was given. */
function readClientCa({ clientCa, clientCaKey }: ConformFlags, faults: string[]): ConformanceOptions['clientCa'] {
  if ((clientCa === undefined) !== (clientCaKey === undefined)) {
    faults.push('--client-ca requires --client-ca-key, and --client-ca-key requires --client-ca. Add both.');
  }
  const certificate = readFile('--client-ca', clientCa, faults);
  const key = readFile('--client-ca-key', clientCaKey, faults);
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

function readFixedAddress(text: string | undefined, faults: string[]): ConformanceOptions['resolve'] {
  if (text === undefined) return undefined;
  const fixed = parseFixedAddress(text);
  if (!fixed) faults.push('--resolve takes HOST:PORT:ADDRESS, e.g. users.example.com:443:192.0.2.7.');
  return fixed ?? undefined;
}

function readBytes(flag: string, file: string | undefined, faults: string[]): Buffer | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file);
  } catch (error) {
    faults.push(`${flag}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
    return undefined;
  }
}

function readFile(flag: string, file: string | undefined, faults: string[]): string | undefined {
  return readBytes(flag, file, faults)?.toString('utf8');
}

/** Reads a secret from a variable or from a file; its flags are --NAME-env and --NAME-file. */
function readSecret(
  name: 'password' | 'passphrase',
  variable: string | undefined,
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
  faults: string[],
): string | undefined {
  if (variable !== undefined && file !== undefined)
    faults.push(`--${name}-env and --${name}-file are mutually exclusive. Use one of them.`);
  if (variable === undefined) return readFile(`--${name}-file`, file, faults)?.replace(/\r?\n$/, '');
  const secret = environment[variable];
  if (secret === undefined) faults.push(`--${name}-env: the environment variable ${variable} is not set.`);
  return secret;
}
