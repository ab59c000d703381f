-- ParetoRank's own bookkeeping, in schema paretorank.
--
-- The command applies each migration below once, in order, each in a transaction, and notes it in
-- paretorank.schema_migrations. A migration that was released never changes; add another.

-- migration 1: runs, metrics, models, scored candidates

CREATE TABLE paretorank.runs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  model text,
  configuration jsonb NOT NULL,
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'finished', 'failed')),
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz,
  host text NOT NULL,
  pid integer NOT NULL,
  window_from timestamptz,
  window_to timestamptz,
  row_count bigint CHECK (row_count >= 0),
  error text,
  CHECK ((state = 'running') = (finished_at IS NULL)),
  CHECK ((state = 'failed') = (error IS NOT NULL))
);
COMMENT ON TABLE paretorank.runs IS
  'One row for each training, evaluation, scoring or nightly job.';
COMMENT ON COLUMN paretorank.runs.configuration IS 'Never holds the database connection.';
CREATE INDEX runs_started_at ON paretorank.runs (started_at);

CREATE TABLE paretorank.metrics (
  run_id bigint NOT NULL REFERENCES paretorank.runs ON DELETE CASCADE,
  time_window text NOT NULL,
  task text NOT NULL,
  metric text NOT NULL,
  value double precision NOT NULL,
  low double precision,
  high double precision,
  PRIMARY KEY (run_id, time_window, task, metric)
);
COMMENT ON TABLE paretorank.metrics IS
  'What a run measured; low and high bound the 95 % interval where there is one.';

CREATE TABLE paretorank.models (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  path text NOT NULL,
  digest text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  run_id bigint REFERENCES paretorank.runs ON DELETE SET NULL,
  state text NOT NULL DEFAULT 'candidate' CHECK (state IN ('candidate', 'current', 'retired')),
  UNIQUE (name, version)
);
CREATE UNIQUE INDEX models_one_current ON paretorank.models (name) WHERE state = 'current';

CREATE TABLE paretorank.score_versions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  model text NOT NULL,
  tasks text[] NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  row_count bigint NOT NULL DEFAULT 0,
  state text NOT NULL CHECK (state IN ('current', 'retired'))
);
COMMENT ON COLUMN paretorank.score_versions.tasks IS
  'Names of the entries of scored_candidates.probabilities.';
CREATE UNIQUE INDEX score_versions_one_current
  ON paretorank.score_versions (model) WHERE state = 'current';

-- No foreign key to score_versions: its check would cost more than the rest of the writing.
CREATE TABLE paretorank.scored_candidates (
  version bigint NOT NULL,
  user_id text NOT NULL,
  item_id text NOT NULL,
  rank integer NOT NULL,
  value double precision NOT NULL,
  probabilities double precision[] NOT NULL,
  PRIMARY KEY (version, user_id, rank)
);
COMMENT ON TABLE paretorank.scored_candidates IS
  'Ranked items for each user; rank 1 has the largest value.';

CREATE VIEW paretorank.current_scored_candidates AS
  SELECT v.model, v.tasks, c.version, c.user_id, c.item_id, c.rank, c.value, c.probabilities
  FROM paretorank.scored_candidates c
  JOIN paretorank.score_versions v ON v.id = c.version
  WHERE v.state = 'current';
COMMENT ON VIEW paretorank.current_scored_candidates IS
  'What to serve: a new version appears here at once or not at all.';

-- migration 2: who holds a lock

ALTER TABLE paretorank.runs ADD COLUMN backend integer;
COMMENT ON COLUMN paretorank.runs.backend IS
  'The server''s number of the connection that notes the run and holds its lock.';

-- migration 3: what combining the tasks did

ALTER TABLE paretorank.runs ADD COLUMN combining jsonb;
COMMENT ON COLUMN paretorank.runs.combining IS
  'By stretches of steps: each task''s weight, gradient norm and absence, each pair''s cosine and conflicts.';
