// The platform driver for the REST API: it triggers the sync of one test user and reads the platform's data about that user.
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

/** A single lost request must not hide a fact. */
const agreement = { unanimous: 3, againstOne: 5, maxVoidTries: 6 } as const;

export function createRestDriver({ url, apiKey, iam, timeoutMs }: RestDriverOptions): PlatformDriver {
  const base = url.replace(/\/+$/, '');
  const iamPath = encodeURIComponent(iam);

  async function call(method: 'GET' | 'POST', path: string, body?: object) {
    let response: Response;
    try {
      response = await fetch(`${base}${path}`, {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
        headers: { Authorization: apiKey, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await readJson(response) };
    } catch (error) {
      const { cause, name } = error as Error & { cause?: NodeJS.ErrnoException };
      throw new PlatformError(`The platform did not respond to ${method} (${cause?.code ?? name}).`, { cause: error });
    }
  }

  async function get(path: string, what: string): Promise<unknown> {
    const { status, body } = await call('GET', path);
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
        const { status, body } = await call('POST', `/iam/${iamPath}/sync`, { userId: userid, dryRun: false });
        const describesRun = (body as { sync?: unknown } | null)?.sync !== undefined;
        if (status === 502 && describesRun) return 200;
        if (status !== 409 || describesRun || conflicts === maxConflicts) return status;
        await new Promise((resolve) => setTimeout(resolve, conflictPauseMs));
      }
    },
    async readUser(userid) {
      const body = await get(`/bim/iam/${iamPath}/user/${encodeURIComponent(userid)}`, 'a test user');
      if (body === null) return null;
      const { disabled, groups, authorizations } = body as UserBody;
      if (typeof disabled !== 'boolean' || !Array.isArray(groups)) {
        throw new PlatformError(
          'The platform responded to the request for a test user without `disabled` or `groups`.',
        );
      }
      return {
        isDisabled: disabled,
        groups: (groups as ReadonlyArray<{ readonly name: string }>).map(({ name }) => name),
        authorizations: authorizations ?? {},
      };
    },
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

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
