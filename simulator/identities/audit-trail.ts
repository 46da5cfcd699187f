// Audit trail: a record of every change, never deleted.
import type { SimulatorDatabase } from '../database/open-database.ts';
import type { AuditAction, AuditRecord, AuditTrail } from './identity-store.ts';

/** Target of a change. */
export type AuditTarget = Pick<AuditRecord, 'kind' | 'iam' | 'target'>;

/** Writes a record, within the transaction of the change itself. */
export type RecordChange = (
  by: string,
  action: AuditAction,
  target: AuditTarget,
  before: unknown,
  after: unknown,
) => void;

interface AuditRow {
  readonly id: number;
  readonly at: string;
  readonly actor: string;
  readonly action: AuditAction;
  readonly kind: AuditRecord['kind'];
  readonly iam: string;
  readonly target: string;
  readonly before: string | null;
  readonly after: string | null;
}

export function createRecorder(db: SimulatorDatabase, now: () => string): RecordChange {
  return (by, action, { kind, iam, target }, before, after) => {
    db.run('INSERT INTO audit (at, actor, action, kind, iam, target, before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?)', [
      now(),
      by,
      action,
      kind,
      iam,
      target,
      toJson(before),
      toJson(after),
    ]);
  };
}

export function createAuditTrail(db: SimulatorDatabase): AuditTrail {
  return {
    list({ kind = null, iam = null, target = null, by = null, action = null, limit = 25, offset = 0 }) {
      // The index selects the target; the other filters narrow the result.
      const where = `WHERE (?1 IS NULL OR target = ?1) AND (?2 IS NULL OR actor = ?2) AND (?3 IS NULL OR action = ?3)
        AND (?4 IS NULL OR kind = ?4) AND (?5 IS NULL OR iam = ?5)`;
      const filter = [target, by, action, kind, iam];
      const count = db.find<{ n: number }>(`SELECT count(*) AS n FROM audit ${where}`, filter)?.n ?? 0;
      const rows = db.all<AuditRow>(`SELECT * FROM audit ${where} ORDER BY id DESC LIMIT ?6 OFFSET ?7`, [
        ...filter,
        limit,
        offset,
      ]);
      return { hits: rows.map(toRecord), count };
    },
  };
}

function toRecord({ actor, before, after, ...same }: AuditRow): AuditRecord {
  return { ...same, by: actor, before: fromJson(before), after: fromJson(after) };
}

function toJson(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

function fromJson(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
