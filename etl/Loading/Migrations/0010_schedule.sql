-- Chains: sync, marts, reconcile and report, one after the other, by hand or at their time.
CREATE TABLE quality.schedules (
  pipeline  text PRIMARY KEY,
  cron      text NOT NULL,
  since     timestamptz NOT NULL             -- times before were nobody's to keep
);

CREATE TABLE quality.chains (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pipeline    text NOT NULL,
  due_at      timestamptz,                   -- the time that it answers; NULL: asked for by hand
  host        text NOT NULL,
  process_id  integer NOT NULL,
  started_at  timestamptz NOT NULL,
  ended_at    timestamptz,                   -- NULL: still running, or died and nobody has looked since
  stopped     boolean NOT NULL DEFAULT false,  -- interrupted or dead: its time is still to be answered
  died        boolean NOT NULL DEFAULT false,  -- it was found dead by the next
  verdict     text CHECK (verdict IN ('reconciled', 'mismatched', 'unknown')),
  reason      text
);
CREATE INDEX chains_by_pipeline ON quality.chains (pipeline, id);

CREATE TABLE quality.chain_steps (
  chain_id    bigint NOT NULL REFERENCES quality.chains,
  step        text NOT NULL CHECK (step IN ('sync', 'marts', 'reconcile', 'report')),
  started_at  timestamptz NOT NULL,
  ended_at    timestamptz NOT NULL,
  verdict     text CHECK (verdict IN ('reconciled', 'mismatched', 'unknown')),  -- NULL: stopped, or not come to
  reason      text NOT NULL,
  run_id      bigint REFERENCES quality.runs,
  PRIMARY KEY (chain_id, step)
);

-- What went wrong and is not yet right again: once, however often it was seen.
CREATE TABLE quality.alerts (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  pipeline      text NOT NULL,
  step          text NOT NULL,
  sameness      text NOT NULL,               -- the reason without its figures: two alerts that share it are one
  reason        text NOT NULL,               -- as seen last
  verdict       text NOT NULL CHECK (verdict IN ('mismatched', 'unknown')),
  advice        text NOT NULL,               -- what to do
  chain_id      bigint NOT NULL REFERENCES quality.chains,   -- seen last by
  run_id        bigint REFERENCES quality.runs,
  opened_at     timestamptz NOT NULL,
  seen          bigint NOT NULL,             -- times
  told_at       timestamptz NOT NULL,        -- or reminded of
  recovered_at  timestamptz,
  recovered_by  bigint REFERENCES quality.chains
);
CREATE UNIQUE INDEX alerts_open ON quality.alerts (pipeline, step, sameness) WHERE recovered_at IS NULL;

CREATE TABLE quality.alert_deliveries (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  alert_id      bigint NOT NULL REFERENCES quality.alerts,
  kind          text NOT NULL CHECK (kind IN ('failure', 'reminder', 'recovery')),
  channel       text NOT NULL,               -- webhook, mail
  created_at    timestamptz NOT NULL,
  attempts      integer NOT NULL,
  next_at       timestamptz NOT NULL,        -- of the next attempt
  delivered_at  timestamptz,
  given_up_at   timestamptz,
  error         text                         -- of the last attempt, without secrets
);
CREATE INDEX alert_deliveries_pending ON quality.alert_deliveries (next_at) WHERE delivered_at IS NULL AND given_up_at IS NULL;
