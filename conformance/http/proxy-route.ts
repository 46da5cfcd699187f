// Chooses the proxy for an endpoint: the given proxy, or the proxy from the environment for the endpoint's host.
import net from 'node:net';
import { isLoopbackHost } from '../../schemas/loopback.ts';
import { hostOf, portOf } from './endpoint-address.ts';

/** A proxy that opens connections with CONNECT. */
export interface ProxyServer {
  /** The URL that may be shown, with its port and without credentials, e.g. "http://proxy.example.com:3128". */
  readonly shown: string;
  readonly isTls: boolean;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** Value of Proxy-Authorization; null: none is sent. */
  readonly authorization: string | null;
}

/**
 * How the endpoint is reached. `none`: bypasses the proxy in the environment, which users who repeat a request must know; undefined: there is no
 * proxy at all.
 */
export type ProxyRoute = ProxyServer | 'none' | undefined;

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Reads the URL of an HTTP proxy; null: it is invalid. As with curl, `proxy.example.com:3128` means http://. */
export function parseProxy(text: string): ProxyServer | null {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(whole)) return null;
  const url = new URL(whole);
  const { protocol, hostname, username, password, pathname, search, hash } = url;
  if (protocol !== 'http:' && protocol !== 'https:') return null;
  if (hostname === '' || pathname !== '/' || search !== '' || hash !== '') return null;
  const userPass = `${decode(username)}:${decode(password)}`;
  return {
    shown: `${protocol}//${hostname}:${portOf(url)}`,
    ...{ isTls: protocol === 'https:', host: hostOf(url), port: portOf(url) },
    authorization: userPass === ':' ? null : `Basic ${Buffer.from(userPass, 'utf8').toString('base64')}`,
  };
}

/** Returns a host in a comparable form, from a URL or from an entry of NO_PROXY. */
const toComparable = (host: string) =>
  host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');

function isInNetwork(host: string, network: string, prefix: number): boolean {
  const familyOf = (address: string) => (net.isIPv6(address) ? 'ipv6' : 'ipv4');
  if (!net.isIP(host) || !net.isIP(network) || familyOf(host) !== familyOf(network)) return false;
  if (prefix > (net.isIPv6(network) ? 128 : 32)) return false;
  const block = new net.BlockList();
  block.addSubnet(network, prefix, familyOf(network));
  return block.check(host, familyOf(host));
}

/** Returns whether one entry of NO_PROXY matches this host and port. */
function isNamed(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  const [, network, prefix, networkPort] = /^\[?([^\]]+?)\]?\/(\d{1,3})(?::(\d{1,5}))?$/.exec(entry) ?? [];
  if (network !== undefined) {
    return (networkPort === undefined || Number(networkPort) === port) && isInNetwork(host, network, Number(prefix));
  }
  // A port can follow an IPv6 address only if the address is in brackets.
  const [, name = entry, entryPort] = net.isIPv6(entry) ? [] : (/^(.+?):(\d{1,5})$/.exec(entry) ?? []);
  if (entryPort !== undefined && Number(entryPort) !== port) return false;
  const named = toComparable(name.replace(/^\*?\.+/, ''));
  if (net.isIP(host)) return net.isIP(named) > 0 && isInNetwork(host, named, net.isIPv6(named) ? 128 : 32);
  return named !== '' && (host === named || host.endsWith(`.${named}`));
}

/**
 * Returns whether NO_PROXY exempts a URL. Commas or white space separate entries. A name matches itself and its subdomains, with or without a leading
 * dot or `*.`. An address matches itself or, with a prefix length (10.0.0.0/8), its network. An entry with a port matches only that port. The entry
 * `*` matches everything.
 */
export function isExempt(url: URL, noProxy: string): boolean {
  const entries = noProxy.split(/[\s,]+/).filter((entry) => entry !== '');
  return entries.some((entry) => isNamed(entry, toComparable(url.hostname), portOf(url)));
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Returns the first variable that is set and not empty, lower case before upper case, as with curl. */
function readVariable(environment: Environment, ...names: string[]): { name: string; value: string } | null {
  for (const name of names.flatMap((each) => [each.toLowerCase(), each])) {
    const value = environment[name]?.trim();
    if (value) return { name, value };
  }
  return null;
}

/** A route, or what is wrong with its declaration. The error quotes nothing: a proxy's URL may contain a password. */
export interface FoundRoute {
  readonly proxy: ProxyRoute;
  readonly fault: string | null;
}

const form = 'the URL of an HTTP proxy, http://HOST:PORT or https://HOST:PORT; SOCKS is not supported';

/**
 * Returns the route. `given`, a URL or `none`, applies to every host. Without it, HTTPS_PROXY or HTTP_PROXY applies, according to the scheme of the
 * endpoint, and otherwise ALL_PROXY. None of them applies if NO_PROXY exempts the endpoint or the endpoint is on this machine. A proxy on another
 * machine would connect to its own loopback address.
 */
export function findProxyRoute(
  url: URL,
  given: string | undefined,
  address: string | undefined,
  environment: Environment,
): FoundRoute {
  const variable = readVariable(environment, url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY', 'ALL_PROXY');
  if (given === 'none') return { proxy: variable ? 'none' : undefined, fault: null };
  if (given !== undefined) {
    const proxy = parseProxy(given);
    return { proxy: proxy ?? undefined, fault: proxy ? null : `--proxy must be none or ${form}.` };
  }
  if (!variable) return { proxy: undefined, fault: null };
  const noProxy = readVariable(environment, 'NO_PROXY')?.value ?? '';
  if (isLoopbackHost(address ?? hostOf(url)) || isExempt(url, noProxy)) return { proxy: 'none', fault: null };
  const proxy = parseProxy(variable.value);
  if (proxy) return { proxy, fault: null };
  return {
    proxy: undefined,
    fault: `The environment variable ${variable.name} must be ${form}. Correct it, or add --proxy none.`,
  };
}
