// Made by `npm run generate:types` from schemas/conformance-config.schema.json. Do not edit.

/**
 * Configuration file of `user-info conform --config FILE`, in YAML or JSON. Except for `url`, `knownUsers` (--known-user) and `reports` (--report), each option corresponds to the flag of the same name. Flags and environment variables take precedence over this file. Relative paths are resolved from the directory of this file.
 */
export interface ConformanceConfig {
  /**
   * URL of the endpoint, without a query.
   */
  url?: string;
  /**
   * HOST:PORT:ADDRESS: connect to this address for the host and port of the URL, instead of the address from DNS. Default: DNS.
   */
  resolve?: string;
  /**
   * URL of an HTTP proxy for all requests, or `none`. The URL must not contain credentials: for a proxy that needs them, set the whole URL in the environment variable USER_INFO_CONFORM_PROXY. Default: the proxy of HTTPS_PROXY or HTTP_PROXY, otherwise of ALL_PROXY. No proxy is used for hosts in NO_PROXY and for a loopback address.
   */
  proxy?: string;
  /**
   * Authentication that the endpoint is expected to require.
   */
  auth?: 'basic' | 'mtls' | 'both' | 'either' | 'none';
  /**
   * User name of the Basic credentials.
   */
  username?: string;
  /**
   * Environment variable that contains the password.
   */
  passwordEnv?: string;
  /**
   * File that contains the password. A line break at its end is ignored.
   */
  passwordFile?: string;
  /**
   * PEM file with the client certificate.
   */
  cert?: string;
  /**
   * PEM file with the private key of the client certificate.
   */
  key?: string;
  /**
   * PKCS #12 file (.pfx, .p12) that contains both the client certificate and its private key.
   */
  pfx?: string;
  /**
   * Environment variable that contains the passphrase of key or pfx.
   */
  passphraseEnv?: string;
  /**
   * File that contains the passphrase of key or pfx. A line break at its end is ignored.
   */
  passphraseFile?: string;
  /**
   * PEM file with the CA of the server certificate. Default: the CAs that Node.js trusts.
   */
  ca?: string;
  /**
   * User ids that the endpoint knows, at most 50. The kit requests each user and verifies the response. A second user with different groups, and user ids with special characters, make more checks possible.
   *
   * @minItems 1
   * @maxItems 50
   */
  knownUsers?: [string, ...string[]];
  /**
   * User id that the endpoint does not know. Default: a random user id.
   */
  unknownUser?: string;
  /**
   * Fail if the body of a 200 response has keys other than groups, authorizations and name.
   */
  strictKeys?: boolean;
  /**
   * @deprecated
   * Deprecated. Instead of strict, use strictKeys: true. Instead of lenient, use strictKeys: false.
   */
  profile?: 'strict' | 'lenient';
  /**
   * Rule sets whose violations change the exit code to 1: contract, standards (includes contract), or hardening (includes both). The verdict depends on contract only.
   */
  failOn?: 'contract' | 'standards' | 'hardening';
  /**
   * Whether letter case matters in user ids: sensitive or insensitive. A declared value is a MUST requirement. Default: undeclared; the kit reports how the endpoint treats letter case, without evaluating it.
   */
  useridCase?: 'sensitive' | 'insensitive';
  /**
   * Whether spaces around a user id are part of it: kept or trimmed. A declared value is a MUST requirement. Default: undeclared; the endpoint SHOULD treat the spaces as part of the user id.
   */
  useridSpaces?: 'kept' | 'trimmed';
  /**
   * Time limit for one request, in ms.
   */
  timeoutMs?: number;
  /**
   * Maximum number of requests in the whole run.
   */
  maxRequests?: number;
  /**
   * Time limit for the whole run, in seconds. The last request may end later, within its own time limit. If the first response shows that there is not enough time for all checks, the checks of the contract run first. Next to the verdict, the report lists the checks that did not run in time.
   */
  maxDuration?: number;
  /**
   * Maximum number of requests with wrong credentials for one user name.
   */
  maxFailedLogins?: number;
  /**
   * PEM file with a CA that a test system trusts for client certificates. The kit uses this CA to issue invalid client certificates.
   */
  clientCa?: string;
  /**
   * PEM file with the private key of clientCa.
   */
  clientCaKey?: string;
  /**
   * Directory to which the kit writes the bad client certificates of the run and their keys, with mode 0600. The kit creates the directory if it does not exist, and replaces files of an earlier run. The curl lines of the report then name these files. Default: the certificates are not written.
   */
  keepCertificates?: string;
  /**
   * Number of concurrent requests in checks that send requests in parallel.
   */
  concurrency?: number;
  /**
   * Fail if the 95th-percentile response time exceeds this, in ms. Default: no limit.
   */
  maxP95Ms?: number;
  /**
   * File with the expected groups and authorizations of users: YAML, JSON or CSV.
   */
  expect?: string;
  /**
   * Shell command that takes down the data source of the users, for checks of an outage.
   */
  break?: string;
  /**
   * Shell command that restores the data source. It always runs, even if a check fails or the run is interrupted.
   */
  restore?: string;
  /**
   * @deprecated
   * Deprecated: use restore.
   */
  mend?: string;
  /**
   * Time limit for each of the commands break and restore, and for the command to take effect, in ms.
   */
  hookTimeoutMs?: number;
  /**
   * Also send requests that write, flood or stall.
   */
  intrusive?: boolean;
  /**
   * Show user ids, groups and values in reports. Reports never show credentials.
   */
  showData?: boolean;
  /**
   * Number of generated inputs for each check in the topic Generated inputs. Each input takes about four requests. Default: none.
   */
  explore?: number;
  /**
   * Seed of the generated inputs. The seed of an earlier run repeats its inputs. Default: random.
   */
  seed?: number;
  /**
   * File of an ES module with custom checks. Default: none.
   */
  checks?: string;
  /**
   * Checks and topics to run; all others are left out. Default: all.
   *
   * @minItems 1
   */
  only?: [string, ...string[]];
  /**
   * Checks and topics to leave out. Default: none.
   *
   * @minItems 1
   */
  skip?: [string, ...string[]];
  /**
   * File of known failures that do not fail the run. Default: none.
   */
  baseline?: string;
  /**
   * Platform profile from `user-info learn`. Reports use the profile to state the effect of each finding on the platform. The profile never changes the verdict. Default: none, and the effect is not stated.
   */
  profileOfPlatform?: string;
  /**
   * Reports to write, as a map from format to file, e.g. html: report.html. Default: none.
   */
  reports?: {
    /**
     * Report for people.
     */
    html?: string;
    /**
     * Report for CI systems.
     */
    junit?: string;
    /**
     * Report for code scanning.
     */
    sarif?: string;
    /**
     * Report for the summary of a CI job.
     */
    markdown?: string;
    /**
     * Report for programs.
     */
    json?: string;
    /**
     * Report as the terminal shows it.
     */
    text?: string;
  };
}
