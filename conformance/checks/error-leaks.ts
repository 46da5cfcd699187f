// Finds internal details in a response: stack traces, data source terms, file paths, versions.
import type { Answer } from '../http/endpoint-request.ts';
import { decodeBody } from '../user-info-body.ts';

/** Error bodies are short and leaks occur near the beginning, while patterns are slow on long texts. */
const maxLength = 16 * 1024;

/** Returns the approximate text of a page: error pages escape what they print. */
function unescapePage(text: string): string {
  return text
    .slice(0, maxLength)
    .replace(/<br\s*\/?>/gi, '\n')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
    .replaceAll('\\"', '"');
}

/** By language. Parts that may be followed by another start of the pattern are bounded, so that the time remains linear. */
const stackTraces: Readonly<Record<string, RegExp>> = {
  JavaScript: /^[ \t]*at .*:\d+:\d+\)?(?:[\s"<]|$)/m,
  Python: /Traceback \(most recent call last\)|File "[^"\n]+", line \d+/,
  Java: /\bat [\w$.]+\([\w$]+\.(?:java|kt|scala|groovy):\d+\)|\bjavax?\.[\w.]{1,200}(?:Exception|Error)\b/,
  '.NET': /\bat [\w.`<>]+\([^)\n]{0,500}\) in .{0,500}:line \d+|\bSystem\.[\w.]{0,200}\wException\b/,
  Go: /\bgoroutine \d+ \[[a-z]/,
  PHP: /\bStack trace:|^#\d+ .*\(\d+\): |\bon line (?:<b>)?\d+/m,
  Ruby: /\.rb:\d+:in [`']/,
};

/** Returns which language's stack trace a body contains, as text; null: none. */
export function findStackTrace(body: string): string | null {
  const text = unescapePage(body);
  const found = Object.entries(stackTraces).find(([, pattern]) => pattern.test(text));
  return found ? `a stack trace of ${found[0]}` : null;
}

const backendMessages: readonly (readonly [seen: string, pattern: RegExp])[] = [
  [
    'a message of a database',
    /\bSQLSTATE\b|\bORA-\d{5}|error in your SQL syntax|syntax error at or near|\bSQLITE_[A-Z]+|\bno such table\b|\bpsycopg2?\.|\bjdbc:\w+|\bMongo\w*Error\b/i,
  ],
  [
    'a message of an LDAP directory',
    /\bLDAP(?:Exception|Error)\b|\bldap_\w+\(|\bLDAP: error code \d+|\b(?:ou|dc|cn)=[\w-]+,\s?(?:ou|dc|cn)=/i,
  ],
  [
    'the address of a data source',
    /\b(?:postgres(?:ql)?|mysql|mongodb(?:\+srv)?|ldaps?|redis|amqp):\/\/|\bE(?:CONNREFUSED|NOTFOUND|HOSTUNREACH)\b/,
  ],
  // A path after a quote does not count, because it may be a link in a page.
  ['the path of a file', /\bE(?:NOENT|ACCES)\b|(?<![\w"'=/.])\/(?:home|usr|var|opt|srv|etc|Users)\/\w|\b[A-Za-z]:\\\w/],
];

/** Returns what a body reveals about a data source or the file system, without quoting it; null: nothing. */
export function findBackendMessage(body: string): string | null {
  const text = unescapePage(body);
  return backendMessages.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}

/** Headers whose purpose is to name software. */
const namingHeaders: ReadonlySet<string> = new Set([
  ...['server', 'x-powered-by', 'x-aspnet-version', 'x-aspnetmvc-version', 'x-generator', 'x-runtime-version'],
]);

const productVersion =
  /\b(?:nginx|apache|tomcat|jetty|werkzeug|python|php|openssl|openresty|microsoft-iis|kestrel|express|gunicorn|uvicorn|lighttpd|wildfly|undertow|puma|webrick|node|go)\/v?\d/i;

/** Returns where a response reveals a version, without quoting it; null: nowhere. In a 200, only the headers are searched. */
export function findVersion({
  status,
  rawHeaders,
  body,
}: Pick<Answer, 'status' | 'rawHeaders' | 'body'>): string | null {
  const header = rawHeaders.find(
    ([name, value]) => namingHeaders.has(name.toLowerCase()) && /\/\s*v?\d|\d\.\d/.test(value),
  );
  if (header) return `a version in the header ${header[0].toLowerCase()}`;
  return status !== 200 && productVersion.test(decodeBody(body).slice(0, maxLength)) ? 'a version in the body' : null;
}
