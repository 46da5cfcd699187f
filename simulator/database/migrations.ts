// Tables of the store. A released migration step is never changed; new steps are appended.

/** Step n migrates a file of version n to version n + 1. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE iams (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, settings TEXT NOT NULL, created_at TEXT NOT NULL
  ) WITHOUT ROWID;

  -- AUTOINCREMENT: the number of somebody who was deleted never becomes another's.
  CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT, iam TEXT NOT NULL REFERENCES iams (id), userid TEXT NOT NULL,
    name TEXT NOT NULL, email TEXT, details TEXT NOT NULL, disabled INTEGER NOT NULL,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, last_login TEXT, last_external_refresh TEXT,
    UNIQUE (iam, userid)
  );

  CREATE TABLE groups (
    id INTEGER PRIMARY KEY AUTOINCREMENT, iam TEXT NOT NULL REFERENCES iams (id), name TEXT NOT NULL,
    description TEXT, email TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    UNIQUE (iam, name)
  );

  -- The same membership or value may be given by several: each is a row, and the last that goes takes it away.
  CREATE TABLE memberships (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    group_id INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    origin TEXT NOT NULL, PRIMARY KEY (user_id, group_id, origin)
  ) WITHOUT ROWID;
  CREATE INDEX memberships_by_group ON memberships (group_id);

  CREATE TABLE user_values (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL, value TEXT NOT NULL, origin TEXT NOT NULL, PRIMARY KEY (user_id, name, value, origin)
  ) WITHOUT ROWID;

  CREATE TABLE group_values (
    group_id INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    name TEXT NOT NULL, value TEXT NOT NULL, origin TEXT NOT NULL, PRIMARY KEY (group_id, name, value, origin)
  ) WITHOUT ROWID;

  CREATE TABLE custom_permissions (name TEXT PRIMARY KEY) WITHOUT ROWID;

  CREATE TABLE user_permissions (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    permission TEXT NOT NULL, PRIMARY KEY (user_id, permission)
  ) WITHOUT ROWID;

  -- group_name '' is the default that each user of the IAM has.
  CREATE TABLE iam_permissions (
    iam TEXT NOT NULL REFERENCES iams (id), group_name TEXT NOT NULL, permission TEXT NOT NULL,
    PRIMARY KEY (iam, group_name, permission)
  ) WITHOUT ROWID;

  -- Names, and no references: it has to survive what it tells of.
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
    kind TEXT NOT NULL, iam TEXT NOT NULL, target TEXT NOT NULL, before TEXT, after TEXT
  );
  CREATE INDEX audit_by_target ON audit (target);
  `,
  `
  -- Who disabled: only whom a sync disabled, a sync enables again.
  ALTER TABLE users ADD COLUMN disabled_by TEXT;

  CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, iam TEXT NOT NULL, actor TEXT NOT NULL, scope TEXT NOT NULL,
    source TEXT NOT NULL, source_hash TEXT NOT NULL, dry_run INTEGER NOT NULL, phase TEXT NOT NULL,
    started_at TEXT NOT NULL, ended_at TEXT, settings TEXT NOT NULL, summary TEXT
  );

  -- A row for each user who was asked for: the checkpoint of a run, and what is left of it. "after" is null when nothing
  -- changes; "plan" is what is still to be applied.
  CREATE TABLE run_users (
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, userid TEXT NOT NULL,
    outcome TEXT NOT NULL, status INTEGER, before TEXT, after TEXT, plan TEXT, PRIMARY KEY (run_id, userid)
  ) WITHOUT ROWID;
  `,
  `
  -- What the requests of a run met on their way; null: nothing was brought in.
  ALTER TABLE runs ADD COLUMN faults TEXT;
  `,
  `
  -- A row for what a person set; without one the user name is taken. "none" has no name.
  CREATE TABLE external_ids (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE, platform TEXT NOT NULL,
    kind TEXT NOT NULL, external_id TEXT, aws_type TEXT, PRIMARY KEY (user_id, platform)
  ) WITHOUT ROWID;

  -- One row: how the data platforms are integrated.
  CREATE TABLE integrations (id INTEGER PRIMARY KEY CHECK (id = 1), settings TEXT NOT NULL);
  `,
  `
  -- Only digests: a key is shown once.
  CREATE TABLE api_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL, digest TEXT NOT NULL UNIQUE, created_at TEXT NOT NULL, UNIQUE (user_id, name)
  );
  `,
  `
  -- The state of a user, as a text that is kept once for all runs that found it. Nothing refers to what a deleted run leaves behind:
  -- it is deleted with the run.
  CREATE TABLE user_states (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
  INSERT INTO user_states (text)
    SELECT before FROM run_users WHERE before IS NOT NULL UNION SELECT after FROM run_users WHERE after IS NOT NULL;
  CREATE INDEX user_states_by_text ON user_states (text);
  CREATE TABLE run_users_by_state (
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, userid TEXT NOT NULL,
    outcome TEXT NOT NULL, status INTEGER, before_id INTEGER, after_id INTEGER, plan TEXT, PRIMARY KEY (run_id, userid)
  ) WITHOUT ROWID;
  INSERT INTO run_users_by_state
    SELECT run_id, userid, outcome, status, (SELECT id FROM user_states WHERE text = before),
      (SELECT id FROM user_states WHERE text = after), plan
    FROM run_users;
  DROP TABLE run_users;
  ALTER TABLE run_users_by_state RENAME TO run_users;
  DROP INDEX user_states_by_text;

  -- Users for whom this very answer changes nothing: as long as nobody touches what they have, which the triggers see to, whoever it is.
  CREATE TABLE remembered_answers (
    user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE, answer_key TEXT NOT NULL, state_id INTEGER NOT NULL
  );
  CREATE TRIGGER forget_at_membership AFTER INSERT ON memberships
    BEGIN DELETE FROM remembered_answers WHERE user_id = NEW.user_id; END;
  CREATE TRIGGER forget_at_membership_change AFTER UPDATE ON memberships
    BEGIN DELETE FROM remembered_answers WHERE user_id IN (OLD.user_id, NEW.user_id); END;
  CREATE TRIGGER forget_at_membership_end AFTER DELETE ON memberships
    BEGIN DELETE FROM remembered_answers WHERE user_id = OLD.user_id; END;
  CREATE TRIGGER forget_at_value AFTER INSERT ON user_values
    BEGIN DELETE FROM remembered_answers WHERE user_id = NEW.user_id; END;
  CREATE TRIGGER forget_at_value_change AFTER UPDATE ON user_values
    BEGIN DELETE FROM remembered_answers WHERE user_id IN (OLD.user_id, NEW.user_id); END;
  CREATE TRIGGER forget_at_value_end AFTER DELETE ON user_values
    BEGIN DELETE FROM remembered_answers WHERE user_id = OLD.user_id; END;
  CREATE TRIGGER forget_at_user_change AFTER UPDATE OF iam, userid, disabled, disabled_by ON users
    BEGIN DELETE FROM remembered_answers WHERE user_id = NEW.id; END;
  CREATE TRIGGER forget_at_group_change AFTER UPDATE OF iam, name ON groups
    BEGIN DELETE FROM remembered_answers WHERE user_id IN (SELECT user_id FROM memberships WHERE group_id = NEW.id); END;
  `,
  `
  -- Whether the user would lose access by this run.
  ALTER TABLE run_users ADD COLUMN loses INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX losing_run_users ON run_users (run_id, userid) WHERE loses = 1;

  -- applied_order: numbers the runs in the order in which they began to be applied; null: not applied. based_on: the highest such number
  -- of the IAM when the run began, so that a run is not applied over a later one. decision: what a person decided about a run that the
  -- guard stopped. skipped_syncs: scheduled syncs that did not run because this one waits for a decision.
  ALTER TABLE runs ADD COLUMN applied_order INTEGER;
  ALTER TABLE runs ADD COLUMN based_on INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE runs ADD COLUMN decision TEXT;
  ALTER TABLE runs ADD COLUMN skipped_syncs INTEGER NOT NULL DEFAULT 0;
  UPDATE runs SET applied_order = id WHERE phase IN ('applying', 'done');
  UPDATE runs SET based_on = coalesce(
    (SELECT max(earlier.id) FROM runs earlier WHERE earlier.iam = runs.iam AND earlier.id < runs.id AND earlier.applied_order IS NOT NULL), 0);

  -- States name the IAM of a group that is not of the user's IAM from now on.
  DELETE FROM remembered_answers;
  `,
  `
  -- Why the endpoint's response was no answer.
  ALTER TABLE run_users ADD COLUMN detail TEXT;
  -- Where the user list of a run was read from, by reference, so that a resumed run finds it.
  ALTER TABLE runs ADD COLUMN list_origin TEXT;
  -- What an applied run changed for a user, by origin, so that it can be undone; null: nothing, or a version that did not keep it.
  ALTER TABLE run_users ADD COLUMN effect TEXT;
  -- Who undid a run, and when.
  ALTER TABLE runs ADD COLUMN undone TEXT;
  `,
  `
  UPDATE runs SET phase = 'requesting' WHERE phase = 'asking';
  UPDATE runs SET phase = 'evaluated' WHERE phase = 'judged';
  `,
];
