// Attributes of users and groups in the store. A value exists as long as it is assigned to a user or group; there is no separate list of values.
import { assertName, IdentityError } from './identity-error.ts';
import type { Attributes, AttributeValues, Holder } from './identity-store.ts';
import { describeOrigin, getGroupId, getUser, groupTarget, type StoreContext, userTarget } from './store-context.ts';

/** Table with the values of a user or group. */
interface Place {
  readonly table: 'user_values' | 'group_values';
  readonly column: 'user_id' | 'group_id';
  readonly id: number;
  readonly target: ReturnType<typeof userTarget> | ReturnType<typeof groupTarget>;
}

export function createAttributes(context: StoreContext): AttributeValues {
  const { db, record } = context;

  function placeOf(holder: Holder): Place {
    if ('user' in holder) {
      const { id } = getUser(context, holder.user);
      return { table: 'user_values', column: 'user_id', id, target: userTarget(holder.user) };
    }
    const id = getGroupId(context, holder.group);
    return { table: 'group_values', column: 'group_id', id, target: groupTarget(holder.group) };
  }

  function originsOf({ table, column, id }: Place, name: string, value: string): string[] {
    return db
      .all<{ origin: string }>(`SELECT origin FROM ${table} WHERE ${column} = ? AND name = ? AND value = ?`, [
        id,
        name,
        value,
      ])
      .map(({ origin }) => origin);
  }

  return {
    add(holder, name, value, by) {
      db.transaction(() => {
        assertName('name of the attribute', name);
        assertName('value', value);
        const place = placeOf(holder);
        if (originsOf(place, name, value).includes('platform')) return;
        db.run(`INSERT INTO ${place.table} (${place.column}, name, value, origin) VALUES (?, ?, ?, 'platform')`, [
          place.id,
          name,
          value,
        ]);
        record(by, 'AttributeApplied', place.target, null, { name, value });
      });
    },

    remove(holder, name, value, by) {
      db.transaction(() => {
        const place = placeOf(holder);
        const origins = originsOf(place, name, value);
        if (origins.length === 0) return;
        if (!origins.includes('platform')) {
          throw new IdentityError(
            'refused',
            `The value ${value} of ${name} comes from the ${origins.map(describeOrigin).join(' and the ')}. Remove it there.`,
          );
        }
        db.run(
          `DELETE FROM ${place.table} WHERE ${place.column} = ? AND name = ? AND value = ? AND origin = 'platform'`,
          [place.id, name, value],
        );
        record(by, 'AttributeRemoved', place.target, { name, value }, null);
      });
    },

    of(holder) {
      const { table, column, id } = placeOf(holder);
      return toAttributes(
        db.all<{ name: string; value: string }>(
          `SELECT DISTINCT name, value FROM ${table} WHERE ${column} = ? ORDER BY name, value`,
          [id],
        ),
      );
    },

    suggest({ name, search, limit }) {
      const [column, where, values] =
        name === undefined ? (['name', '', []] as const) : (['value', 'WHERE name = ?3', [name]] as const);
      return db
        .all<{ text: string }>(
          `SELECT text FROM (
             SELECT ${column} AS text FROM user_values ${where} UNION SELECT ${column} FROM group_values ${where}
           ) WHERE instr(folded(text), ?1) > 0 ORDER BY text LIMIT ?2`,
          [search.toLowerCase(), limit, ...values],
        )
        .map(({ text }) => text);
    },

    list({ iam = null, search = null }) {
      return db.all(
        `SELECT iam, name, value, sum(is_user) AS users, sum(1 - is_user) AS groups FROM (
           SELECT DISTINCT CASE v.origin WHEN 'platform' THEN 'bim' ELSE u.iam END AS iam, v.name, v.value, u.id, 1 AS is_user
           FROM user_values v JOIN users u ON u.id = v.user_id
           UNION ALL
           SELECT DISTINCT CASE v.origin WHEN 'platform' THEN 'bim' ELSE g.iam END, v.name, v.value, g.id, 0
           FROM group_values v JOIN groups g ON g.id = v.group_id
         )
         WHERE (?1 IS NULL OR iam = ?1) AND (?2 IS NULL OR instr(folded(name), ?2) > 0 OR instr(folded(value), ?2) > 0)
         GROUP BY iam, name, value ORDER BY name, value, iam`,
        [iam, search === null ? null : search.toLowerCase()],
      );
    },
  };
}

/** Groups values by attribute. @param rows in the order of the attributes and values in the result. */
function toAttributes(rows: ReadonlyArray<{ readonly name: string; readonly value: string }>): Attributes {
  const values = new Map<string, string[]>();
  for (const { name, value } of rows) {
    const known = values.get(name);
    if (known) known.push(value);
    else values.set(name, [value]);
  }
  // fromEntries defines keys, so that an attribute named `__proto__` remains an attribute.
  return Object.fromEntries(values);
}
