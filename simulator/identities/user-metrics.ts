// User metrics of the last few days, which the platform offers as a download.
import { IdentityError } from './identity-error.ts';
import type { UserMetrics } from './identity-store.ts';
import type { StoreContext } from './store-context.ts';

const dayMs = 86_400_000;

export function measureUsers({ db, now }: StoreContext, days: number): UserMetrics {
  if (!Number.isInteger(days) || days < 1 || days > 36_500) {
    throw new IdentityError('invalid', 'The number of days must be a whole number from 1 to 36500.');
  }
  const generatedAt = now();
  const from = new Date(Date.parse(generatedAt) - days * dayMs).toISOString();
  const count = (sql: string, values: readonly string[] = []) => db.find<{ n: number }>(sql, values)?.n ?? 0;
  const tally = (rows: ReadonlyArray<{ key: string; n: number }>) =>
    Object.fromEntries(rows.map(({ key, n }) => [key, n]));
  const total = count('SELECT count(*) AS n FROM users');
  const disabled = count('SELECT count(*) AS n FROM users WHERE disabled = 1');
  return {
    generatedAt,
    days,
    from,
    users: { total, enabled: total - disabled, disabled },
    byIam: tally(db.all('SELECT iam AS key, count(*) AS n FROM users GROUP BY iam ORDER BY iam')),
    created: count("SELECT count(*) AS n FROM audit WHERE action = 'UserCreated' AND at >= ?", [from]),
    deleted: count("SELECT count(*) AS n FROM audit WHERE action = 'UserDeleted' AND at >= ?", [from]),
    loggedIn: count('SELECT count(*) AS n FROM users WHERE last_login >= ?', [from]),
    changes: tally(
      db.all('SELECT action AS key, count(*) AS n FROM audit WHERE at >= ? GROUP BY action ORDER BY action', [from]),
    ),
  };
}
