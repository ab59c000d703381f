-- The reference logs of a shop: what was shown to whom, and what came of it.
--
-- Names are unqualified: set search_path to the schema that should hold the shop (by default
-- "shop"). The log tables carry no foreign keys, so that bulk loads run at full speed.

CREATE TABLE users (
  user_id bigint PRIMARY KEY,
  created_at timestamptz NOT NULL,
  country text NOT NULL,
  age_group text NOT NULL,
  segment text NOT NULL
);

CREATE TABLE items (
  item_id bigint PRIMARY KEY,
  created_at timestamptz NOT NULL,
  category text NOT NULL,
  brand text NOT NULL,
  price double precision NOT NULL CHECK (price >= 0)
);

-- One row for each item shown to a user. The items of one request were ranked together.
CREATE TABLE impressions (
  impression_id bigint PRIMARY KEY,
  request_id bigint NOT NULL,
  user_id bigint NOT NULL,
  item_id bigint NOT NULL,
  shown_at timestamptz NOT NULL,
  position smallint NOT NULL CHECK (position >= 1),
  surface text NOT NULL,
  -- The items that the user had clicked before this request, newest first, at most ten.
  recent_items bigint[] NOT NULL DEFAULT '{}'
);

CREATE INDEX impressions_shown_at ON impressions (shown_at);

CREATE TABLE events (
  impression_id bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('click', 'add_to_cart', 'purchase')),
  happened_at timestamptz NOT NULL
);

CREATE INDEX events_impression_id ON events (impression_id);
CREATE INDEX events_happened_at ON events (happened_at);

-- How long after an impression an event still counts as its outcome.
CREATE TABLE attribution_windows (
  kind text PRIMARY KEY CHECK (kind IN ('click', 'add_to_cart', 'purchase')),
  "window" interval NOT NULL CHECK ("window" > interval '0')
);

-- In hours: '1 day' would be 23 or 25 hours where the session's clocks change.
INSERT INTO attribution_windows VALUES
  ('click', '30 minutes'), ('add_to_cart', '24 hours'), ('purchase', '72 hours');

-- Until when the log is complete: one row at most. Without a row, the newest impression or event
-- is taken for the end of the log.
CREATE TABLE log_clock (
  complete_until timestamptz NOT NULL,
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row)
);

-- Simulated shops alone: how probable each outcome was, before anything happened.
CREATE TABLE true_probabilities (
  impression_id bigint PRIMARY KEY,
  click double precision NOT NULL CHECK (click BETWEEN 0 AND 1),
  add_to_cart double precision NOT NULL CHECK (add_to_cart BETWEEN 0 AND 1),
  purchase double precision NOT NULL CHECK (purchase BETWEEN 0 AND 1)
);

-- The pairs to be scored.
CREATE TABLE candidates (
  user_id bigint NOT NULL,
  item_id bigint NOT NULL,
  PRIMARY KEY (user_id, item_id)
);

-- Until when the log is complete: one row.
CREATE VIEW log_end AS
SELECT coalesce(
  (SELECT complete_until FROM log_clock),
  greatest((SELECT max(shown_at) FROM impressions), (SELECT max(happened_at) FROM events))
) AS complete_until;

-- Impressions with their features and labels. A label is true or false once the window of its kind
-- has closed, and NULL (not known) before: an early positive would otherwise enter without the
-- negatives of its time. The first event of each kind counts. An event that comes before its
-- impression counts as none.
CREATE VIEW labelled_impressions AS
WITH windows AS MATERIALIZED (
  SELECT
    complete_until,
    (SELECT "window" FROM attribution_windows WHERE kind = 'click') AS click,
    (SELECT "window" FROM attribution_windows WHERE kind = 'add_to_cart') AS add_to_cart,
    (SELECT "window" FROM attribution_windows WHERE kind = 'purchase') AS purchase
  FROM log_end
),
closed AS MATERIALIZED (
  SELECT
    click,
    add_to_cart,
    purchase,
    complete_until - click AS click_until,
    complete_until - add_to_cart AS add_to_cart_until,
    complete_until - purchase AS purchase_until
  FROM windows
),
outcomes AS (
  SELECT
    impression_id,
    min(happened_at) FILTER (WHERE kind = 'click') AS clicked_at,
    min(happened_at) FILTER (WHERE kind = 'add_to_cart') AS carted_at,
    min(happened_at) FILTER (WHERE kind = 'purchase') AS purchased_at
  FROM events
  GROUP BY impression_id
)
SELECT
  i.impression_id,
  i.request_id,
  i.user_id,
  i.item_id,
  i.shown_at,
  i.position,
  i.surface,
  i.recent_items,
  u.country,
  u.age_group,
  u.segment,
  t.category,
  t.brand,
  t.price,
  (date_part('epoch', i.shown_at) - date_part('epoch', t.created_at)) / 86400 AS item_age_days,
  CASE WHEN i.shown_at <= w.click_until
    THEN coalesce(o.clicked_at >= i.shown_at AND o.clicked_at - w.click < i.shown_at, false)
  END AS clicked,
  CASE WHEN i.shown_at <= w.add_to_cart_until
    THEN coalesce(o.carted_at >= i.shown_at AND o.carted_at - w.add_to_cart < i.shown_at, false)
  END AS carted,
  CASE WHEN i.shown_at <= w.purchase_until
    THEN coalesce(o.purchased_at >= i.shown_at AND o.purchased_at - w.purchase < i.shown_at, false)
  END AS purchased,
  p.click AS true_click,
  p.add_to_cart AS true_add_to_cart,
  p.purchase AS true_purchase
FROM impressions i
CROSS JOIN closed w
LEFT JOIN users u USING (user_id)
LEFT JOIN items t USING (item_id)
LEFT JOIN outcomes o USING (impression_id)
-- Costs nothing where the true columns are not read: the key lets the planner leave the table out.
LEFT JOIN true_probabilities p USING (impression_id);

-- The candidates with the same features as labelled_impressions, as if each were shown first on
-- the home page when the log ends.
CREATE VIEW candidate_features AS
WITH clicks AS (
  SELECT
    i.user_id,
    i.item_id,
    e.happened_at,
    row_number() OVER (PARTITION BY i.user_id ORDER BY e.happened_at DESC) AS recency
  FROM events e
  JOIN impressions i USING (impression_id)
  WHERE e.kind = 'click'
),
recent AS (
  SELECT user_id, array_agg(item_id ORDER BY recency) AS recent_items
  FROM clicks
  WHERE recency <= 10
  GROUP BY user_id
)
SELECT
  c.user_id,
  c.item_id,
  k.complete_until AS shown_at,
  1::smallint AS position,
  'home'::text AS surface,
  coalesce(r.recent_items, '{}') AS recent_items,
  u.country,
  u.age_group,
  u.segment,
  t.category,
  t.brand,
  t.price,
  (date_part('epoch', k.complete_until) - date_part('epoch', t.created_at)) / 86400
    AS item_age_days
FROM candidates c
CROSS JOIN log_end k
LEFT JOIN users u USING (user_id)
LEFT JOIN items t USING (item_id)
LEFT JOIN recent r USING (user_id);
