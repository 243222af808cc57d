-- table: processed.active_corporations
-- description: How many corporations in the state "active" used the product, week by week. A week in which none did has no row.
-- key: year, week_of_year
-- column year: Of the event's day (UTC).
-- column week_of_year: Week 01 begins on 1 January, each lasts seven days (to_char's ww).
-- column active_corporations: Different corporations that were active at an event of the week.
-- check corporations of all weeks are counted: SELECT (SELECT coalesce(sum(active_corporations), 0) FROM processed.active_corporations)
--   - (SELECT count(*) FROM (SELECT DISTINCT to_char(date AT TIME ZONE 'UTC', 'yyyy-ww'), user_corporate_id FROM product_events.user_events
--      WHERE user_corporate_status = 'active' AND user_corporate_id IS NOT NULL) e)
SELECT
  extract(year FROM date AT TIME ZONE 'UTC')::integer AS year,
  to_char(date AT TIME ZONE 'UTC', 'ww') AS week_of_year,
  count(DISTINCT user_corporate_id) AS active_corporations
FROM product_events.user_events
WHERE user_corporate_status = 'active' AND user_corporate_id IS NOT NULL
GROUP BY 1, 2
