-- table: reports.user_events_daily
-- description: What happened to users on each day. A day without events has no row.
-- key: event_date
-- column event_date: The day on which the application received the change (UTC).
-- column n_created: Users created.
-- column n_updated: Changes of users.
-- column n_deleted: Users deleted.
-- column n_unique: Different users that anything happened to.
-- column n_total: All events.
-- check all events are counted: SELECT (SELECT count(*) FROM raw.user_events) - (SELECT coalesce(sum(n_total), 0) FROM reports.user_events_daily)
-- check every event is of one kind: SELECT count(*) FROM reports.user_events_daily WHERE n_created + n_updated + n_deleted <> n_total
-- check exactly one valid row for each user: SELECT count(*) FROM (SELECT id FROM crm.users_dim GROUP BY id HAVING count(*) FILTER (WHERE is_valid) <> 1) u
-- check every user with events has a valid row: SELECT count(*) FROM (SELECT id FROM raw.user_events EXCEPT SELECT id FROM crm.users_dim WHERE is_valid) u
-- check versions of a user do not overlap: SELECT count(*) FROM (
--   SELECT valid_to, is_valid, lead(valid_from) OVER (PARTITION BY id ORDER BY valid_from, valid_to NULLS LAST) AS next FROM crm.users_dim
--   ) v WHERE next < coalesce(valid_to, 'infinity') OR (valid_to IS NULL) <> is_valid
SELECT
  (received_at AT TIME ZONE 'UTC')::date AS event_date,
  count(*) FILTER (WHERE event_type = 'User Created') AS n_created,
  count(*) FILTER (WHERE event_type = 'User Updated') AS n_updated,
  count(*) FILTER (WHERE event_type = 'User Deleted') AS n_deleted,
  count(DISTINCT id) AS n_unique,
  count(*) AS n_total
FROM raw.user_events
GROUP BY 1
