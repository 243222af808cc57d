-- Sources that cannot be read again: what was taken out of them is kept here, as it came, before it is acknowledged. It is what reconciliations
-- compare with.
CREATE TABLE quality.messages (
  id           bigint GENERATED ALWAYS AS IDENTITY UNIQUE,   -- the order in which they were kept
  pipeline     text NOT NULL,
  dataset      text NOT NULL,
  hash         uuid NOT NULL,                -- of the body: the same again is recognised by it
  body         bytea NOT NULL,
  media_type   text NOT NULL,
  refused      text,                         -- why it is no document; NULL: it is one
  received_at  timestamptz NOT NULL,
  run_id       bigint NOT NULL,              -- of quality.runs; a foreign key would look it up for each message
  PRIMARY KEY (hash, dataset, pipeline)       -- the hash first: it alone tells nearly all apart
);

-- The days that a run was asked for; NULL: all.
ALTER TABLE quality.runs
  ADD COLUMN first_day date,
  ADD COLUMN last_day date;

-- Documents of a source whose events are compared: those that gave no row because another of the same key counts.
ALTER TABLE quality.reconciliations
  ADD COLUMN documents bigint,               -- read from the source, on the dataset's root table only
  ADD COLUMN duplicate bigint NOT NULL DEFAULT 0,
  ADD COLUMN superseded bigint NOT NULL DEFAULT 0,
  ADD COLUMN days jsonb;                     -- where the source is asked by day: [{day, documents, source, quarantined, unseen, duplicate, superseded}]
