// Owns remembering answers that change nothing: a user who has one again need not be compared, nor the answer judged.
import { hash } from 'node:crypto';
import { kitVersion } from '../../schemas/kit-version.ts';
import type { SimulatorDatabase } from '../database/open-database.ts';
import type { EndpointAnswer } from '../http/answer-reader.ts';
import type { HeldUser, ListedUser } from './plan-user.ts';
import type { Run } from './run.ts';

/** Equal keys: the same answer, of which the same comes for a user who has the same. */
export type AnswerKeys = (answer: EndpointAnswer, listed: ListedUser | null) => string;

/**
 * A key is a digest of all that counts but what is held of the user: the bytes of the answer, what the list says, the settings, and the
 * version that judged. The settings are taken whole: most of them change nothing, but nobody has to know which.
 */
export function createAnswerKeys({ settings }: Pick<Run, 'settings'>): AnswerKeys {
  const rules = hash('sha256', JSON.stringify([kitVersion, settings]), 'base64');
  return ({ contentType, contentEncoding, body }, listed) => {
    const access = listed?.access ? [[...listed.access.groups], [...listed.access.values]] : null;
    const beside = JSON.stringify([rules, contentType, contentEncoding, access]);
    // As one text, a character a byte: a hash object that takes two parts costs three times as much.
    return hash('sha256', beside + body.toString('latin1'), 'base64');
  };
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
  const pairs = JSON.stringify(Object.fromEntries(answers));
  // A cross join keeps its order: the pairs are read once.
  const { changes } = db.run(
    `INSERT OR IGNORE INTO run_users (run_id, userid, outcome, status, before_id)
     SELECT ?1, userid, 'user', 200, state_id
     FROM json_each(?3) AS pair CROSS JOIN users ON users.iam = ?2 AND users.userid = pair.key
     CROSS JOIN remembered_answers ON user_id = users.id AND answer_key = pair.value`,
    [runId, iam, pairs],
  );
  // So it is mostly, and to read a row for each user would cost as much as to add them.
  if (changes === answers.size) return new Set();
  const others = db.all<{ userid: string }>(
    `SELECT pair.key AS userid FROM json_each(?2) AS pair
     WHERE NOT EXISTS (SELECT 1 FROM users JOIN remembered_answers ON user_id = users.id
                       WHERE users.iam = ?1 AND users.userid = pair.key AND answer_key = pair.value)`,
    [iam, pairs],
  );
  return new Set(others.map(({ userid }) => userid));
}
