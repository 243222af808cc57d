-- A dataset is read in ranges that several workers take at the same time: the scan is one line, its ranges are the checkpoints.

CREATE TABLE quality.scans (
  pipeline       text NOT NULL,
  dataset        text NOT NULL,
  scan           bigint NOT NULL,              -- counted from 1
  state          text NOT NULL CHECK (state IN ('scanning', 'complete')),
  first_load     boolean NOT NULL,             -- the tables had no rows when it began
  version        uuid NOT NULL,                -- version given to every row of this scan (T0)
  contract_hash  text NOT NULL,
  first_run      bigint NOT NULL REFERENCES quality.runs,   -- the run that began it
  run_id         bigint NOT NULL REFERENCES quality.runs,   -- the run that wrote this line
  updated_at     timestamptz NOT NULL,
  PRIMARY KEY (pipeline, dataset)
);

INSERT INTO quality.scans
SELECT pipeline, dataset, scan, state, false, version, contract_hash, first_run, run_id, updated_at FROM quality.checkpoints;

ALTER TABLE quality.checkpoints
  DROP COLUMN version,
  DROP COLUMN contract_hash,
  DROP COLUMN first_run,
  ADD COLUMN ordinal integer NOT NULL DEFAULT 0,   -- place among the ranges
  ADD COLUMN range_from bytea,                     -- BSON document with the first offset; NULL: from the beginning
  ADD COLUMN range_to bytea;                       -- BSON document with the first offset behind it; NULL: to the end
