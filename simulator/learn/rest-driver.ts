// The platform driver for the REST API: it triggers the sync of one test user and reads the platform's data about that user.
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { type PlatformDriver, PlatformError } from './platform-driver.ts';

export interface RestDriverOptions {
  /** E.g. https://platform.example.com. */
  readonly url: string;
  readonly apiKey: string;
  readonly iam: string;
  /** Time limit of one request, in ms; a sync waits for the endpoint. */
  readonly timeoutMs: number;
}

interface UserBody {
  readonly userid?: string;
  readonly disabled?: boolean;
  readonly groups?: ReadonlyArray<{ readonly name: string }> | null;
  readonly authorizations?: Readonly<Record<string, readonly string[]>> | null;
}

const pageSize = 100;
/** While another sync runs, the simulator rejects a sync with 409. */
const maxConflicts = 20;
const conflictPauseMs = 250;

/** Error codes of a connection that was lost, before or after the platform received the request. */
const lostCodes: ReadonlySet<string> = new Set([
  ...['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT'],
]);
const maxRepeats = 3;
const repeatPauseMs = 250;

/** A single lost request must not hide a fact. */
const agreement = { unanimous: 3, againstOne: 5, maxVoidTries: 6 } as const;

export function createRestDriver({ url, apiKey, iam, timeoutMs }: RestDriverOptions): PlatformDriver {
  const base = url.replace(/\/+$/, '');
  const iamPath = encodeURIComponent(iam);

  // Each request uses a new connection. The platform may close an idle connection at the moment of a request, and requests must not be sent twice.
  const dispatcher = new Agent({ pipelining: 0, headersTimeout: 0, bodyTimeout: 0 });

  /** Returns null if the connection was lost: the platform may have received the request. */
  async function call(method: 'GET' | 'POST', path: string, content?: object) {
    try {
      const { statusCode, body } = await request(`${base}${path}`, {
        ...{ method, dispatcher, signal: AbortSignal.timeout(timeoutMs) },
        headers: { Authorization: apiKey, ...(content !== undefined && { 'Content-Type': 'application/json' }) },
        ...(content !== undefined && { body: JSON.stringify(content) }),
      });
      return { status: statusCode, body: parseJson(await body.text()) };
    } catch (error) {
      const { code, name } = error as NodeJS.ErrnoException;
      if (lostCodes.has(String(code))) return null;
      const reason = typeof code === 'string' ? code : name;
      throw new PlatformError(`The platform did not respond to ${method} (${reason}).`, { cause: error });
    }
  }

  async function get(path: string, what: string): Promise<unknown> {
    let response = await call('GET', path);
    for (let repeats = 0; response === null && repeats < maxRepeats; repeats++) {
      await pause(repeatPauseMs);
      response = await call('GET', path);
    }
    if (response === null)
      throw new PlatformError(`The platform closed the connection during the request for ${what}.`);
    const { status, body } = response;
    if (status === 404) return null;
    if (status !== 200) throw new PlatformError(`The platform responded with ${status} to the request for ${what}.`);
    return body;
  }

  return {
    source: 'read-by-api',
    agreement,
    /** Returns 200 also for a 502 that describes an applied run, which the simulator sends if the endpoint failed for the user. */
    async sync(userid) {
      for (let conflicts = 0; ; conflicts++) {
        const response = await call('POST', `/iam/${iamPath}/sync`, { userId: userid, dryRun: false });
        // The request is not repeated, because the sync may have run.
        if (response === null) return null;
        const { status, body } = response;
        const describesRun = (body as { sync?: unknown } | null)?.sync !== undefined;
        if (status === 502 && describesRun) return 200;
        if (status !== 409 || describesRun || conflicts === maxConflicts) return status;
        await pause(conflictPauseMs);
      }
    },
    async readUser(userid) {
      const body = await get(`/bim/iam/${iamPath}/user/${encodeURIComponent(userid)}`, 'a test user');
      if (body === null) return null;
      const { disabled, groups, authorizations } = body as UserBody;
      if (typeof disabled !== 'boolean' || !Array.isArray(groups)) {
        throw new PlatformError('The response of the platform for a test user lacks `disabled` or `groups`.');
      }
      return {
        isDisabled: disabled,
        groups: (groups as ReadonlyArray<{ readonly name: string }>).map(({ name }) => name),
        authorizations: authorizations ?? {},
      };
    },
    askIntermediary: async () => null,
    // Each user is read after each step.
    showsDisabledUsers: async () => false,
    async countOtherUsers(prefix) {
      let others = 0;
      for (let offset = 0; ; offset += pageSize) {
        const query = new URLSearchParams({ iamid: iam, size: String(pageSize), offset: String(offset) });
        const body = await get(`/bim/user?${query}&includeDisabled=true`, 'the users of the IAM');
        const { hits } = (body ?? {}) as { readonly hits?: readonly UserBody[] };
        if (!Array.isArray(hits)) throw new PlatformError('The platform did not list the users of the IAM.');
        others += (hits as readonly UserBody[]).filter(({ userid }) => !userid?.startsWith(prefix)).length;
        if (hits.length < pageSize) return others;
      }
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
