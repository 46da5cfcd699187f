// Verifies responses during a measurement: compares whole responses for random users with the expected ones.
import { deepStrictEqual } from 'node:assert';
import { Agent as HttpAgent, get as httpGet, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, get as httpsGet } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dataset, userInfoOf, useridOf } from './dataset.ts';

/** An interval long enough to add no significant load, and short enough to detect mixed-up responses. */
const pauseMs = 25;

/** Compares responses until `over` is aborted. @throws at the first wrong response. */
export async function checkAnswers(
  url: string,
  dataset: Dataset,
  { username, password, ca }: { username: string; password: string; ca: string },
  over: AbortSignal,
): Promise<void> {
  const secure = url.startsWith('https:');
  const agent = secure ? new HttpsAgent({ keepAlive: true, ca }) : new HttpAgent({ keepAlive: true });
  try {
    while (!over.aborted) {
      const user = Math.floor(Math.random() * dataset.users);
      const target = `${url}?userid=${encodeURIComponent(useridOf(user))}`;
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        (secure ? httpsGet : httpGet)(target, { agent, auth: `${username}:${password}` }, resolve).once(
          'error',
          reject,
        );
      });
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      deepStrictEqual(JSON.parse(Buffer.concat(chunks).toString()), userInfoOf(user, dataset));
      await sleep(pauseMs);
    }
  } finally {
    agent.destroy();
  }
}
