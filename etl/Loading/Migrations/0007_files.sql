-- Which files of an inbox are durable: so that a sync reads what is new, late or rewritten, and nothing else. Small, as files are many.

CREATE TABLE quality.file_folders (
  folder         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pipeline       text NOT NULL,
  dataset        text NOT NULL,
  path           text NOT NULL,
  contract_hash  text NOT NULL,    -- under another contract every file is read again
  UNIQUE (pipeline, dataset, path)
);

CREATE TABLE quality.files (
  folder         integer NOT NULL, -- of quality.file_folders; no foreign key, which would be looked up for every file
  name           uuid NOT NULL,    -- hash of the file's name
  modified       bigint NOT NULL,  -- its last change, in units of 100 ns since the year 1
  size           bigint NOT NULL,
  pending_since  bigint NOT NULL,  -- 0: read and durable; else since when it is known to be broken as it stands
  PRIMARY KEY (folder, name)
);
