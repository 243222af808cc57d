-- table: processed.summary
-- description: How many events a user has on a day: average, most and fewest over the days of a week on which there were any.
-- key: year, week_of_year, user_id, corporation
-- column year: Of the event's day (UTC).
-- column week_of_year: Week 01 begins on 1 January, each lasts seven days (to_char's ww).
-- column user_id: The user.
-- column user_corporate_id: The corporation that the events name; NULL where they name none.
-- column corporation: The same as a text, empty where there is none: a key cannot be NULL.
-- column avg_events_count: Events on a day, on average over the days with events.
-- column max_events_count: Events on the day with the most.
-- column min_events_count: Events on the day with the fewest; days without events do not count.
-- check every user of every week is there: SELECT (SELECT count(*) FROM processed.summary)
--   - (SELECT count(*) FROM (SELECT DISTINCT to_char(date AT TIME ZONE 'UTC', 'yyyy-ww'), user_id, user_corporate_id FROM product_events.user_events) e)
SELECT
  extract(year FROM day)::integer AS year,
  to_char(day, 'ww') AS week_of_year,
  user_id,
  user_corporate_id,
  coalesce(user_corporate_id::text, '') AS corporation,
  avg(events) AS avg_events_count,
  max(events) AS max_events_count,
  min(events) AS min_events_count
FROM (
  SELECT date_trunc('day', date AT TIME ZONE 'UTC') AS day, user_id, user_corporate_id, count(*) AS events
  FROM product_events.user_events
  GROUP BY 1, 2, 3
) daily
GROUP BY 1, 2, 3, 4
