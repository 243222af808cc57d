-- The journal: what Quality did, and how its books closed. Everything here is written in the transaction it tells of.

CREATE TABLE quality.runs (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pipeline       text NOT NULL,
  command        text NOT NULL,                -- sync, reconcile, repair, demo
  seed           bigint,
  contract       text,                         -- version of the contract
  contract_hash  text,                         -- hash of its text: another hash, another contract
  source         text,                         -- what was read, without secrets: 'emulator 127.0.0.1:27017'
  host           text NOT NULL,
  process_id     integer NOT NULL,
  started_at     timestamptz NOT NULL,
  ended_at       timestamptz,                  -- NULL: still running, or died
  verdict        text CHECK (verdict IN ('reconciled', 'mismatched', 'unknown')),
  reason         text                          -- the verdict in one sentence
);
CREATE INDEX runs_by_pipeline ON quality.runs (pipeline, id);

-- Per run and dataset, in documents (promise I1). The database refuses books that do not close.
CREATE TABLE quality.ledger (
  run_id       bigint NOT NULL REFERENCES quality.runs,
  dataset      text NOT NULL,
  read         bigint NOT NULL,
  loaded       bigint NOT NULL,
  unchanged    bigint NOT NULL,
  deleted      bigint NOT NULL,
  quarantined  bigint NOT NULL,
  duplicate    bigint NOT NULL,
  superseded   bigint NOT NULL,
  filtered     bigint NOT NULL,
  PRIMARY KEY (run_id, dataset),
  CONSTRAINT documents_balance CHECK (read = loaded + unchanged + deleted + quarantined + duplicate + superseded + filtered)
);

-- Per run and table, in rows.
CREATE TABLE quality.table_ledger (
  run_id       bigint NOT NULL REFERENCES quality.runs,
  dataset      text NOT NULL,
  table_name   text NOT NULL,
  produced     bigint NOT NULL,
  inserted     bigint NOT NULL,
  updated      bigint NOT NULL,
  unchanged    bigint NOT NULL,
  merged       bigint NOT NULL,                -- several documents gave the same dimension row
  removed      bigint NOT NULL,
  rows_before  bigint,
  rows_after   bigint,                         -- set once, when the run ends
  PRIMARY KEY (run_id, table_name),
  CONSTRAINT rows_balance CHECK (produced = inserted + updated + unchanged + merged)
  -- rows_after = rows_before + inserted - removed is judged, not enforced: when somebody else writes to the table,
  -- the run says so, and the figures must be there to show it.
);

CREATE TABLE quality.batches (
  run_id        bigint NOT NULL REFERENCES quality.runs,
  dataset       text NOT NULL,
  ordinal       integer NOT NULL,
  documents     bigint NOT NULL,
  rows          bigint NOT NULL,
  milliseconds  integer NOT NULL,              -- from the first byte encoded to the commit
  committed_at  timestamptz NOT NULL,
  PRIMARY KEY (run_id, dataset, ordinal)
);

-- The position up to which everything is durable (promise I4), one row per dataset and partition.
CREATE TABLE quality.checkpoints (
  pipeline       text NOT NULL,
  dataset        text NOT NULL,
  partition      text NOT NULL,
  state          text NOT NULL CHECK (state IN ('scanning', 'complete')),
  scan           bigint NOT NULL,              -- which scan of the partition, counted from 1
  version        uuid NOT NULL,                -- version given to every row of this scan (T0)
  position       bytea,                        -- BSON document with the offset; NULL: nothing durable yet
  documents      bigint NOT NULL,              -- read so far in this scan
  contract_hash  text NOT NULL,
  first_run      bigint NOT NULL REFERENCES quality.runs,   -- the run that began this scan
  run_id         bigint NOT NULL REFERENCES quality.runs,   -- the run that wrote this line
  updated_at     timestamptz NOT NULL,
  PRIMARY KEY (pipeline, dataset, partition)
);

