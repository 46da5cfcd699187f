// Cache of responses that change nothing: an identical response is neither validated nor compared again.
import { hash } from 'node:crypto';
import { kitVersion } from '../../schemas/kit-version.ts';
import { type SimulatorDatabase, toTextBytes } from '../database/open-database.ts';
import type { EndpointAnswer } from './endpoint-answer.ts';
import type { ListedUser, StoredUser } from './plan-user.ts';
import type { Run } from './run.ts';

/** Equal keys mean equal responses, with the same effect for a user with the same stored access. */
export type AnswerKeys = (answer: EndpointAnswer, listed: ListedUser | null) => string;

/**
 * Creates the function that returns the key of a response. A key covers everything relevant except the stored access: the bytes of the response, the
 * list entry, the settings, and the version of the program. The key covers all settings, so that it does not matter which of them affect the result.
 */
export function createAnswerKeys({ settings }: Pick<Run, 'settings'>): AnswerKeys {
  const rules = digest(JSON.stringify([kitVersion, settings]));
  const digestBeside = ({ contentType, contentEncoding }: EndpointAnswer, access: readonly string[][] | null) =>
    digest(JSON.stringify([rules, contentType, contentEncoding, access]));
  let last: { readonly contentType: string; readonly contentEncoding: string; readonly beside: string } | null = null;

  /** Caches the digest of everything except the body. If the list contains no access, the digest is the same for nearly all responses of a run. */
  function besideAlone(answer: EndpointAnswer): string {
    const { contentType, contentEncoding } = answer;
    if (last?.contentType !== contentType || last.contentEncoding !== contentEncoding) {
      last = { contentType, contentEncoding, beside: digestBeside(answer, null) };
    }
    return last.beside;
  }

  return (answer, listed) => {
    const access = listed?.access ? [[...listed.access.groups], [...listed.access.values]] : null;
    return (access === null ? besideAlone(answer) : digestBeside(answer, access)) + digest(answer.body);
  };
}

/** Returns 132 bits of SHA-256. */
function digest(data: string | Uint8Array): string {
  return hash('sha256', data, 'base64').slice(0, 22);
}

/**
 * Caches a user's response that changes nothing (anymore), because the state stored in the run is the user's state. Must run in the transaction in
 * which the state was read or written. Triggers of the database remove the entry when the user's access changes.
 */
export function rememberAnswer(db: SimulatorDatabase, runId: number, { id, userid }: StoredUser, key: string): void {
  db.run(
    `INSERT OR REPLACE INTO remembered_answers (user_id, answer_key, state_id)
     SELECT ?1, ?2, coalesce(after_id, before_id) FROM run_users WHERE run_id = ?3 AND userid = ?4`,
    [id, key, runId, userid],
  );
}

/**
 * Adds users with cached responses to a run; skips others.
 *
 * @param answers map from user name to key of the response.
 * @returns the skipped users.
 */
export function addUnchangedUsers(
  db: SimulatorDatabase,
  { id: runId, iam }: Pick<Run, 'id' | 'iam'>,
  answers: ReadonlyMap<string, string>,
): Set<string> {
  const pairs = toTextBytes(writePairs(answers));
  // A cross join preserves the order of its tables, so the pairs are read once.
  const { changes } = db.run(
    `INSERT OR IGNORE INTO run_users (run_id, userid, outcome, status, before_id)
     SELECT ?1, userid, 'user', 200, state_id
     FROM json_each(CAST(?3 AS TEXT)) AS pair CROSS JOIN users ON users.iam = ?2 AND users.userid = pair.key
     CROSS JOIN remembered_answers ON user_id = users.id AND answer_key = pair.value`,
    [runId, iam, pairs],
  );
  // In the common case that all users were added, reading a row for each user would cost as much as adding the users.
  if (changes === answers.size) return new Set();
  const others = db.all<{ userid: string }>(
    `SELECT key AS userid FROM json_each(CAST(?2 AS TEXT))
     WHERE NOT EXISTS (SELECT 1 FROM run_users WHERE run_id = ?1 AND userid = key)`,
    [runId, pairs],
  );
  return new Set(others.map(({ userid }) => userid));
}

/** Writes the same text as JSON.stringify, but without an object with a key for each user, which would need much more memory. */
function writePairs(answers: ReadonlyMap<string, string>): string {
  const pairs: string[] = [];
  for (const [userid, key] of answers) pairs.push(`${JSON.stringify(userid)}:${JSON.stringify(key)}`);
  return `{${pairs.join()}}`;
}
