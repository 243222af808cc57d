-- table: processed.customers_engagement
-- description: How many users did anything in the product, week by week. A week without events has no row.
-- key: year, week_of_year
-- column year: Of the event's day (UTC).
-- column week_of_year: Week 01 begins on 1 January, each lasts seven days (to_char's ww).
-- column active_users: Different users with an event in the week.
-- check users of all weeks are counted: SELECT (SELECT coalesce(sum(active_users), 0) FROM processed.customers_engagement)
--   - (SELECT count(*) FROM (SELECT DISTINCT to_char(date AT TIME ZONE 'UTC', 'yyyy-ww'), user_id FROM product_events.user_events) e)
SELECT
  extract(year FROM date AT TIME ZONE 'UTC')::integer AS year,
  to_char(date AT TIME ZONE 'UTC', 'ww') AS week_of_year,
  count(DISTINCT user_id) AS active_users
FROM product_events.user_events
GROUP BY 1, 2
