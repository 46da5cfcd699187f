// Made by `npm run generate:types` from schemas/conformance-config.schema.json. Do not edit.

/**
 * What `user-info conform --config FILE` reads, YAML or JSON. Each option stands for the flag of that name; a flag, and an environment variable, is stronger. Files are found from the folder of this one.
 */
export interface ConformanceConfig {
  /**
   * The endpoint, without query.
   */
  url?: string;
  /**
   * HOST:PORT:ADDRESS: meet the host of the URL at this address, whatever DNS says.
   */
  resolve?: string;
  /**
   * URL of an HTTP proxy to ask through, or `none`. Credentials for it have no place here: give the whole URL in the environment variable USER_INFO_CONFORM_PROXY. Default: what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say.
   */
  proxy?: string;
  /**
   * What it is meant to ask for.
   */
  auth?: 'basic' | 'mtls' | 'both' | 'either' | 'none';
  /**
   * User name of the Basic credentials.
   */
  username?: string;
  /**
   * Environment variable that holds the password.
   */
  passwordEnv?: string;
  /**
   * File that holds the password; a line break at its end is not part of it.
   */
  passwordFile?: string;
  /**
   * Client certificate, PEM.
   */
  cert?: string;
  /**
   * Private key of the client certificate, PEM.
   */
  key?: string;
  /**
   * Client certificate and private key in one file, PKCS #12 (.pfx, .p12).
   */
  pfx?: string;
  /**
   * Environment variable that holds the passphrase of key or pfx.
   */
  passphraseEnv?: string;
  /**
   * File that holds the passphrase; a line break at its end is not part of it.
   */
  passphraseFile?: string;
  /**
   * CA of the server's certificate, PEM. Default: the CAs that Node trusts.
   */
  ca?: string;
  /**
   * Users whom the endpoint knows, at most 50. Each is requested and verified; a second one, with other groups, and names with special characters allow more checks.
   *
   * @minItems 1
   * @maxItems 50
   */
  knownUsers?: [string, ...string[]];
  /**
   * A user whom it does not know. Default: a random one.
   */
  unknownUser?: string;
  /**
   * Fail if the body of a 200 has keys other than groups, authorizations and name.
   */
  strictKeys?: boolean;
  /**
   * Deprecated: strict is strictKeys: true, lenient is strictKeys: false.
   */
  profile?: 'strict' | 'lenient';
  /**
   * Rule sets whose violations make the exit code 1: contract, standards (includes contract), or hardening (includes both). The verdict depends on contract only.
   */
  failOn?: 'contract' | 'standards' | 'hardening';
  /**
   * Whether letter case matters in user ids, sensitive or insensitive: a MUST then. Default: undeclared, which is reported and not judged.
   */
  useridCase?: 'sensitive' | 'insensitive';
  /**
   * Whether spaces around a user id are part of it, kept or trimmed: a MUST then. Default: undeclared; then a SHOULD says that they are.
   */
  useridSpaces?: 'kept' | 'trimmed';
  /**
   * Time limit for one request, in ms.
   */
  timeoutMs?: number;
  /**
   * Requests in the whole run, at most.
   */
  maxRequests?: number;
  /**
   * Time of the whole run in seconds, at most; the last request may end later by its own time limit. If the first response shows that the time will not suffice for all checks, those of the contract run first. What was not tested in time stands beside the verdict.
   */
  maxDuration?: number;
  /**
   * Requests with wrong credentials for one user name, at most.
   */
  maxFailedLogins?: number;
  /**
   * CA of a test system that it trusts for client certificates, PEM: to issue bad ones from.
   */
  clientCa?: string;
  /**
   * Private key of clientCa, PEM.
   */
  clientCaKey?: string;
  /**
   * Requests on their way at once where many are asked together.
   */
  concurrency?: number;
  /**
   * Fail if the 95th-percentile response time exceeds this, in ms. Default: no limit.
   */
  maxP95Ms?: number;
  /**
   * File of what users are to be answered with: YAML, JSON or CSV.
   */
  expect?: string;
  /**
   * Shell command that takes the source of users down, for checks of an outage.
   */
  break?: string;
  /**
   * Shell command that brings the source back; it is run whatever happens.
   */
  mend?: string;
  /**
   * Time limit for each of the commands break and mend, and for its effect to show, in ms.
   */
  hookTimeoutMs?: number;
  /**
   * Whether requests that write, flood or dawdle are sent too.
   */
  intrusive?: boolean;
  /**
   * Whether reports show user ids, groups and values; never credentials.
   */
  showData?: boolean;
  /**
   * Number of generated inputs for each check of the topic Generated inputs. They take about four requests each. Default: none.
   */
  explore?: number;
  /**
   * Seed that repeats the generated inputs of an earlier run. Default: random.
   */
  seed?: number;
  /**
   * File with an ES module of custom checks. Default: none.
   */
  checks?: string;
  /**
   * Checks and topics: run these only. Default: all.
   *
   * @minItems 1
   */
  only?: [string, ...string[]];
  /**
   * Checks and topics: leave these out.
   *
   * @minItems 1
   */
  skip?: [string, ...string[]];
  /**
   * File of failures that are known and do not fail the run.
   */
  baseline?: string;
  /**
   * Reports to write: format and file, e.g. html: report.html.
   */
  reports?: {
    /**
     * For people.
     */
    html?: string;
    /**
     * For CI.
     */
    junit?: string;
    /**
     * For code scanning.
     */
    sarif?: string;
    /**
     * For the summary of a CI job.
     */
    markdown?: string;
    /**
     * For programs.
     */
    json?: string;
    /**
     * As the terminal shows it.
     */
    text?: string;
  };
}
