-- Quality rules of a contract beside uniqueness: what was measured, what it must be, and whether it is.
ALTER TABLE quality.checks
  ADD COLUMN name text NOT NULL DEFAULT '',      -- the contract's own name for the rule
  ADD COLUMN measured numeric,                   -- NULL: there was nothing to measure
  ADD COLUMN expected text,                      -- completes 'must be …'; NULL: the failing rows say it all
  ADD COLUMN unit text,                          -- rows, percent, seconds, documents
  ADD COLUMN holds boolean,                      -- NULL: unknown
  ADD COLUMN warns boolean NOT NULL DEFAULT false,   -- broken, it does not spoil the verdict
  DROP CONSTRAINT checks_pkey,
  ADD PRIMARY KEY (run_id, table_name, column_name, rule, name);

-- What it took to read the source: failures that were overcome, and what to know of the figures.
ALTER TABLE quality.runs
  ADD COLUMN retries bigint NOT NULL DEFAULT 0,
  ADD COLUMN reopened bigint NOT NULL DEFAULT 0,
  ADD COLUMN timed_out bigint NOT NULL DEFAULT 0,
  ADD COLUMN remarks text[] NOT NULL DEFAULT '{}';

-- Keys that must stay where the personal values are, and never leave.
CREATE TABLE quality.secrets (
  name   text PRIMARY KEY,
  value  bytea NOT NULL
);
