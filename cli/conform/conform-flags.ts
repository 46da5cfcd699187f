// Flags of `user-info conform` that specify what is tested and how; `user-info init` writes a file with the same options.
import type { Command } from 'commander';
import { reportFormats } from '../../conformance/report/report-formats.ts';
import { collect, collectWords } from '../repeatable-options.ts';

/** Adds every flag that is also an option of the --config file; their values are those of ConformFlags. */
export function addConformFlags(command: Command): Command {
  return command
    .option('--resolve <host:port:address>', 'connect to this address for the host and port of the URL, as curl does')
    .option('--proxy <url>', 'HTTP proxy, or none (default: HTTPS_PROXY, HTTP_PROXY and NO_PROXY)')
    .option('--auth <mode>', 'authentication that the endpoint requires: basic, mtls, both, either or none')
    .option('--username <name>', 'user name of the Basic credentials')
    .option('--password-env <variable>', 'environment variable with the password')
    .option('--password-file <file>', 'file with the password; a line break at its end is ignored')
    .option('--cert <file>', 'client certificate, PEM')
    .option('--key <file>', 'its private key, PEM')
    .option('--pfx <file>', 'client certificate and key in one file, PKCS #12 (.pfx, .p12)')
    .option('--passphrase-env <variable>', 'environment variable with the passphrase of --key or --pfx')
    .option('--passphrase-file <file>', 'file with the passphrase; a line break at its end is ignored')
    .option('--ca <file>', "CA of the server's certificate, PEM (default: the CAs that Node trusts)")
    .option(
      '--known-user <id>',
      'userid that the endpoint knows; repeatable up to 50 times: each user is verified, and several allow more checks',
      collect,
    )
    .option('--unknown-user <id>', 'userid that the endpoint does not know (default: a random one)')
    .option('--strict-keys', 'fail if a 200 has keys other than groups, authorizations and name')
    .option('--profile <profile>', 'deprecated: strict is --strict-keys, lenient is the default')
    .option(
      '--fail-on <rule-set>',
      'rule sets that change the exit code: contract, standards (includes contract) or hardening (includes both) (default: contract)',
    )
    .option('--userid-case <rule>', 'letter case in userids: sensitive or insensitive (default: not tested)')
    .option('--userid-spaces <rule>', 'spaces around a userid: kept or trimmed (default: kept, as a warning)')
    .option('--timeout-ms <number>', 'timeout of one request, at most one day (default: 10000)')
    .option('--max-requests <number>', 'maximum requests in the whole run (default: 400)')
    .option(
      '--max-duration <seconds>',
      'maximum duration of the run; contract checks run first when it is short (default: 120)',
    )
    .option('--max-failed-logins <number>', 'maximum requests with wrong credentials for one user name (default: 5)')
    .option(
      '--client-ca <file>',
      'CA that the endpoint trusts for client certificates, PEM; for test systems only: bad certificates are issued from it',
    )
    .option('--client-ca-key <file>', 'its private key, PEM')
    .option(
      '--keep-certificates <directory>',
      'write the bad client certificates of the run and their keys to this directory, and name these files in curl lines',
    )
    .option('--concurrency <number>', 'concurrent requests of checks that send several at once, 1 to 24 (default: 4)')
    .option(
      '--max-p95-ms <number>',
      'fail if the 95th-percentile response time at --concurrency exceeds this (default: no limit)',
    )
    .option('--expect <file>', 'expected user info: YAML, JSON, or CSV (userid,group,attribute,value)')
    .option('--break <command>', 'shell command that stops the data source, for checks of an outage')
    .option('--restore <command>', 'shell command that restores the data source; it is always run')
    .option('--mend <command>', 'deprecated: use --restore')
    .option(
      '--hook-timeout-ms <number>',
      'timeout of --break and --restore, and of their effect, at most one day (default: 30000)',
    )
    .option('--intrusive', 'also send requests with write methods, floods and slow requests')
    .option('--show-data', 'show userids, groups and values in reports; never credentials')
    .option('--only <check>', 'run this check or topic only; repeatable, or separated by commas', collectWords)
    .option('--skip <check>', 'skip this check or topic; repeatable, or separated by commas', collectWords)
    .option('--explore <number>', 'inputs to generate for each check of generated inputs, 1 to 10000 (default: none)')
    .option('--seed <number>', 'seed that repeats the generated inputs of an earlier run (default: random)')
    .option('--checks <file>', 'ES module with custom checks, which run after those of the kit (default: none)')
    .option('--baseline <file>', 'file of accepted violations, which do not fail the run, YAML or JSON')
    .option(
      '--profile-of-platform <file>',
      'platform profile of `user-info learn`: state the effect of each finding on that platform; never changes the verdict (default: none)',
    )
    .option(
      '--report <format=file>',
      `write a report; repeatable; - is stdout; formats: ${reportFormats.join(', ')}`,
      collect,
    );
}
