-- What a role needs for the nightly job, and nothing more.
--
-- Make the role, apply `paretorank database migrate` as the owner of the schema, then, as a superuser or as
-- an owner of all this who is a member of the role:
--
--   psql -v role=nightly -v logs=shop -v scores=recommendations -v serving=website \
--     -v relations='shop.labelled_impressions, shop.candidate_features' -f schemas/grants.sql
--
--   role       who runs the job
--   logs       the schema of the logs
--   relations  the tables and views that the configuration names, or that its queries read. A view reads
--              its own tables by its owner's rights
--   scores     the schema of the view that scoring.to names; made where it isn't there
--   serving    who reads the scores
--
-- It can be applied again, and has to be after a migration that somebody else made.

\set ON_ERROR_STOP on
BEGIN;

-- 1. Reading the logs. This alone is enough for check, train, evaluate, gains, frontier, and scores in a file;
-- runs are then not noted.
GRANT CONNECT ON DATABASE :"DBNAME" TO :"role";
GRANT USAGE ON SCHEMA :"logs" TO :"role";
GRANT SELECT ON :relations TO :"role";

-- 2. Notes and scores. What was noted is changed, never deleted; only older versions of scores are.
GRANT USAGE ON SCHEMA paretorank TO :"role";
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA paretorank TO :"role";
GRANT DELETE ON paretorank.score_versions, paretorank.scored_candidates TO :"role";
REVOKE INSERT, UPDATE ON paretorank.schema_migrations FROM :"role";
REVOKE UPDATE ON paretorank.scored_candidates FROM :"role";
-- For tables of later migrations that the same owner makes.
ALTER DEFAULT PRIVILEGES IN SCHEMA paretorank GRANT SELECT, INSERT, UPDATE ON TABLES TO :"role";

-- 3. The view of the current scores, which the role makes and owns. It is made anew only when the tasks or the
-- model's name change; until then CREATE may be revoked.
CREATE SCHEMA IF NOT EXISTS :"scores";
GRANT USAGE, CREATE ON SCHEMA :"scores" TO :"role";

-- 4. Serving: the view, which shows one whole version, and nothing behind it.
GRANT USAGE ON SCHEMA :"scores" TO :"serving";
ALTER DEFAULT PRIVILEGES FOR ROLE :"role" IN SCHEMA :"scores" GRANT SELECT ON TABLES TO :"serving";

COMMIT;
