// Record of the requests of a run and their responses, redacted as it is written.
import { createHmac, randomBytes } from 'node:crypto';
import net from 'node:net';
import type { Evidence } from '../../schemas/generated/conformance-report.ts';
import { makeVisibleLine } from '../../schemas/printable-text.ts';
import { describeMediaType } from '../report/finding.ts';
import { createRedact } from '../report/redaction.ts';
import { decodeBody, findJson } from '../user-info-body.ts';
import { writeCurlLine } from './curl-line.ts';
import { hostOf } from './endpoint-address.ts';
import { NoAnswer } from './no-answer.ts';
import { connectTarget } from './open-socket.ts';
import type { Answer, Endpoint, Question } from './question.ts';
import type { Hello, HelloChoice } from './tls-hello.ts';

/** One question and what came, redacted. */
interface Entry {
  readonly request: string;
  readonly answered: string;
}

export interface Transcript {
  /**
   * Records one exchange. `came` is the response, or the error in its place; `earlier` are the requests before it on the same connection,
   * which a line of curl repeats too; `pieces` says that the request was sent in so many pieces.
   */
  record(
    question: Question,
    came: Answer | NoAnswer,
    sent?: { readonly earlier?: readonly Question[]; readonly pieces?: string | undefined },
  ): void;
  /** Writes down a request of which a part was sent, and nothing more. */
  recordUnfinished(question: Question): void;
  /** Writes down an offer of TLS, and what the server chose of it. */
  recordHello(hello: Hello, choice: HelloChoice): void;
  /** Begins the next check: evidence is cut from what comes after. */
  begin(checkId: string): void;
  /** Counts an answer that is remembered from before among those that this check has seen. */
  reuse(answer: Answer): void;
  /** Every request so far, in order. */
  readonly requests: readonly WrittenRequest[];
  /** The exchanges about `answers`, or else the latest of this check: at most `maxEvidence`. */
  cut(expected: string, answers?: readonly Answer[]): Evidence[];
}

/** A request as it was written down. */
export interface WrittenRequest {
  /** Of the check for which it was sent; null: before the first. */
  readonly checkId: string | null;
  /** A curl line. */
  readonly request: string;
}

export interface TranscriptOptions {
  readonly endpoint: Endpoint;
  /** Whether user ids and bodies are written as they are. Secrets never are. */
  readonly showData: boolean;
  /** User ids by the shell variable that stands for them. */
  readonly userids: ReadonlyMap<string, string>;
  /** Secrets by the shell variable that stands for them. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Names that the kit made up, by the shell variable that stands for them: they are shown as they are. Values are safe in a shell and a URL. */
  readonly madeUp?: ReadonlyMap<string, string>;
}

const maxEvidence = 3;
/** Characters of a body that are shown. */
const maxBodyLength = 400;
/** Bytes of a body that are searched for secrets: more than are shown, so that the end of what is shown cuts no secret in two. */
const maxSearchedBytes = 1600;
/** Characters of a Content-Type that are shown. */
const maxMediaTypeLength = 80;

/** Keys that say nothing of a user: those of the contract and of usual error bodies. Every other key is hashed. */
const plainKeys: ReadonlySet<string> = new Set([
  ...['groups', 'authorizations', 'name', 'type', 'title', 'status', 'detail', 'instance', 'code', 'message'],
  ...['error', 'errors', 'timestamp', 'path', 'data', 'requestId'],
]);

/** Names and values of a body that are hashed: more than can be shown. */
const maxRedactedValues = 200;

/** The beginning of a JSON value with hashes for its names and strings, and its shape as it is. */
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

/** How openssl meets the endpoint. It speaks no TLS with a proxy: with such a one the line is for a machine beyond it. */
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

/** Comment of a shell about what the line cannot hold: pauses, where the files come from, what curl does not do. Empty: nothing. */
function describeNotes({ tls }: Question, pieces: string | undefined): string {
  const notes = [
    pieces,
    tls?.clientCertificate?.note,
    tls?.session && tls.maxVersion === 'TLSv1.2'
      ? 'on a resumed session: curl accepts no session tickets in TLS 1.2'
      : undefined,
  ].filter((note) => note !== undefined);
  return notes.length === 0 ? '' : ` # ${notes.join('; ')}`;
}

/** A transcript of one run. Its hashes are keyed anew in each, so that two reports can't be joined. */
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

  /** The whole Content-Type with showData; without it no word that the endpoint chose. */
  function showMediaType(answer: Answer): string {
    const sent = answer.header('content-type');
    if (!options.showData || sent === null) return describeMediaType(answer);
    return shorten(makeVisibleLine(redact(sent.slice(0, maxSearchedBytes))), maxMediaTypeLength);
  }

  function describe(came: Answer | NoAnswer): string {
    if (came instanceof NoAnswer) return `no answer (${came.kind}, ${came.code})`;
    const size = `${came.body.length} bytes${came.isTruncated ? ', cut off' : ''}`;
    return `status ${came.status}, ${showMediaType(came)}, ${size}${came.body.length > 0 ? describeBody(came.body) : ''}`;
  }

  return {
    record(question, came, { earlier = [], pieces } = {}) {
      const [own = '', ...before] = [question, ...earlier].map((each) => writeCurlLine(each, { ...options, madeUp }));
      // curl resumes the session of a request before, if that closes its connection.
      if (question.tls?.session) before.push(own.replace('curl', 'curl --header "Connection: close"'));
      const lines = [...before, own].map((line, index) => (index === 0 ? line : line.replace(/^curl /, '')));
      const note = describeNotes(question, pieces);
      const entry = { request: `${lines.join(' --next ')}${note}`, answered: describe(came) };
      if (!(came instanceof NoAnswer)) entries.set(came, entry);
      requests.push({ checkId: currentId, request: `${own}${describeNotes(question, undefined)}` });
      current.push(entry);
    },
    recordUnfinished(question) {
      const request = writeCurlLine(question, { ...options, madeUp });
      requests.push({ checkId: currentId, request });
      current.push({ request, answered: 'only a part of the request was sent' });
    },
    recordHello({ ciphers, shown }, choice) {
      // Its own OpenSSL may know fewer of them than were offered.
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
