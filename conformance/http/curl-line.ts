// Converts a request to a curl command that can be pasted into a shell, with variables for secrets and for the user ids of the options.
import { isForSupertest } from './ask.ts';
import { deriveEncoded } from './derived-name.ts';
import { portOf } from './endpoint-address.ts';
import type { Endpoint, EndpointRequest } from './endpoint-request.ts';
import { connectTarget } from './open-socket.ts';

/** Values that must not be written, and their replacements. */
export interface CurlRedaction {
  readonly endpoint: Endpoint;
  readonly showData: boolean;
  readonly userids: ReadonlyMap<string, string>;
  readonly secrets: ReadonlyMap<string, string>;
  /** Names invented by the kit, by their shell variables: they are shown unchanged. */
  readonly madeUp: ReadonlyMap<string, string>;
}

/** Escapes text for double quotes in a shell. */
export function quoteForShell(text: string): string {
  return text.replace(/["\\$`]/g, '\\$&');
}

/** Returns bytes as Latin-1, with an escape for each byte that is not printable. */
function escapeBytes(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Returns the bytes of a path, a query or a header, as Latin-1, escaped for double quotes in a shell. */
function quoteLiteral(text: string): string {
  return quoteForShell(escapeBytes(text));
}

/** Returns arguments that present the certificate in these PEM files. curl reads a colon in the name as the start of a password. */
export function showCertificateFiles(certFile: string, keyFile: string): string {
  return `--cert "${quoteForShell(certFile.replace(/[\\:]/g, '\\$&'))}" --key "${quoteForShell(keyFile)}"`;
}

const tlsFlags: Readonly<Record<string, string>> = {
  TLSv1: '1.0',
  'TLSv1.1': '1.1',
  'TLSv1.2': '1.2',
  'TLSv1.3': '1.3',
};

/**
 * Yields the arguments that specify how to reach the endpoint, if its URL alone is not sufficient. NO_PROXY in the environment of the person who
 * repeats the line must not change the route.
 */
function* routeArguments({ url, resolve, proxy }: Endpoint): Generator<string> {
  if (resolve) yield `--connect-to "${url.hostname}:${portOf(url)}:${connectTarget({ url, resolve })}"`;
  if (proxy === 'none') yield '--noproxy "*"';
  if (typeof proxy !== 'object') return;
  yield `--noproxy "" --proxytunnel --proxy "${proxy.shown}"`;
  if (proxy.authorization !== null) yield '--proxy-user "$PROXY_USER:$PROXY_PASSWORD"';
}

function* tlsArguments(
  { tls = {}, credentials }: EndpointRequest,
  { ca, pfx, passphrase }: Endpoint,
): Generator<string> {
  if (tls.clientCertificate) yield tls.clientCertificate.shown;
  else if (credentials.certificate) {
    yield pfx === undefined
      ? `--cert "$CLIENT_CERT" --key "$CLIENT_KEY"${passphrase === undefined ? '' : ' --pass "$PASSPHRASE"'}`
      : '--cert-type P12 --cert "$CLIENT_PFX:$PASSPHRASE"';
  }
  if (tls.acceptsAnyServer) yield '--insecure';
  else if (ca !== undefined) yield '--cacert "$CA"';
  if (tls.minVersion) yield `--tlsv${tlsFlags[tls.minVersion]}`;
  if (tls.maxVersion) yield `--tls-max ${tlsFlags[tls.maxVersion]}`;
  if (tls.ciphers) yield `--ciphers "${quoteLiteral(tls.ciphers)}"`;
}

/**
 * Returns a user id's replacement in shell text, percent-encoded like the kit's own requests, with its variables in encoded form. Returns null if
 * this is impossible, i.e. for a part of a variable or the output of a command.
 */
function encodeShown(shown: string): string | null {
  const parts = shown.split(/(\$\{\w+\})/);
  if (parts.some((part, index) => index % 2 === 0 && /(?<!\\)\$/.test(part))) return null;
  const encode = (text: string) => encodeURIComponent(text.replace(/\\(["\\$`])/g, '$1'));
  return parts.map((part, index) => (index % 2 === 0 ? encode(part) : part.replace('}', '_ENCODED}'))).join('');
}

/** Returns whether Node sends a header that announces an empty body, which curl does not do. */
function isSentWithLength(request: EndpointRequest): boolean {
  return request.body === undefined && isForSupertest(request) && ['POST', 'PUT', 'PATCH'].includes(request.method);
}

/** Returns the line for any POSIX shell. Its first word is `curl`; evidence of a check may need `printf`, `tr`, `sed`, `awk`, `od` or `base64`. */
export function writeCurlLine(request: EndpointRequest, redaction: CurlRedaction): string {
  const { endpoint, showData, userids, secrets, madeUp } = redaction;
  const { method, credentials, path, query, shown, headers = [], body, httpVersion } = request;
  // A generated name does not need to be hidden, and its random letters would match parts of other names.
  const derivable = new Map([...userids].filter(([, variable]) => !madeUp.has(variable)));

  /** Hides user ids and secrets in text that a check composed for double quotes; `quote` escapes the text. */
  function hideKnown(text: string, quote = quoteLiteral): string {
    const hide = (hidden: string, known: ReadonlyMap<string, string>) =>
      [...known]
        .filter(([value]) => value !== '')
        .reduce(
          (rest, [value, variable]) =>
            rest
              .replaceAll(quote(value), `\${${variable}}`)
              .replaceAll(encodeURIComponent(value), `\${${variable}_ENCODED}`),
          hidden,
        );
    const withoutSecrets = hide(quote(text), secrets);
    return showData ? withoutSecrets : hide(withoutSecrets, userids);
  }
  /** Returns the replacement for percent-encoded text in a query; the text may be derived from a user id. */
  function showEncoded(encoded: string): string {
    const variable = [...userids].find(([userid]) => userid !== '' && encodeURIComponent(userid) === encoded)?.[1];
    if (showData) return quoteLiteral(encoded);
    if (variable !== undefined) return `\${${variable}_ENCODED}`;
    const printable = escapeBytes(encoded);
    return deriveEncoded(printable, derivable) ?? quoteForShell(printable);
  }
  /** Returns the replacement of a user id in shell text; null: only `showEncoded` can show it. */
  function showUserid(userid: string): string | null {
    const variable = userids.get(userid);
    if (showData || userid === '') return quoteForShell(userid);
    if (variable !== undefined) return `$${variable}`;
    return deriveEncoded(encodeURIComponent(userid), derivable) === null ? quoteForShell(userid) : null;
  }
  /** Returns the raw query: hides its values unless the check specifies what may be shown. */
  function showQuery(raw: string): string {
    if (showData) return quoteLiteral(raw);
    return shown ?? raw.replace(/=([^&]+)/g, (_match, value: string) => `=${showEncoded(value)}`);
  }

  const encodedShown = showData || shown === undefined ? null : encodeShown(shown);
  // curl writes a space as a plus sign, and a shell line cannot contain control characters.
  const isOdd =
    (/[\p{Cc} ]/u.test(request.userids.join('')) && (showData || shown === undefined || encodedShown !== null)) ||
    (!showData && shown === undefined && request.userids.some((userid) => showUserid(userid) === null));
  // When curl appends a query to a path, it removes dot segments despite --path-as-is.
  const isWhole = path !== undefined || query !== undefined || isOdd;
  const shownPath = path === undefined ? endpoint.url.pathname : hideKnown(path);
  const search =
    query === undefined
      ? request.userids.map((userid) => `userid=${encodedShown ?? showEncoded(encodeURIComponent(userid))}`).join('&')
      : showQuery(query);
  const url = `${endpoint.url.origin}${shownPath}${isWhole && search !== '' ? `?${search}` : ''}`;

  const parts = [
    'curl --include',
    // With a body, curl would send POST.
    ...(method === 'HEAD'
      ? ['--head']
      : method === 'GET' && body === undefined
        ? []
        : [`--request ${quoteLiteral(method)}`]),
    ...(httpVersion === '1.0' ? ['--http1.0'] : []),
    ...(isWhole ? ['--path-as-is --globoff'] : []),
    ...routeArguments(endpoint),
    ...tlsArguments(request, endpoint),
    ...(credentials.shown === '' ? [] : [credentials.shown]),
    ...(headers.some(([name]) => name.toLowerCase() === 'accept') ? [] : ['--header "Accept: application/json"']),
    ...(isSentWithLength(request) ? ['--header "Content-Length: 0"'] : []),
    ...headers.map(([name, value]) => `--header "${quoteLiteral(name)}: ${hideKnown(value)}"`),
    ...(body === undefined ? [] : [`--data-binary "${hideKnown(body, quoteForShell)}"`]),
    ...(!isWhole && request.userids.length > 0
      ? [
          // --get moves the encoded data to the URL; together with a body, only --url-query does.
          ...(body === undefined ? ['--get'] : []),
          ...request.userids.map((userid) => {
            const text = showData ? undefined : shown;
            return `${body === undefined ? '--data-urlencode' : '--url-query'} "userid=${text ?? showUserid(userid)}"`;
          }),
        ]
      : []),
    `"${url}"`,
  ];
  return [...madeUp].reduce(
    (line, [variable, name]) =>
      line.replaceAll(new RegExp(`\\$(?:\\{${variable}(?:_ENCODED)?\\}|${variable}\\b)`, 'g'), name),
    parts.join(' '),
  );
}
