// Record of the requests of a run and their responses, redacted when it is written.
import { createHmac, randomBytes } from 'node:crypto';
import net from 'node:net';
import type { Evidence } from '../../schemas/generated/conformance-report.ts';
import { makeVisibleLine } from '../../schemas/printable-text.ts';
import { describeMediaType } from '../report/finding.ts';
import { createRedact } from '../report/redaction.ts';
import { decodeBody, findJson } from '../user-info-body.ts';
import { writeCurlLine } from './curl-line.ts';
import { hostOf } from './endpoint-address.ts';
import type { Answer, Endpoint, EndpointRequest } from './endpoint-request.ts';
import { NoAnswer } from './no-answer.ts';
import { connectTarget } from './open-socket.ts';
import type { Hello, HelloChoice } from './tls-hello.ts';

/** One request and its result, redacted. */
interface Entry {
  readonly request: string;
  readonly answered: string;
}

export interface Transcript {
  /**
   * Records one exchange. `came` is the response, or the error instead of it. `earlier` contains the previous requests on the same connection, which
   * a curl line repeats too. `pieces` is a note on the pieces in which the request was sent.
   */
  record(
    endpointRequest: EndpointRequest,
    came: Answer | NoAnswer,
    sent?: { readonly earlier?: readonly EndpointRequest[]; readonly pieces?: string | undefined },
  ): void;
  /** Records a request that was sent only in part. */
  recordUnfinished(endpointRequest: EndpointRequest): void;
  /** Records a TLS offer, and the server's choice. */
  recordHello(hello: Hello, choice: HelloChoice): void;
  /** Begins the next check, whose evidence is selected from the requests that follow. */
  begin(checkId: string): void;
  /** Counts a response that was received earlier as one of this check's responses. */
  reuse(answer: Answer): void;
  /** Every request so far, in order. */
  readonly requests: readonly WrittenRequest[];
  /** Returns the exchanges that contain `answers`, at most `maxEvidence`. If `answers` is absent, returns the latest exchange of this check. */
  cut(expected: string, answers?: readonly Answer[]): Evidence[];
}

/** A recorded request. */
export interface WrittenRequest {
  /** The check for which the request was sent; null: it was sent before the first check. */
  readonly checkId: string | null;
  /** A curl line; for a TLS offer, an openssl line. */
  readonly request: string;
}

export interface TranscriptOptions {
  readonly endpoint: Endpoint;
  /** Whether user ids and bodies are written unchanged. Secrets never are. */
  readonly showData: boolean;
  /** Map from each user id to the shell variable that replaces it. */
  readonly userids: ReadonlyMap<string, string>;
  /** Map from each secret to the shell variable that replaces it. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Names invented by the kit, by their shell variables: they are shown unchanged. Values that are safe in a shell and in a URL. */
  readonly madeUp?: ReadonlyMap<string, string>;
}

const maxEvidence = 3;
/** Number of characters of a body that are shown. */
const maxBodyLength = 400;
/**
 * Number of bytes of a body that are searched for secrets. It exceeds the shown part, which may end in the middle of a secret.
 */
const maxSearchedBytes = 1600;
/** Number of characters of a Content-Type that are shown. */
const maxMediaTypeLength = 80;

/** Keys that reveal nothing about a user: those of the contract and of usual error bodies. All other keys are hashed. */
const plainKeys: ReadonlySet<string> = new Set([
  ...['groups', 'authorizations', 'name', 'type', 'title', 'status', 'detail', 'instance', 'code', 'message'],
  ...['error', 'errors', 'timestamp', 'path', 'data', 'requestId'],
]);

/** Number of names and values of a body that are hashed: more than can be shown. */
const maxRedactedValues = 200;

/**
 * Returns the beginning of a JSON value with the same structure. Hashes replace strings and names outside `plainKeys`; type names replace numbers and
 * booleans.
 */
function redactJson(json: unknown, hash: (text: string) => string): unknown {
  let left = maxRedactedValues;
  function redact(value: unknown, isUsersOwn: boolean): unknown {
    left -= 1;
    if (typeof value === 'string') return hash(value);
    if (typeof value !== 'object' || value === null) return value === null ? null : `<${typeof value}>`;
    if (Array.isArray(value)) return redactSome(value, (item) => redact(item, isUsersOwn));
    return Object.fromEntries(
      redactSome(Object.keys(value), (key) => [
        !isUsersOwn && plainKeys.has(key) ? key : hash(key),
        redact((value as Record<string, unknown>)[key], isUsersOwn || key === 'authorizations'),
      ]),
    );
  }
  function redactSome<Item, Redacted>(items: readonly Item[], change: (item: Item) => Redacted): Redacted[] {
    const redacted: Redacted[] = [];
    for (const item of items) {
      if (left <= 0) break;
      redacted.push(change(item));
    }
    return redacted;
  }
  return redact(json, false);
}

/**
 * Returns the arguments with which openssl reaches the endpoint. openssl does not support TLS to a proxy. With such a proxy, the line works only on a
 * machine that needs no proxy.
 */
