-- A sample schema for PostgreSQL 12 and later, with two people in it. The configuration for it is
-- configurations/sql-postgresql.yaml. Your schema may differ: any tables work with suitable queries.

CREATE TABLE users (
  login    text    PRIMARY KEY,
  disabled boolean NOT NULL DEFAULT false
);

CREATE TABLE memberships (
  login      text NOT NULL REFERENCES users ON DELETE CASCADE,
  group_name text NOT NULL CHECK (group_name <> ''),
  PRIMARY KEY (login, group_name)
);

CREATE TABLE attributes (
  login text NOT NULL REFERENCES users ON DELETE CASCADE,
  name  text NOT NULL CHECK (name <> ''),
  value text NOT NULL CHECK (value <> ''),
  PRIMARY KEY (login, name, value)
);

INSERT INTO users (login, disabled) VALUES
  ('ada.lovelace@example.com', false),
  ('charles.babbage@example.com', true);

INSERT INTO memberships (login, group_name) VALUES
  ('ada.lovelace@example.com', 'analysts'),
  ('ada.lovelace@example.com', 'finance');

INSERT INTO attributes (login, name, value) VALUES
  ('ada.lovelace@example.com', 'department', 'finance'),
  ('ada.lovelace@example.com', 'region', 'emea'),
  ('ada.lovelace@example.com', 'region', 'apac');

-- The server's role can only read these three tables. Set its password: \password user_info_reader
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'user_info_reader') THEN
    CREATE ROLE user_info_reader LOGIN;
  END IF;
END $$;
GRANT SELECT ON users, memberships, attributes TO user_info_reader;
