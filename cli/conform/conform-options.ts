// Converts the flags of `user-info conform` to the options of a run, and reports all errors at once.
import { readFileSync } from 'node:fs';
import { catalogue } from '../../conformance/checks/catalogue.ts';
import { findCombinationFaults, findPemFaults } from '../../conformance/conformance-options.ts';
import { type RunOptions, withCustomChecks } from '../../conformance/define-check.ts';
import { parseFixedAddress } from '../../conformance/http/fixed-address.ts';
import type { AuthMode, ConformanceOptions, Profile } from '../../conformance/run-conformance.ts';
import { findSelectionFaults } from '../../conformance/select-checks.ts';
import type { RuleSet } from '../../schemas/generated/conformance-report.ts';
import { readExpectedUsers } from '../expected-file.ts';

/** As provided by commander: texts, unless a flag has no value. */
export interface ConformFlags {
  readonly resolve?: string;
  readonly proxy?: string;
  readonly auth?: AuthMode;
  readonly username?: string;
  readonly passwordEnv?: string;
  readonly passwordFile?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly pfx?: string;
  readonly passphraseEnv?: string;
  readonly passphraseFile?: string;
  readonly ca?: string;
  readonly knownUser?: readonly string[];
  readonly unknownUser?: string;
  readonly strictKeys?: boolean;
  readonly profile?: Profile;
  readonly failOn?: RuleSet;
  readonly useridCase?: 'sensitive' | 'insensitive';
  readonly useridSpaces?: 'kept' | 'trimmed';
  readonly timeoutMs?: string;
  readonly maxRequests?: string;
  readonly maxDuration?: string;
  readonly maxFailedLogins?: string;
  readonly clientCa?: string;
  readonly clientCaKey?: string;
  readonly keepCertificates?: string;
  readonly concurrency?: string;
  readonly maxP95Ms?: string;
  readonly expect?: string;
  readonly break?: string;
  readonly restore?: string;
  readonly mend?: string;
  readonly hookTimeoutMs?: string;
  readonly intrusive?: boolean;
  readonly showData?: boolean;
  readonly dryRun?: boolean;
  readonly explore?: string;
  readonly seed?: string;
  readonly checks?: string;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  readonly baseline?: string;
  readonly profileOfPlatform?: string;
  readonly writeBaseline?: string;
  readonly report?: readonly string[];
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly dispute?: readonly string[];
  readonly selfCheck?: boolean;
  readonly config?: string;
}

/** Returns the options of the run, with secrets from `environment`. All errors are added to `faults`. */
export function readOptions(
  url: string,
  flags: ConformFlags,
  faults: string[],
  environment: NodeJS.ProcessEnv = process.env,
  customChecks?: RunOptions['customChecks'],
): RunOptions {
  const { proxy, auth, username, knownUser: knownUsers, unknownUser, profile, strictKeys, failOn } = flags;
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
  const options = {
    ...{ url, proxy, auth: auth as AuthMode, username, password, knownUsers, unknownUser, profile, strictKeys, failOn },
    ...{ useridCase: flags.useridCase, useridSpaces: flags.useridSpaces },
    ...pem,
    keepCertificates: flags.keepCertificates,
    resolve: readFixedAddress(flags.resolve, faults),
    timeoutMs: toNumber(flags.timeoutMs),
    maxRequests: toNumber(flags.maxRequests),
    maxDuration: toNumber(flags.maxDuration),
    maxFailedLogins: toNumber(flags.maxFailedLogins),
    concurrency: toNumber(flags.concurrency),
    maxP95Ms: toNumber(flags.maxP95Ms),
    expectedData: flags.expect === undefined ? undefined : readExpectedUsers(flags.expect, faults),
    hook: readHook(flags, faults),
    intrusive: flags.intrusive,
    showData: flags.showData,
    only: flags.only,
    skip: flags.skip,
    explore: toNumber(flags.explore),
    seed: toNumber(flags.seed),
    customChecks,
  };
  // An unreadable file is not also reported as missing: for combinations of options, naming it is sufficient.
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

/** The commands of an outage, or nothing. */
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
  return { breakCommand, restoreCommand, timeoutMs: toNumber(flags.hookTimeoutMs) };
}

/** A CA with its key, or nothing. */
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

function toNumber(text: string | undefined): number | undefined {
  // An empty text would count as 0.
  return text === undefined ? undefined : Number(text.trim() || Number.NaN);
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