function writeOpensslRoute({ url, resolve, proxy }: Endpoint): string {
  const name = resolve && !net.isIP(hostOf(url)) ? ` -servername ${hostOf(url)}` : '';
  const connect = `-connect ${connectTarget({ url, resolve })}${name}`;
  if (typeof proxy !== 'object' || proxy.isTls) return connect;
  const login = proxy.authorization === null ? '' : ' -proxy_user "$PROXY_USER" -proxy_pass "pass:$PROXY_PASSWORD"';
  return `-proxy ${proxy.shown.replace('http://', '')}${login} ${connect}`;
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}

/** Returns a shell comment about what the line cannot express: pauses, the origin of files, and what curl does not do. Empty: nothing. */
function describeNotes({ tls }: EndpointRequest, pieces: string | undefined): string {
  const notes = [
    pieces,
    tls?.clientCertificate?.note,
    tls?.session && tls.maxVersion === 'TLSv1.2'
      ? 'on a resumed session: curl accepts no session tickets in TLS 1.2'
      : undefined,
  ].filter((note) => note !== undefined);
  return notes.length === 0 ? '' : ` # ${notes.join('; ')}`;
}

/** Creates the transcript of one run. Its hashes use a new key in each run, so that two reports cannot be correlated. */
export function createTranscript(options: TranscriptOptions): Transcript {
  const { madeUp = new Map() } = options;
  const key = randomBytes(32);
  const hash = (text: string) => `#${createHmac('sha256', key).update(text).digest('hex').slice(0, 8)}`;
  const entries = new WeakMap<Answer, Entry>();
  const requests: WrittenRequest[] = [];
  let current: Entry[] = [];
  let currentId: string | null = null;

  const redact = createRedact(options.secrets);

  function describeBody(body: Buffer): string {
    if (options.showData) {
      const beginning = body.subarray(0, maxSearchedBytes);
      const shown = shorten(makeVisibleLine(redact(decodeBody(beginning), beginning)), maxBodyLength);
      return `: ${shown}${body.length > beginning.length && !shown.endsWith('…') ? '…' : ''}`;
    }
    const json = findJson(decodeBody(body));
    return json ? `: ${shorten(JSON.stringify(redactJson(json.value, hash)), maxBodyLength)}` : ' that are not JSON';
  }

  /** With `showData`, returns the Content-Type, shortened. Otherwise, returns a media type only if it is in a fixed list. */
  function showMediaType(answer: Answer): string {
    const sent = answer.header('content-type');
    if (!options.showData || sent === null) return describeMediaType(answer);
    return shorten(makeVisibleLine(redact(sent.slice(0, maxSearchedBytes))), maxMediaTypeLength);
  }

  function describe(came: Answer | NoAnswer): string {
    if (came instanceof NoAnswer) return `no response (${came.kind}, ${came.code})`;
    const size = `${came.body.length} bytes${came.isTruncated ? ', cut off' : ''}`;
    return `status ${came.status}, ${showMediaType(came)}, ${size}${came.body.length > 0 ? describeBody(came.body) : ''}`;
  }

  return {
    record(endpointRequest, came, { earlier = [], pieces } = {}) {
      const [own = '', ...before] = [endpointRequest, ...earlier].map((each) =>
        writeCurlLine(each, { ...options, madeUp }),
      );
      // curl resumes the session of an earlier request if that request closes its connection.
      if (endpointRequest.tls?.session) before.push(own.replace('curl', 'curl --header "Connection: close"'));
      const lines = [...before, own].map((line, index) => (index === 0 ? line : line.replace(/^curl /, '')));
      const note = describeNotes(endpointRequest, pieces);
      const entry = { request: `${lines.join(' --next ')}${note}`, answered: describe(came) };
      if (!(came instanceof NoAnswer)) entries.set(came, entry);
      requests.push({ checkId: currentId, request: `${own}${describeNotes(endpointRequest, undefined)}` });
      current.push(entry);
    },
    recordUnfinished(endpointRequest) {
      const request = writeCurlLine(endpointRequest, { ...options, madeUp });
      requests.push({ checkId: currentId, request });
      current.push({ request, answered: 'only part of the request was sent' });
    },
    recordHello({ ciphers, shown }, choice) {
      // The OpenSSL of the openssl command may support fewer of them than were offered.
      const line = `openssl s_client ${writeOpensslRoute(options.endpoint)} ${shown}`;
      const numbers = `${ciphers.length} cipher suites`;
      const answered = choice
        ? `agreed: version 0x${choice.version.toString(16).padStart(4, '0')}, cipher suite 0x${choice.cipher.toString(16).padStart(4, '0')}, ${choice.compression === 0 ? 'no compression' : `compression ${choice.compression}`}`
        : 'refused';
      requests.push({ checkId: currentId, request: line });
      current.push({ request: line, answered: `offered ${numbers}; ${answered}` });
    },
    requests,
    begin(checkId) {
      current = [];
      currentId = checkId;
    },
    reuse(answer) {
      const entry = entries.get(answer);
      if (entry) current.push(entry);
    },
    cut(expected, answers) {
      const chosen = answers ? answers.flatMap((answer) => entries.get(answer) ?? []) : current.slice(-1);
      return chosen.slice(0, maxEvidence).map((entry) => ({ ...entry, expected }));
    },
  };
}
