// Owns writing a question as a curl line that can be pasted into a shell, with variables for secrets and user ids.
import { portOf } from './endpoint-address.ts';
import { connectTarget } from './open-socket.ts';
import type { Endpoint, Question } from './question.ts';

/** What must not be written as it is, and what stands for it. */
export interface CurlRedaction {
  readonly endpoint: Endpoint;
  readonly showData: boolean;
  readonly userids: ReadonlyMap<string, string>;
  readonly secrets: ReadonlyMap<string, string>;
  /** A keyed hash of what has no variable. */
  readonly hash: (text: string) => string;
}

/** Literal text within double quotes of a shell. */
function quoteLiteral(text: string): string {
  return text
    .replace(/["\\$`]/g, '\\$&')
    .replace(/[^\x20-\x7e]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

const tlsFlags: Readonly<Record<string, string>> = {
  TLSv1: '1.0',
  'TLSv1.1': '1.1',
  'TLSv1.2': '1.2',
  'TLSv1.3': '1.3',
};

/** How the endpoint is met where that is not by its URL alone. NO_PROXY of whoever repeats the line must not change it. */
function* routeArguments({ url, resolve, proxy }: Endpoint): Generator<string> {
  if (resolve) yield `--connect-to "${url.hostname}:${portOf(url)}:${connectTarget({ url, resolve })}"`;
  if (proxy === 'none') yield '--noproxy "*"';
  if (typeof proxy !== 'object') return;
  yield `--noproxy "" --proxytunnel --proxy "${proxy.shown}"`;
  if (proxy.authorization !== null) yield '--proxy-user "$PROXY_USER:$PROXY_PASSWORD"';
}

function* tlsArguments({ tls = {}, credentials }: Question, { ca, pfx }: Endpoint): Generator<string> {
  if (tls.clientCertificate) yield tls.clientCertificate.shown;
  else if (credentials.certificate) {
    yield pfx === undefined
      ? '--cert "$CLIENT_CERT" --key "$CLIENT_KEY"'
      : '--cert-type P12 --cert "$CLIENT_PFX:$PASSPHRASE"';
  }
  if (tls.acceptsAnyServer) yield '--insecure';
  else if (ca !== undefined) yield '--cacert "$CA"';
  if (tls.minVersion) yield `--tlsv${tlsFlags[tls.minVersion]}`;
  if (tls.maxVersion) yield `--tls-max ${tlsFlags[tls.maxVersion]}`;
  if (tls.ciphers) yield `--ciphers "${quoteLiteral(tls.ciphers)}"`;
}

/** The line. Its first word is `curl`; it needs no other program. */
export function writeCurlLine(question: Question, redaction: CurlRedaction): string {
  const { endpoint, showData, userids, secrets, hash } = redaction;
  const { method, credentials, path, query, shown, headers = [], body, httpVersion } = question;

  /** Text in double quotes that a check put together, which may hold a user id or a secret in it. */
  function hideKnown(text: string): string {
    const hide = (hidden: string, known: ReadonlyMap<string, string>) =>
      [...known]
        .filter(([value]) => value !== '')
        .reduce((rest, [value, variable]) => rest.replaceAll(quoteLiteral(value), `\${${variable}}`), hidden);
    const withoutSecrets = hide(quoteLiteral(text), secrets);
    return showData ? withoutSecrets : hide(withoutSecrets, userids);
  }
  /** A user id in shell text. */
  function showUserid(userid: string): string {
    if (showData) return quoteLiteral(userid);
    const variable = userids.get(userid);
    return variable === undefined ? (userid === '' ? '' : hash(userid)) : `$${variable}`;
  }
  /** The raw query: its values are hidden unless the check said what may be shown. */
  function showQuery(raw: string): string {
    if (shown !== undefined) return shown;
    if (showData) return quoteLiteral(raw);
    return raw.replace(/=([^&]+)/g, (_match, value: string) => `=${showUserid(value)}`);
  }

  const shownPath = path === undefined ? endpoint.url.pathname : hideKnown(path);
  const isQueryEncoded = query === undefined && shown === undefined;
  const search = isQueryEncoded ? '' : showQuery(query ?? '');
  const url = `${endpoint.url.origin}${shownPath}${search === '' ? '' : `?${search}`}`;

  const parts = [
    'curl --include',
    ...(method === 'HEAD' ? ['--head'] : method === 'GET' ? [] : [`--request ${quoteLiteral(method)}`]),
    ...(httpVersion === '1.0' ? ['--http1.0'] : []),
    ...(path === undefined && query === undefined ? [] : ['--path-as-is --globoff']),
    ...routeArguments(endpoint),
    ...tlsArguments(question, endpoint),
    ...(credentials.shown === '' ? [] : [credentials.shown]),
    ...headers.map(([name, value]) => `--header "${quoteLiteral(name)}: ${hideKnown(value)}"`),
    ...(body === undefined ? [] : [`--data-binary "${showData ? hideKnown(body) : '$BODY'}"`]),
    ...(isQueryEncoded && question.userids.length > 0
      ? [
          // --get puts what is to be encoded into the URL; beside a body only --url-query does.
          ...(body === undefined ? ['--get'] : []),
          ...question.userids.map(
            (userid) => `${body === undefined ? '--data-urlencode' : '--url-query'} "userid=${showUserid(userid)}"`,
          ),
        ]
      : []),
    `"${url}"`,
  ];
  return parts.join(' ');
}
