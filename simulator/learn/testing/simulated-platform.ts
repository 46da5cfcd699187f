// A platform for tests of the experiments: the simulator's REST API with one IAM, and the learning endpoint that it requests.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DevelopmentCertificates, issueCertificates } from '../../../certs/issue-certificates.ts';
import { startTestApi } from '../../api/testing/start-test-api.ts';
import { openSimulator } from '../../open-simulator.ts';
import { valueKey } from '../../sync/access.ts';
import { type LearnOptions, type LearnResult, learnPlatform } from '../learn-platform.ts';
import { type LearningEndpoint, startLearningEndpoint } from '../learning-endpoint.ts';
import type { PlatformDriver } from '../platform-driver.ts';
import { createRestDriver } from '../rest-driver.ts';
import { nameTestUsers, provided } from '../test-users.ts';

const iam = 'okta';
export const prefix = 'learn-';
export const username = 'platform';

/** The default limits of the simulator's guard would stop the experiments. */
const noLimits = {
  ...{ maxLosingPercent: 100, mayEmptyGroups: true, maxGroupLosingPercent: 100, maxGainingPercent: 100 },
};

/** The platform without an endpoint; its IAM is created when the endpoint is known. */
export interface PlatformApi {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly driver: PlatformDriver;
  createIam(externalUserInfo: object, guesses: Readonly<Record<string, unknown>>): void;
  /** Changes the platform's behavior from now on. */
  changeGuesses(guesses: Readonly<Record<string, unknown>>): unknown;
  close(): Promise<void>;
}

export async function startPlatformApi(): Promise<PlatformApi> {
  const simulator = openSimulator(null);
  const { iams } = simulator.identities;
  simulator.identities.users.create({ userid: 'admin', name: 'Admin', permissions: ['USER_ADMIN'] }, 'test');
  const apiKey = simulator.apiKeys.create({ iam: 'bim', userid: 'admin' }, 'learn', 'test');
  const { plain, spaced, marked } = nameTestUsers(prefix);
  const access = {
    groups: new Set([provided.group]),
    values: new Set(provided.attributes.map(([name, value]) => valueKey(name, value))),
  };
  const users = [...plain, ...spaced, ...marked].map((userid) => ({ userid, name: null, email: null, access }));
  const list = { name: 'users.csv', hash: 'test', users };
  const api = await startTestApi(simulator, { readUserList: async () => list });
  return {
    ...{ apiKey, apiUrl: api.url },
    driver: createRestDriver({ url: api.url, apiKey, iam, timeoutMs: 120_000 }),
    createIam(externalUserInfo, guesses) {
      const settings = { externalUserInfo, blastRadius: noLimits, guesses };
      iams.create({ id: iam, name: iam, type: 'ldap', settings }, 'test');
    },
    changeGuesses: (guesses) => iams.setSettings(iam, { ...iams.get(iam).settings, guesses }, 'test'),
    async close() {
      await api.close();
      simulator.close();
    },
  };
}

export interface PlatformOptions {
  readonly guesses: Readonly<Record<string, unknown>>;
  /** Default: HTTPS with a client certificate. */
  readonly isPlain?: boolean;
  readonly platformAddresses?: readonly string[];
  /** Returns the port to which the platform connects instead of the endpoint's. */
  readonly between?: (endpoint: LearningEndpoint) => Promise<number>;
}

export interface SimulatedPlatform
  extends Pick<PlatformApi, 'apiUrl' | 'apiKey' | 'driver' | 'changeGuesses' | 'close'> {
  readonly endpoint: LearningEndpoint;
  readonly password: string;
  readonly ca: string;
  learn(options?: Partial<LearnOptions>): Promise<LearnResult>;
}

let certificates: Promise<readonly [DevelopmentCertificates, DevelopmentCertificates]> | null = null;

export async function startSimulatedPlatform(options: PlatformOptions): Promise<SimulatedPlatform> {
  const { guesses, isPlain = false, between, platformAddresses } = options;
  certificates ??= Promise.all([issueCertificates(), issueCertificates()]);
  const [own, untrusted] = await certificates;
  const directory = mkdtempSync(join(tmpdir(), 'user-info-learn-'));
  const write = (name: string, text: string) => {
    const file = join(directory, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const password = `canary-${randomBytes(12).toString('hex')}`;
  const pair = ({ certificate, key }: DevelopmentCertificates['server']) => ({ cert: certificate, key });
  const endpoint = await startLearningEndpoint({
    ...{ host: '127.0.0.1', port: 0, path: '/user-info', username, password, prefix },
    tls: isPlain ? null : { ...pair(own.server), ca: own.ca.certificate, untrusted: pair(untrusted.server) },
    ...(platformAddresses !== undefined && { platformAddresses }),
  });
  const url = new URL(endpoint.url);
  if (between !== undefined) url.port = String(await between(endpoint));
  const platform = await startPlatformApi();
  const externalUserInfo = {
    ...{ uri: url.href, useAuth: true, authentication: { username, passwordFile: write('password', password) } },
    ...(!isPlain && {
      ...{ useSSL: true, sslRequestCert: true, sslKeyFile: write('client-key.pem', own.client.key) },
      ...{ sslCertFile: write('client.pem', own.client.certificate), sslCaFile: write('ca.pem', own.ca.certificate) },
    }),
  };
  platform.createIam(externalUserInfo, guesses);
  return {
    ...platform,
    ...{ endpoint, password, ca: own.ca.certificate },
    learn: (given = {}) =>
      learnPlatform({
        ...{ endpoint, prefix, platform: 'simulator', maxWaitMs: 60_000, settleMs: 0, seed: 24 },
        driver: platform.driver,
        ...given,
      }),
    async close() {
      await platform.close();
      await endpoint.close();
      rmSync(directory, { recursive: true });
    },
  };
}
