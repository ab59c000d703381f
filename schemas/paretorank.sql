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

-- migration 4: the registry: stages, windows, verdicts, and the history of models

ALTER TABLE paretorank.runs
  DROP CONSTRAINT runs_state_check,
  DROP CONSTRAINT runs_check1,
  ADD COLUMN reason text,
  ADD COLUMN database_user text,
  ADD COLUMN attempts integer NOT NULL DEFAULT 1 CHECK (attempts > 0),
  ADD COLUMN taken_over_at timestamptz,
  ADD COLUMN clock timestamptz,
  ADD COLUMN drift jsonb,
  ADD COLUMN gate jsonb,
  ADD COLUMN report jsonb,
  ADD CONSTRAINT runs_state
    CHECK (state IN ('running', 'finished', 'failed', 'refused', 'abandoned')),
  ADD CONSTRAINT runs_failed_with_error CHECK (state <> 'failed' OR error IS NOT NULL),
  ADD CONSTRAINT runs_error_of_failed CHECK (error IS NULL OR state IN ('failed', 'abandoned')),
  ADD CONSTRAINT runs_reason CHECK (state NOT IN ('refused', 'abandoned') OR reason IS NOT NULL);
-- Set apart, because who noted earlier runs is not known.
ALTER TABLE paretorank.runs ALTER COLUMN database_user SET DEFAULT session_user;
COMMENT ON COLUMN paretorank.runs.state IS
  'refused: the gate kept the model back; abandoned: another run took its place.';
COMMENT ON COLUMN paretorank.runs.reason IS
  'Why a run was refused or abandoned, or why its model was published against the gate.';
COMMENT ON COLUMN paretorank.runs.attempts IS 'Processes that worked on the run so far.';
COMMENT ON COLUMN paretorank.runs.taken_over_at IS 'When the last of these processes began.';
COMMENT ON COLUMN paretorank.runs.clock IS 'The time of the data''s own clock in its snapshot.';
CREATE INDEX runs_model ON paretorank.runs (model, kind, id);

CREATE TABLE paretorank.stages (
  run_id bigint NOT NULL REFERENCES paretorank.runs ON DELETE CASCADE,
  stage text NOT NULL,
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'finished', 'failed')),
  attempts integer NOT NULL DEFAULT 1 CHECK (attempts > 0),
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz,
  row_count bigint CHECK (row_count >= 0),
  detail jsonb,
  error text,
  PRIMARY KEY (run_id, stage),
  CHECK (state <> 'running' OR finished_at IS NULL),
  CHECK (state <> 'finished' OR finished_at IS NOT NULL),
  CHECK ((state = 'failed') = (error IS NOT NULL))
);
COMMENT ON TABLE paretorank.stages IS
  'The steps of a run: the next process of an interrupted run goes on after the finished ones.';
COMMENT ON COLUMN paretorank.stages.started_at IS 'Of the last attempt.';
COMMENT ON COLUMN paretorank.stages.finished_at IS 'NULL also where nobody saw how it ended.';

CREATE TABLE paretorank.windows (
  run_id bigint NOT NULL REFERENCES paretorank.runs ON DELETE CASCADE,
  purpose text NOT NULL CHECK (purpose IN ('training', 'evaluation', 'scoring')),
  task text NOT NULL DEFAULT '',
  window_from timestamptz,
  window_to timestamptz,
  row_count bigint CHECK (row_count >= 0),
  positives bigint CHECK (positives >= 0),
  PRIMARY KEY (run_id, purpose, task)
);
COMMENT ON TABLE paretorank.windows IS
  'Which rows a run used for each task, half open in time; no task means all rows.';

ALTER TABLE paretorank.models
  DROP CONSTRAINT models_state_check,
  ADD COLUMN parent_id bigint REFERENCES paretorank.models ON DELETE SET NULL,
  ADD COLUMN data_until timestamptz,
  ADD COLUMN promoted_at timestamptz,
  ADD COLUMN promoted_by text,
  ADD COLUMN retired_at timestamptz,
  ADD COLUMN pruned_at timestamptz,
  ADD CONSTRAINT models_state CHECK
    (state IN ('candidate', 'current', 'retired', 'refused', 'pruning', 'pruned')),
  ADD CONSTRAINT models_pruned CHECK ((state = 'pruned') = (pruned_at IS NOT NULL));
COMMENT ON COLUMN paretorank.models.state IS
  'pruning: its directory is being deleted; pruned: it is gone, and the version is not used again.';
COMMENT ON COLUMN paretorank.models.parent_id IS 'The model whose training this one went on from.';
COMMENT ON COLUMN paretorank.models.data_until IS 'It was trained on rows from before then.';
CREATE INDEX models_run ON paretorank.models (run_id);

CREATE TABLE paretorank.promotions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  model_id bigint NOT NULL REFERENCES paretorank.models,
  previous_id bigint REFERENCES paretorank.models,
  kind text NOT NULL CHECK (kind IN ('publish', 'promote', 'rollback')),
  run_id bigint REFERENCES paretorank.runs ON DELETE SET NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  by_user text NOT NULL DEFAULT session_user,
  host text NOT NULL,
  reason text
);
COMMENT ON TABLE paretorank.promotions IS
  'Every change of a name''s current model: by a run (publish), or by hand.';
CREATE INDEX promotions_name ON paretorank.promotions (name, id);

ALTER TABLE paretorank.score_versions
  ADD COLUMN run_id bigint UNIQUE REFERENCES paretorank.runs ON DELETE SET NULL,
  ADD COLUMN model_id bigint REFERENCES paretorank.models ON DELETE SET NULL,
  ADD COLUMN model_version integer,
  ADD COLUMN model_digest text;
CREATE INDEX score_versions_model ON paretorank.score_versions (model, id);

CREATE OR REPLACE VIEW paretorank.current_scored_candidates AS
  SELECT v.model, v.tasks, c.version, c.user_id, c.item_id, c.rank, c.value, c.probabilities,
    v.model_version, v.model_digest
  FROM paretorank.scored_candidates c
  JOIN paretorank.score_versions v ON v.id = c.version
  WHERE v.state = 'current';
