// Owns what the flags of `user-info conform` mean: from their texts and files to the options of a run, with all faults at once.
import { readFileSync } from 'node:fs';
import { catalogue } from '../conformance/checks/catalogue.ts';
import { findCombinationFaults, findPemFaults } from '../conformance/conformance-options.ts';
import type { AuthMode, ConformanceOptions, Profile } from '../conformance/run-conformance.ts';
import { findSelectionFaults } from '../conformance/select-checks.ts';
import { readExpectedUsers } from './expected-file.ts';

/** As commander gives them: texts, unless a flag has no value. */
export interface ConformFlags {
  readonly auth?: AuthMode;
  readonly username?: string;
  readonly passwordEnv?: string;
  readonly passwordFile?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  readonly knownUser?: readonly string[];
  readonly unknownUser?: string;
  readonly profile?: Profile;
  readonly timeoutMs?: string;
  readonly maxRequests?: string;
  readonly maxFailedLogins?: string;
  readonly clientCa?: string;
  readonly clientCaKey?: string;
  readonly concurrency?: string;
  readonly maxP95Ms?: string;
  readonly expect?: string;
  readonly break?: string;
  readonly mend?: string;
  readonly hookTimeoutMs?: string;
  readonly intrusive?: boolean;
  readonly showData?: boolean;
  readonly dryRun?: boolean;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly report?: readonly string[];
  readonly json?: boolean;
  readonly selfCheck?: boolean;
  readonly config?: string;
}

/** The options of the run. All that is wrong with them is added to `faults`. */
export function readOptions(url: string, flags: ConformFlags, faults: string[]): ConformanceOptions {
  const { auth, username, knownUser: knownUsers, unknownUser, profile } = flags;
  const password = readPassword(flags, faults);
  const pem = {
    cert: readFile('--cert', flags.cert, faults),
    key: readFile('--key', flags.key, faults),
    ca: readFile('--ca', flags.ca, faults),
    clientCa: readClientCa(flags, faults),
  };
  const options = {
    ...{ url, auth: auth as AuthMode, username, password, knownUsers, unknownUser, profile },
    ...pem,
    timeoutMs: toNumber(flags.timeoutMs),
    maxRequests: toNumber(flags.maxRequests),
    maxFailedLogins: toNumber(flags.maxFailedLogins),
    concurrency: toNumber(flags.concurrency),
    maxP95Ms: toNumber(flags.maxP95Ms),
    expectedData: flags.expect === undefined ? undefined : readExpectedUsers(flags.expect, faults),
    hook: readHook(flags, faults),
    intrusive: flags.intrusive,
    showData: flags.showData,
    only: flags.only,
    skip: flags.skip,
  };
  // What was named but can't be read is not missing as well: for the combinations the name counts.
  const named = {
    ...options,
    password: password ?? flags.passwordEnv ?? flags.passwordFile,
    ...{ cert: flags.cert, key: flags.key, ca: flags.ca },
  };
  faults.push(...findCombinationFaults(named), ...findPemFaults(pem), ...findSelectionFaults(catalogue, options));
  return options;
}

/** The commands of an outage, or nothing. */
function readHook(flags: ConformFlags, faults: string[]): ConformanceOptions['hook'] {
  const { break: breakCommand, mend: mendCommand } = flags;
  if ((breakCommand === undefined) !== (mendCommand === undefined)) {
    faults.push('--break and --mend belong together: give both, so that the source does not stay down.');
  }
  if (flags.hookTimeoutMs !== undefined && breakCommand === undefined && mendCommand === undefined) {
    faults.push('--hook-timeout-ms has no use without --break and --mend.');
  }
  if (breakCommand === undefined || mendCommand === undefined) return undefined;
  return { breakCommand, mendCommand, timeoutMs: toNumber(flags.hookTimeoutMs) };
}

/** A CA with its key, or nothing. */
function readClientCa({ clientCa, clientCaKey }: ConformFlags, faults: string[]): ConformanceOptions['clientCa'] {
  if ((clientCa === undefined) !== (clientCaKey === undefined)) {
    faults.push('--client-ca and --client-ca-key belong together: give both.');
  }
  const certificate = readFile('--client-ca', clientCa, faults);
  const key = readFile('--client-ca-key', clientCaKey, faults);
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

function toNumber(text: string | undefined): number | undefined {
  // An empty text would count as 0.
  return text === undefined ? undefined : Number(text.trim() || Number.NaN);
}

function readFile(flag: string, file: string | undefined, faults: string[]): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    faults.push(`${flag}: ${file} can not be read (${(error as NodeJS.ErrnoException).code}).`);
    return undefined;
  }
}

function readPassword({ passwordEnv, passwordFile }: ConformFlags, faults: string[]): string | undefined {
  if (passwordEnv !== undefined && passwordFile !== undefined) {
    faults.push('Give --password-env or --password-file, not both.');
  }
  if (passwordEnv === undefined) return readFile('--password-file', passwordFile, faults)?.replace(/\r?\n$/, '');
  const password = process.env[passwordEnv];
  if (password === undefined) faults.push(`--password-env: the environment variable ${passwordEnv} is not set.`);
  return password;
}
