-- Differences are looked at again before they count: what still moved when that ended, and how long the oldest had.
ALTER TABLE quality.reconciliations
  ADD COLUMN in_flight              bigint NOT NULL DEFAULT 0,            -- rows that were still changing on either side
  ADD COLUMN oldest_in_flight       interval NOT NULL DEFAULT '0',
  ADD COLUMN not_looked_at_again    bigint NOT NULL DEFAULT 0,            -- differences that were reported as found
  ADD COLUMN bound                  double precision CHECK (bound BETWEEN 0 AND 1);  -- of a sample: with 99 % confidence a smaller share of segments holds a difference

-- Who mended what. Removed rows stand in tombstones besides, with their keys.
CREATE TABLE quality.repairs (
  run_id          bigint NOT NULL REFERENCES quality.runs,
  pipeline        text NOT NULL,
  table_name      text NOT NULL,
  action          text NOT NULL CHECK (action IN ('rewrite', 'remove', 'derive')),
  rows            bigint NOT NULL,             -- differing rows that it was done for
  sample          jsonb NOT NULL,              -- [key], masked if personal
  found_by        bigint NOT NULL REFERENCES quality.runs,  -- the reconciliation
  operator        text NOT NULL,               -- user and host of the process
  database_user   text NOT NULL,
  repaired_at     timestamptz NOT NULL,
  PRIMARY KEY (run_id, table_name, action)
);
