-- What the pipeline bore under load: a line a scenario, and a line for each of its steps.
CREATE TABLE quality.load_results (
  run_id          bigint NOT NULL REFERENCES quality.runs,
  pipeline        text NOT NULL,
  scenario        text NOT NULL,                 -- snapshot, sync-under-writes, reconcile-under-load, spike, soak
  seed            bigint NOT NULL,
  rate            integer NOT NULL,              -- writes a second that were meant; 0 where the scenario writes nothing
  started_at      timestamptz NOT NULL,
  seconds         double precision NOT NULL,
  verdict         text NOT NULL CHECK (verdict IN ('reconciled', 'mismatched', 'unknown')),
  reason          text NOT NULL,
  peak_memory     bigint NOT NULL,               -- bytes of the process that put the load on
  thresholds      jsonb NOT NULL,                -- [{threshold, step, measured, holds}]
  PRIMARY KEY (run_id, scenario)
);

CREATE TABLE quality.load_steps (
  run_id          bigint NOT NULL,
  scenario        text NOT NULL,
  workload        text NOT NULL,                 -- writers, syncs, reconciliations
  step            text NOT NULL,                 -- insert, update, delete, sync, reconcile
  operations      bigint NOT NULL,               -- that ended well
  failed          bigint NOT NULL,
  documents       bigint NOT NULL,
  seconds         double precision NOT NULL,     -- what rates are over
  latency         jsonb,                         -- milliseconds: min, mean, max, deviation, p50 … p999; NULL where nothing ended well
  reasons         jsonb NOT NULL,                -- [{reason, count}] of what failed
  slot_seconds    double precision NOT NULL,     -- how long each point of the series is
  series          jsonb NOT NULL,                -- [{second, operations, failed, documents, latency}]
  PRIMARY KEY (run_id, scenario, step),
  FOREIGN KEY (run_id, scenario) REFERENCES quality.load_results
);