CREATE TABLE quality.quarantine (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pipeline       text NOT NULL,
  dataset        text NOT NULL,
  partition      text NOT NULL,
  position       bytea NOT NULL,               -- BSON document with the offset
  document_key   text NOT NULL,                -- the key as canonical Extended JSON, or the position where there is none
  rule           text NOT NULL,                -- the first violated rule
  path           text NOT NULL,                -- where in the document
  reason         text NOT NULL,                -- a sentence; values masked if personal
  violations     jsonb NOT NULL,               -- all of them: [{rule, path, value, message}]
  media_type     text NOT NULL,
  document       bytea NOT NULL,               -- the original bytes, whole
  document_hash  uuid NOT NULL,
  held_back      boolean NOT NULL,             -- an older good version stays in the tables
  state          text NOT NULL CHECK (state IN ('open', 'resolved', 'replayed', 'discarded')),
  first_run      bigint NOT NULL REFERENCES quality.runs,
  last_run       bigint NOT NULL REFERENCES quality.runs,
  first_seen     timestamptz NOT NULL,
  last_seen      timestamptz NOT NULL
);
CREATE UNIQUE INDEX quarantine_open ON quality.quarantine (pipeline, dataset, document_key) WHERE state = 'open';

CREATE TABLE quality.tombstones (
  pipeline    text NOT NULL,
  table_name  text NOT NULL,
  key         jsonb NOT NULL,                  -- {column: value}
  version     uuid,
  run_id      bigint NOT NULL REFERENCES quality.runs,
  removed_at  timestamptz NOT NULL
);
CREATE INDEX tombstones_by_table ON quality.tombstones (pipeline, table_name);

CREATE TABLE quality.reconciliations (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id          bigint NOT NULL REFERENCES quality.runs,
  pipeline        text NOT NULL,
  dataset         text NOT NULL,
  table_name      text NOT NULL,
  level           text NOT NULL CHECK (level IN ('contents', 'counts')),
  source          bigint NOT NULL,             -- rows that accepted documents give
  warehouse       bigint NOT NULL,             -- rows in the table
  quarantined     bigint NOT NULL,             -- documents, on the dataset's root table only
  held_back       bigint NOT NULL,             -- rows left out of both sides because a newer version is quarantined
  unreferenced    bigint NOT NULL,             -- dimension rows that nothing refers to
  missing         bigint NOT NULL,
  unexpected      bigint NOT NULL,
  changed         bigint NOT NULL,
  matched         bigint NOT NULL,
  coverage        double precision NOT NULL CHECK (coverage BETWEEN 0 AND 1),
  verdict         text NOT NULL CHECK (verdict IN ('reconciled', 'mismatched', 'unknown')),
  reason          text,
  source_hash     uuid,
  warehouse_hash  uuid,
  milliseconds    integer NOT NULL
);
CREATE INDEX reconciliations_by_run ON quality.reconciliations (run_id);

-- A sample of what differed (all of it up to a limit that the reconciliation states); values masked if personal.
CREATE TABLE quality.differences (
  reconciliation_id  bigint NOT NULL REFERENCES quality.reconciliations,
  ordinal            integer NOT NULL,
  kind               text NOT NULL CHECK (kind IN ('missing', 'unexpected', 'changed')),
  key                text NOT NULL,
  cells              jsonb NOT NULL,           -- [{column, type, source, warehouse, equal}]
  repaired           boolean NOT NULL DEFAULT false,
  PRIMARY KEY (reconciliation_id, ordinal)
);

-- Checks that the contract asks for and the warehouse answers: uniqueness, row counts, SQL.
CREATE TABLE quality.checks (
  run_id       bigint NOT NULL REFERENCES quality.runs,
  pipeline     text NOT NULL,
  table_name   text NOT NULL,
  column_name  text NOT NULL,
  rule         text NOT NULL,
  failing      bigint NOT NULL,
  sample       jsonb NOT NULL,                 -- [{value, rows}], masked if personal
  PRIMARY KEY (run_id, table_name, column_name, rule)
);

-- What was broken on purpose, and what was found of it.
CREATE TABLE quality.experiments (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id        bigint NOT NULL REFERENCES quality.runs,
  pipeline      text NOT NULL,
  kind          text NOT NULL,                 -- corruption, warehouse-edit, …
  name          text NOT NULL,                 -- 'missing required field'
  hypothesis    text NOT NULL,                 -- what should come of it: 'quarantined by rule required'
  injected      bigint NOT NULL,
  detected      bigint NOT NULL,
  missed        bigint NOT NULL,
  false_alarms  bigint NOT NULL,
  outcomes      jsonb NOT NULL,                -- {"required": 12, "type": 1}: what it was called
  seed          bigint
);
