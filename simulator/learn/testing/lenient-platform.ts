// A platform for tests that is not the simulator: it accepts each response that it can interpret, and waits as long as Retry-After specifies.
import { setTimeout as pause } from 'node:timers/promises';
import type { ObservedUser, PlatformDriver } from '../platform-driver.ts';

export interface LenientOptions {
  /** Effect of a missing or null key on the data that a user has. */
  readonly missingKey: 'unchanged' | 'empty';
}

type Body = Readonly<Record<string, unknown>>;

/** Returns the driver of the platform. @param url of the endpoint. */
export function startLenientPlatform(url: string, { missingKey }: LenientOptions): PlatformDriver {
  const users = new Map<string, ObservedUser>();
  const headers = { Authorization: `Basic ${Buffer.from('platform:canary').toString('base64')}` };

  async function request(userid: string): Promise<Body | null> {
    const response = await fetch(`${url}?userid=${encodeURIComponent(userid)}`, { headers });
    const text = await response.text();
    const seconds = Number(response.headers.get('Retry-After') ?? 0);
    if (seconds > 0) {
      await pause(seconds * 1000);
      return request(userid);
    }
    return response.ok ? JSON.parse(text.replace(/,(?=[}\]])/g, '')) : null;
  }

  function apply(userid: string, { groups, authorizations }: Body): void {
    const before = missingKey === 'unchanged' ? users.get(userid) : undefined;
    users.set(userid, {
      isDisabled: false,
      groups: Array.isArray(groups) ? groups.map((group) => group.name ?? group) : (before?.groups ?? []),
      authorizations:
        authorizations == null
          ? (before?.authorizations ?? {})
          : Object.fromEntries(Object.entries(authorizations).map(([name, values]) => [name, [values].flat()])),
    });
  }

  return {
    source: 'read-by-api',
    agreement: { unanimous: 3, againstOne: 5, maxVoidTries: 6 },
    async sync(userid) {
      const body = await request(userid).catch(() => null);
      if (body !== null) apply(userid, body);
      return 200;
    },
    readUser: async (userid) => users.get(userid) ?? null,
    showsDisabledUsers: async () => false,
    askIntermediary: async () => null,
    countOtherUsers: async () => 0,
  };
}
