-- A sample schema for MySQL 8 and MariaDB 10.5 and later, with two people in it. The configuration for it is
-- configurations/sql-mysql.yaml. The collation utf8mb4_bin distinguishes letters that the default collations treat as equal,
-- and only InnoDB lets all queries of a lookup see the same snapshot of the data.

CREATE TABLE users (
  login    VARCHAR(255) COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
  disabled BOOLEAN NOT NULL DEFAULT FALSE
) ENGINE = InnoDB CHARACTER SET utf8mb4;

CREATE TABLE memberships (
  login      VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
  group_name VARCHAR(255) COLLATE utf8mb4_bin NOT NULL CHECK (group_name <> ''),
  PRIMARY KEY (login, group_name),
  FOREIGN KEY (login) REFERENCES users (login) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4;

CREATE TABLE attributes (
  login VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
  name  VARCHAR(255) COLLATE utf8mb4_bin NOT NULL CHECK (name <> ''),
  value VARCHAR(255) COLLATE utf8mb4_bin NOT NULL CHECK (value <> ''),
  PRIMARY KEY (login, name, value),
  FOREIGN KEY (login) REFERENCES users (login) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4;

INSERT INTO users (login, disabled) VALUES
  ('ada.lovelace@example.com', FALSE),
  ('charles.babbage@example.com', TRUE);

INSERT INTO memberships (login, group_name) VALUES
  ('ada.lovelace@example.com', 'analysts'),
  ('ada.lovelace@example.com', 'finance');

INSERT INTO attributes (login, name, value) VALUES
  ('ada.lovelace@example.com', 'department', 'finance'),
  ('ada.lovelace@example.com', 'region', 'emea'),
  ('ada.lovelace@example.com', 'region', 'apac');

-- The server's account can only read these three tables. Create it first, with your own password:
--   CREATE USER user_info_reader IDENTIFIED BY '…';
--   GRANT SELECT ON identity.users TO user_info_reader;
--   GRANT SELECT ON identity.memberships TO user_info_reader;
--   GRANT SELECT ON identity.attributes TO user_info_reader;
