-- What documents held that their contract does not know. It is counted, never refused: a source may grow.
CREATE TABLE quality.drift (
  run_id     bigint NOT NULL REFERENCES quality.runs,
  dataset    text NOT NULL,
  path       text NOT NULL,                    -- array elements as '[]'; cut short, since a key of the source may be of any length
  kind       text NOT NULL CHECK (kind IN ('unknown field', 'new type')),
  bson_type  text NOT NULL,                    -- alias of the type that was met: 'string', 'int' …
  documents  bigint NOT NULL,                  -- documents of the run that had it
  example    text,                             -- one value, cut short, masked if personal; NULL: none is shown
  PRIMARY KEY (run_id, dataset, path, kind, bson_type)
);

-- The contracts that runs used, byte for byte, so that a report can be made wherever the warehouse can be reached.
CREATE TABLE quality.contracts (
  hash      text PRIMARY KEY,                  -- SHA-256 in hex, as in quality.runs.contract_hash
  pipeline  text NOT NULL,
  version   text NOT NULL,
  content   bytea NOT NULL,                    -- the file
  kept_at   timestamptz NOT NULL
);
