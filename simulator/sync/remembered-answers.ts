// Cache of responses that change nothing: an identical response is neither validated nor compared again.
import { hash } from 'node:crypto';
import { kitVersion } from '../../schemas/kit-version.ts';
import { type SimulatorDatabase, toTextBytes } from '../database/open-database.ts';
import type { EndpointAnswer } from './endpoint-answer.ts';
import type { HeldUser, ListedUser } from './plan-user.ts';
import type { Run } from './run.ts';

/** Equal keys: the same answer, of which the same comes for a user who has the same. */
export type AnswerKeys = (answer: EndpointAnswer, listed: ListedUser | null) => string;

/**
 * A key tells of all that counts but what is held of the user: the bytes of the answer, what the list says, the settings, and the
 * version that judged. The settings are taken whole: most of them change nothing, but nobody has to know which.
 */
export function createAnswerKeys({ settings }: Pick<Run, 'settings'>): AnswerKeys {
  const rules = digest(JSON.stringify([kitVersion, settings]));
  const digestBeside = ({ contentType, contentEncoding }: EndpointAnswer, access: readonly string[][] | null) =>
    digest(JSON.stringify([rules, contentType, contentEncoding, access]));
  let last: { readonly contentType: string; readonly contentEncoding: string; readonly beside: string } | null = null;

  /** Where the list says nothing of access, it is the same for nearly all answers of a run. */
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

/** 128 bits of SHA-256. */
function digest(data: string | Uint8Array): string {
  return hash('sha256', data, 'base64').slice(0, 22);
}

/**
 * The answer that a user of a run had changes nothing (any longer): the state that the run remembers is what the user has. Within the
 * transaction in which that was read or written. The triggers of the database forget it when somebody touches what the user has.
 */
export function rememberAnswer(db: SimulatorDatabase, runId: number, { id, userid }: HeldUser, key: string): void {
  db.run(
    `INSERT OR REPLACE INTO remembered_answers (user_id, answer_key, state_id)
     SELECT ?1, ?2, coalesce(after_id, before_id) FROM run_users WHERE run_id = ?3 AND userid = ?4`,
    [id, key, runId, userid],
  );
}

/**
 * Adds users to a run, each of whom had the answer that is remembered; others are left out.
 *
 * @param answers user name → key of the answer.
 * @returns those who were left out.
 */
export function addUnchangedUsers(
  db: SimulatorDatabase,
  { id: runId, iam }: Pick<Run, 'id' | 'iam'>,
  answers: ReadonlyMap<string, string>,
): Set<string> {
  const pairs = toTextBytes(writePairs(answers));
  // A cross join keeps its order: the pairs are read once.
  const { changes } = db.run(
    `INSERT OR IGNORE INTO run_users (run_id, userid, outcome, status, before_id)
     SELECT ?1, userid, 'user', 200, state_id
     FROM json_each(CAST(?3 AS TEXT)) AS pair CROSS JOIN users ON users.iam = ?2 AND users.userid = pair.key
     CROSS JOIN remembered_answers ON user_id = users.id AND answer_key = pair.value`,
    [runId, iam, pairs],
  );
  // So it is mostly, and to read a row for each user would cost as much as to add them.
  if (changes === answers.size) return new Set();
  const others = db.all<{ userid: string }>(
    `SELECT key AS userid FROM json_each(CAST(?2 AS TEXT))
     WHERE NOT EXISTS (SELECT 1 FROM run_users WHERE run_id = ?1 AND userid = key)`,
    [runId, pairs],
  );
  return new Set(others.map(({ userid }) => userid));
}

/** Writes what JSON.stringify would. An object with a key for each user takes much more memory than its text. */
function writePairs(answers: ReadonlyMap<string, string>): string {
  const pairs: string[] = [];
  for (const [userid, key] of answers) pairs.push(`${JSON.stringify(userid)}:${JSON.stringify(key)}`);
  return `{${pairs.join()}}`;
}
