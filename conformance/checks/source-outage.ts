// Outage of the endpoint's data source: it is stopped once per run, observed and restarted, and the checks evaluate the responses.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckContext } from '../check-context.ts';
import { MissingInput, Untestable } from '../check-endings.ts';
import type { Answer } from '../http/endpoint-request.ts';
import { NoAnswer } from '../http/no-answer.ts';
import { withSourceDown } from '../run-hook.ts';
import { findMeaning } from '../user-info-body.ts';

/** A response, or the failure that occurred instead. */
type Came = Answer | NoAnswer;

/** A response, and whether it has the same data as before the outage. */
interface Look {
  readonly came: Came;
  readonly isAsBefore: boolean;
}

export interface Outage {
  /** The responses during the outage, in order, for known users who got a 200 before. */
  readonly down: readonly Look[];
  /** The first response that is not a 200; null: all were 200 until the time limit. */
  readonly refusal: Came | null;
  /** The first 200 after the data source was restarted, or else the last response. */
  readonly back: Look;
}

/** Maximum number of requests until the command takes effect. */
const looks = 12;

async function askAnyway(context: CheckContext, userid: string): Promise<Came> {
  try {
    return await context.ask({ userids: [userid] });
  } catch (error) {
    // A failure of the proxy says nothing about the endpoint.
    if (error instanceof NoAnswer && error.kind !== 'proxy') return error;
    throw error;
  }
}

const is200 = (came: Came) => !(came instanceof NoAnswer) && came.status === 200;

async function observe(context: CheckContext): Promise<Outage> {
  const { hook, knownUsers } = context.options;
  if (!hook) throw new MissingInput('Add --break and --restore.');
  const { timeoutMs } = hook;
  const [, second] = knownUsers;
  const before = new Map<string, string>();
  for (const userid of knownUsers.slice(0, 2)) {
    const answer = await context.ask({ userids: [userid] });
    if (answer.status !== 200)
      throw new Untestable('A known user did not get a 200 before the outage: see known-user-200.');
    const meaning = findMeaning(answer.body);
    const { body } = await context.ask({ userids: [userid] });
    if (meaning === null || findMeaning(body) !== meaning)
      throw new Untestable(
        'A known user did not get the same JSON data twice: see same-question-same-answer, known-user-json and known-user-byte-order-mark.',
      );
    before.set(userid, meaning);
  }
  async function look(userid: string): Promise<Look> {
    const came = await askAnyway(context, userid);
    return { came, isAsBefore: !(came instanceof NoAnswer) && findMeaning(came.body) === before.get(userid) };
  }
  /** Requests the first user until `isOver` returns true or the time limit is reached. */
  async function watch(isOver: (came: Came) => boolean) {
    let latest = await look(context.knownUser);
    const seen = [latest];
    const startedAt = performance.now();
    const pauseMs = timeoutMs / looks;
    while (!isOver(latest.came) && performance.now() - startedAt + pauseMs < timeoutMs) {
      await sleep(pauseMs);
      latest = await look(context.knownUser);
      seen.push(latest);
    }
    return { seen, latest };
  }

  const down = await withSourceDown(hook, async () => {
    const { seen } = await watch((came) => !is200(came));
    return second === undefined ? seen : [...seen, await look(second)];
  });
  const refusal = down.find(({ came }) => !is200(came))?.came ?? null;
  const { latest: back } = await watch(is200);
  return { down, refusal, back };
}

const outages = new WeakMap<CheckContext, Promise<Outage>>();

/** Returns the outage of this run. Throws Untestable if a command fails. */
export function observeOutage(context: CheckContext): Promise<Outage> {
  const outage = outages.get(context) ?? observe(context);
  outages.set(context, outage);
  return outage;
}
