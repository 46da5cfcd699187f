// Export of a load test as a k6 script, for loads that need more than one machine.
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import { findMeasurements, groupGuesses, wordMeasurement } from '../sync/guess-origins.ts';
import type { LoadMode } from './load-stage.ts';

export interface K6Request {
  readonly settings: LoadedIamSettings;
  readonly mode: LoadMode;
  readonly levels: readonly number[];
  readonly seconds: number;
  readonly paceMs: number;
  readonly maxP99Ms: number;
  readonly userids: readonly string[];
}

/**
 * Returns the script: one scenario per level, one after the other, with the requests of the simulator. It contains no passwords or keys: the password
 * comes from USER_INFO_PASSWORD, certificates from the files in the settings. The assumptions are listed at its top; it never repeats requests,
 * whatever they specify.
 */
export function writeK6Script({ settings, mode, levels, seconds, paceMs, maxP99Ms, userids }: K6Request): string {
  const { externalUserInfo, guesses } = settings;
  const { uri, useAuth, authentication, sslRequestCert, sslCertFile, sslKeyFile } = externalUserInfo;
  const startOf = (index: number) => `${index * (seconds + Math.ceil(guesses.timeoutMs / 1000))}s`;
  const scenarios = levels.map((level, index) => {
    const common = { startTime: startOf(index), gracefulStop: `${Math.ceil(guesses.timeoutMs / 1000)}s` };
    const open = {
      executor: 'constant-arrival-rate',
      rate: level,
      timeUnit: '1s',
      duration: `${seconds}s`,
      preAllocatedVUs: Math.max(10, Math.ceil(level / 10)),
      maxVUs: Math.max(100, Math.ceil((level * guesses.timeoutMs) / 1000)),
    };
    const closed = { executor: 'constant-vus', vus: level, duration: `${seconds}s` };
    return [`level_${level}`, { ...(mode === 'open' ? open : closed), ...common }] as const;
  });
  const options = {
    scenarios: Object.fromEntries(scenarios),
    thresholds: { http_req_failed: ['rate==0'], http_req_duration: [`p(99)<${maxP99Ms}`] },
    summaryTrendStats: ['med', 'p(90)', 'p(99)', 'p(99.9)', 'max'],
    insecureSkipTLSVerify: !guesses.verifyServerCertificate,
  };
  const tls =
    sslRequestCert && sslCertFile !== undefined && sslKeyFile !== undefined
      ? `\noptions.tlsAuth = [{ cert: open(${quote(sslCertFile)}), key: open(${quote(sslKeyFile)}) }];\n`
      : '';
  const headers = useAuth
    ? `{ accept: 'application/json', authorization: \`Basic \${encoding.b64encode(\`\${${quote(authentication?.username ?? '')}}:\${__ENV.USER_INFO_PASSWORD}\`)}\` }`
    : `{ accept: 'application/json' }`;
  const encode =
    guesses.spaceAs === '+' ? "encodeURIComponent(userid).replace(/%20/g, '+')" : 'encodeURIComponent(userid)';
  const pace =
    mode === 'closed' && paceMs > 0
      ? `\n  sleep(Math.max(0, ${paceMs / 1000} - response.timings.duration / 1000));`
      : '';
  const join = uri.includes('?') ? '&' : '?';
  return `// Asks the endpoint of ${new URL(uri).host} as the platform does. Made by \`user-info simulate load --export-k6\`.
// Run: ${useAuth ? 'USER_INFO_PASSWORD=… ' : ''}k6 run FILE${guesses.verifyServerCertificate && uri.startsWith('https:') ? '; set SSL_CERT_FILE for your own CA' : ''}
//
${describeGuesses({ ...settings, guesses: { ...guesses, retries: 0 } })}
import { check${pace === '' ? '' : ', sleep'} } from 'k6';
${useAuth ? "import encoding from 'k6/encoding';\n" : ''}import { SharedArray } from 'k6/data';
import exec from 'k6/execution';
import http from 'k6/http';

// As the simulator counts: a 404 is a response for a user whom the endpoint does not know.
http.setResponseCallback(http.expectedStatuses(200, 404));

export const options = ${JSON.stringify(options, null, 2)};
${tls}
const userids = new SharedArray('userids', () => ${JSON.stringify(userids)});
const headers = ${headers};

export default function () {
  const userid = userids[exec.scenario.iterationInTest % userids.length];
  const response = http.get(\`${uri.replaceAll(/[\\`$]/g, '\\$&')}${join}userid=\${${encode}}\`, {
    headers,
    timeout: ${guesses.timeoutMs},
    redirects: ${guesses.followRedirects ? 5 : 0},
    responseType: 'text',
    tags: { name: 'user-info' },
  });
  check(response, {
    'status 200 or 404': ({ status }) => status === 200 || status === 404,
    'groups and authorizations': ({ status, body }) =>
      status !== 200 || ['groups', 'authorizations'].every((key) => key in JSON.parse(String(body))),
  });${pace}
}
`;
}

/** Returns comment lines, whatever characters the values have. */
function describeGuesses(settings: LoadedIamSettings): string {
  const measured = findMeasurements(settings, new Date().toISOString());
  return groupGuesses(settings.guesses, measured)
    .flatMap(({ measurement, guesses }) => [
      `${measurement === null ? 'Assumed, because undocumented' : wordMeasurement(measurement)}:`,
      ...guesses.map(([name, value]) => `  ${name} ${value}`),
    ])
    .map((line) => `// ${line.replaceAll(/[\r\n\u2028\u2029]/g, ' ')}`)
    .join('\n');
}

function quote(text: string): string {
  return JSON.stringify(text);
}
