// Diagnosis of the source `ldap`: the connection to each server, then the bind account's access and the server's features.
import type { Socket } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { LdapSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { compareClocks } from '../../doctor/probes/compare-clocks.ts';
import { doubtful, type Finding, type Findings, fails, failure, untried, works } from '../../doctor/probes/finding.ts';
import { probeHost, type ShakeHands, type TlsToProbe } from '../../doctor/probes/probe-host.ts';
import { SourceError } from '../user-source.ts';
import { type AttributeTypes, withAttributeNames } from './attribute-names.ts';
import { type Directory, readEntry, textsOf, valuesOf } from './directory.ts';
import { type DirectorySettings, describeReplacedFilter, resolveSettings } from './directory-settings.ts';
import type { GroupLookUp } from './groups/found-group.ts';
import { type SampleFinding, sampleMemberships, sampleUserFilter, sampleUsers } from './groups/membership-sample.ts';
import { createLdapDirectory } from './ldap-directory.ts';
import { LdapConnection } from './wire/ldap-connection.ts';
import { BindRefused } from './wire/ldap-errors.ts';
import { openConnection, parseServerUrl, readTlsOptions, startTls } from './wire/open-connection.ts';
import { isActiveDirectory, knowsInChain, readAttributeTypes, readRootEntry } from './wire/probe-server.ts';

const bindRemedy = 'check that the dn is complete, that the password is current, and that the account is not locked';

/**
 * Diagnoses each server, then the directory through the first one that works. A rejected account ends the diagnosis at once: each further
 * attempt brings the account closer to a lockout.
 *
 * @param allowsNoGroups as in `AdapterContext`: missing memberships are then reported as doubtful, not as a failure.
 */
export async function* diagnoseLdap(config: LdapSourceConfig, allowsNoGroups: boolean): Findings {
  const { settings, faults } = resolveSettings(config);
  for (const { option, message } of faults)
    yield fails('options', `source.${option} ${message}`, 'run `config check` to see the line and column');
  if (settings === null) return false;
  const replaced = describeReplacedFilter(settings);
  if (replaced !== null) {
    yield doubtful(
      'options',
      replaced,
      'remove this option, so that source.user.enabledFilter applies in addition to that filter',
    );
  }
  let first: LdapConnection | null = null;
  try {
    for (const url of config.urls) {
      const options = await readTlsFiles(url, config);
      if (options instanceof Error) {
        const file = options.path ?? 'a file';
        const remedy = 'check the path in source.tls and the permissions of the file';
        yield fails('TLS', `${file} (source.tls) cannot be read (${options.code})`, remedy);
        // The other servers use the same files.
        return false;
      }
      if (!(yield* probeServerOf(url, options, config))) continue;
      try {
        const connection = await openConnection(url, config, new AbortController().signal);
        yield works(
          'bind',
          config.bind.method === 'anonymous' ? `${url} is used without a bind account` : `${url} accepts the account`,
        );
        if (first === null) first = connection;
        else connection.close();
      } catch (error) {
        yield failure('bind', error, error instanceof BindRefused ? bindRemedy : undefined);
        if (error instanceof BindRefused) return false;
      }
    }
    if (first === null) return false;
    return yield* diagnoseDirectory(first, config, settings, allowsNoGroups);
  } finally {
    first?.close();
  }
}

/** Returns the TLS options with the content of the files, or the error of reading a file; `null`: no TLS. */
async function readTlsFiles(
  url: string,
  { tls }: LdapSourceConfig,
): Promise<ConnectionOptions | NodeJS.ErrnoException | null> {
  const { host, isLdaps } = parseServerUrl(url);
  if (!isLdaps && !tls.startTls) return null;
  return readTlsOptions(tls, host).catch((error: NodeJS.ErrnoException) => error);
}

/** @param options null: no TLS. */
async function* probeServerOf(url: string, options: ConnectionOptions | null, config: LdapSourceConfig): Findings {
  const { host, port, isLdaps } = parseServerUrl(url);
  const target = { host, port, timeoutMs: config.connectTimeoutMs };
  if (options === null) return yield* probeHost(target);
  const tls: TlsToProbe = {
    options,
    serverName: config.tls.serverName ?? host,
    section: 'source.tls',
    ...(!isLdaps && {
      negotiate: (plain: Socket, shakeHands: ShakeHands) => negotiate(url, plain, shakeHands, config),
    }),
  };
  return yield* probeHost({ ...target, tls });
}

async function negotiate(
  url: string,
  plain: Socket,
  shakeHands: ShakeHands,
  config: LdapSourceConfig,
): Promise<TLSSocket> {
  let secure: TLSSocket | undefined;
  await startTls(new LdapConnection(url, plain, config), async (socket) => {
    secure = await shakeHands(socket);
    return secure;
  });
  if (secure === undefined) throw new Error('upgraded without a handshake');
  return secure;
}

/** Diagnoses what a bound connection can read. Every probe runs, regardless of the results of the others. */
async function* diagnoseDirectory(
  connection: LdapConnection,
  config: LdapSourceConfig,
  settings: DirectorySettings,
  allowsNoGroups: boolean,
): Findings {
  const { signal } = new AbortController();
  const server = createLdapDirectory({ takeOpen: () => connection, open: async () => connection }, config);
  const types = await readTypes(server, signal);
  const directory = withAttributeNames(server, types);
  const lookUp = { directory, settings, signal };
  const { user, groups } = settings;
  const probes: ReadonlyArray<readonly [subject: string, probe: () => Promise<Finding | readonly Finding[]>]> = [
    ['base', () => probeBase('user.base', user.base)],
    ...(groups.base === '' ? [] : [['base', () => probeBase('groups.base', groups.base)] as const]),
    ['strategies', probeStrategies],
    ['rights', () => probeUserRights(lookUp)],
    ['rights', () => probeMemberships(lookUp, allowsNoGroups)],
  ];
  let allWork = true;
  for (const [subject, probe] of probes) {
    const answer = await probe().catch((error: unknown) => failure(subject, error));
    for (const finding of [answer].flat()) {
      if (finding.verdict === 'fails') allWork = false;
      yield finding;
    }
  }
  return allWork;

  async function probeBase(option: string, base: string): Promise<Finding> {
    const entry = await readEntry(directory, { purpose: `source.${option}`, base }, signal);
    if (entry !== null) return works('base', `source.${option} is visible to this account`);
    const remedy = 'grant the bind account read access to it; every search below it could return no entries';
    return fails('base', `source.${option} is not visible to this account`, remedy);
  }

  async function probeStrategies(): Promise<readonly Finding[]> {
    const requestedMs = Date.now();
    const root = await readRootEntry(directory, signal);
    const respondedMs = Date.now();
    const supported = new Set<string>(['none', 'search', 'recursive']);
    if (types === null || types.has('memberof')) supported.add('memberOf');
    if (await knowsInChain(directory, settings, signal)) supported.add('inChain');
    if (isActiveDirectory(root)) supported.add('tokenGroups');
    const list = [...supported].filter((name) => name !== 'none').join(', ');
    const clock = root === null ? undefined : readTime(textsOf(root, 'currentTime')[0]);
    return [
      clock === undefined
        ? untried('clock', 'the server does not send its time')
        : compareClocks(connection.url, clock, requestedMs, respondedMs),
      supported.has(groups.strategy)
        ? works('strategies', `the server supports ${list}; ${groups.strategy} is used`)
        : fails(
            'strategies',
            `the server does not support ${groups.strategy}`,
            `set source.groups.strategy to one of ${list}`,
          ),
    ];
  }
}

/** Returns `null` if the schema cannot be read; the following probes report that error. */
async function readTypes(server: Directory, signal: AbortSignal): Promise<AttributeTypes | null> {
  try {
    return await readAttributeTypes(server, await readRootEntry(server, signal), signal);
  } catch (error) {
    if (error instanceof SourceError) return null;
    throw error;
  }
}

/**
 * Parses a time, e.g. "20261124232108.0Z", as Active Directory writes it. Returns milliseconds since the epoch; `undefined`: missing or malformed.
 */
function readTime(text: string | undefined): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(text ?? '');
  if (parts === null) return undefined;
  const [year = 0, month = 0, ...rest] = parts.slice(1).map(Number);
  const [day, hour, minute, second] = rest;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** Tests whether the account can see a user, and which of the user's attributes. An attribute that it cannot read looks like a missing one. */
async function probeUserRights(lookUp: GroupLookUp): Promise<readonly Finding[]> {
  const { useridAttributes, statusAttribute } = lookUp.settings.user;
  const sample = await sampleUsers(lookUp);
  const names = useridAttributes.join(' or ');
  const shows = (attributes: readonly string[]) =>
    sample.some((entry) => attributes.some((attribute) => valuesOf(entry, attribute).length > 0));
  if (!shows(useridAttributes)) {
    const remedy = 'check source.user.base, filter and attributes, and grant the bind account read access';
    return [fails('rights', `no entry below source.user.base has a ${names} that this account can read`, remedy)];
  }
  const ownFilter = await sampleUserFilter(lookUp, sample);
  const found = [
    works('rights', `an entry below source.user.base has a ${names} that this account can read`),
    findingOf('userid', ownFilter),
  ];
  if (statusAttribute === null || shows([statusAttribute])) return found;
  const text = `the sampled users have no readable ${statusAttribute}, which shows whether a user is disabled`;
  return [...found, fails('rights', text, 'grant the bind account read access to it')];
}

async function probeMemberships(lookUp: GroupLookUp, allowsNoGroups: boolean): Promise<readonly Finding[]> {
  const finding = await sampleMemberships(lookUp);
  if (finding === null) return [];
  const { verdict, text, remedy } = finding;
  if (verdict !== 'fails') return [findingOf('rights', finding)];
  if (allowsNoGroups) return [doubtful('rights', text, lowerFirst(remedy))];
  return [fails('rights', `every user would be served without groups: ${text}`, lowerFirst(remedy))];
}

function findingOf(subject: string, { verdict, text, remedy }: SampleFinding): Finding {
  if (verdict === 'works') return works(subject, text);
  return verdict === 'empty' ? untried(subject, text) : fails(subject, text, lowerFirst(remedy));
}

/** Lower-cases the first letter of a remedy, because the remedy follows an arrow. */
function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
