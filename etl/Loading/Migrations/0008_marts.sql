-- Tables and views that a pipeline makes of its loaded tables: what is there now, and each time that they were made.
CREATE TABLE quality.marts (
  mart         text PRIMARY KEY,             -- schema.name
  pipeline     text NOT NULL,                -- whose it is; no other overwrites it
  kind         text NOT NULL CHECK (kind IN ('table', 'view')),
  file         text NOT NULL,                -- in the pipeline's folder
  definition   text NOT NULL,                -- the SELECT
  description  text NOT NULL,
  columns      jsonb NOT NULL,               -- name, type, key, description, in order
  position     integer NOT NULL,             -- in the order of making
  rows         bigint NOT NULL,
  run_id       bigint NOT NULL REFERENCES quality.runs,
  built_at     timestamptz NOT NULL
);

CREATE TABLE quality.mart_builds (
  run_id        bigint NOT NULL REFERENCES quality.runs,
  mart          text NOT NULL,
  rows          bigint NOT NULL,             -- afterwards
  inserted      bigint NOT NULL,             -- a row that changed is removed and inserted
  removed       bigint NOT NULL,
  milliseconds  bigint NOT NULL,
  PRIMARY KEY (run_id, mart)
);
