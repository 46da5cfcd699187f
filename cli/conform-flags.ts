// Flags of `user-info conform` that say what is tested and how; `user-info init` writes a file with the same options.
import type { Command } from 'commander';
import { reportFormats } from '../conformance/report/report-formats.ts';
import { collect, collectWords } from './repeatable-options.ts';

/** Adds every flag that has a place in the file of --config too; their values are those of ConformFlags. */
export function addConformFlags(command: Command): Command {
  return command
    .option('--resolve <host:port:address>', 'meet the host of the URL at this address, whatever DNS says')
    .option('--proxy <url>', 'HTTP proxy to ask through, or none (default: HTTPS_PROXY, HTTP_PROXY and NO_PROXY)')
    .option('--auth <mode>', 'what it is meant to ask for: basic, mtls, both, either or none')
    .option('--username <name>', 'user name of the Basic credentials')
    .option('--password-env <variable>', 'environment variable that holds their password')
    .option('--password-file <file>', 'file that holds their password; a line break at its end is not part of it')
    .option('--cert <file>', 'client certificate, PEM')
    .option('--key <file>', 'its private key, PEM')
    .option('--pfx <file>', 'both in one, PKCS #12 (.pfx, .p12)')
    .option('--passphrase-env <variable>', 'environment variable that holds the passphrase of --key or --pfx')
    .option('--passphrase-file <file>', 'file that holds it; a line break at its end is not part of it')
    .option('--ca <file>', "CA of the server's certificate, PEM (default: the CAs that Node trusts)")
    .option(
      '--known-user <id>',
      'a user whom the endpoint knows; repeat it for up to 50 users: each is verified, and others allow more checks',
      collect,
    )
    .option('--unknown-user <id>', 'a user whom it does not know (default: a random one)')
    .option('--strict-keys', 'fail if a 200 has keys other than groups, authorizations and name')
    .option('--profile <profile>', 'deprecated: strict is --strict-keys, lenient is the default')
    .option(
      '--fail-on <rule-set>',
      'rule sets that change the exit code: contract, standards (includes contract) or hardening (includes both) (default: contract)',
    )
    .option(
      '--userid-case <rule>',
      'whether letter case matters in user ids: sensitive or insensitive (default: not judged)',
    )
    .option(
      '--userid-spaces <rule>',
      'whether spaces around a user id are part of it: kept or trimmed (default: they should)',
    )
    .option('--timeout-ms <number>', 'time limit for one request, at most one day (default: 10000)')
    .option('--max-requests <number>', 'requests in the whole run, at most (default: 400)')
    .option(
      '--max-duration <seconds>',
      'time of the whole run, at most; checks of the contract come first when it will not suffice for all (default: 120)',
    )
    .option('--max-failed-logins <number>', 'requests with wrong credentials for one user name, at most (default: 5)')
    .option(
      '--client-ca <file>',
      'CA of a test system that it trusts for client certificates, PEM: to issue bad ones from',
    )
    .option('--client-ca-key <file>', 'its private key, PEM')
    .option('--concurrency <number>', 'requests on their way at once where many are asked together (default: 4)')
    .option(
      '--max-p95-ms <number>',
      'fail if the 95th-percentile response time at --concurrency exceeds this (default: no limit)',
    )
    .option('--expect <file>', 'what users are to be answered with: YAML, JSON, or CSV (userid,group,attribute,value)')
    .option('--break <command>', 'shell command that takes the source of users down, for checks of an outage')
    .option('--mend <command>', 'shell command that brings it back; it is run whatever happens')
    .option(
      '--hook-timeout-ms <number>',
      'time limit for each of the two commands and for its effect to show, at most one day (default: 30000)',
    )
    .option('--intrusive', 'send requests too that write, flood or dawdle')
    .option('--show-data', 'let reports show user ids, groups and values; never credentials')
    .option('--only <check>', 'run this check or topic only; as often as you like, or with commas', collectWords)
    .option('--skip <check>', 'leave this check or topic out; as often as you like, or with commas', collectWords)
    .option('--explore <number>', 'inputs to generate for each check of generated inputs, 1 to 10000 (default: none)')
    .option('--seed <number>', 'seed that repeats the generated inputs of an earlier run (default: random)')
    .option('--checks <file>', 'ES module with custom checks, which run after those of the kit (default: none)')
    .option('--baseline <file>', 'accepted violations, which do not fail the run, YAML or JSON')
    .option(
      '--report <format=file>',
      `write a report, as often as you like; - is stdout; formats: ${reportFormats.join(', ')}`,
      collect,
    );
}
