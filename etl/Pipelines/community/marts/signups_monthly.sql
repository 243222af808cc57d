-- table: community.signups_monthly
-- description: Who signed up in each month, by country, age and gender. A month without sign-ups has no row.
-- key: period, country, age_band, gender
-- column period: The first day of the month (UTC); of the earliest that PostgreSQL knows, the first that it knows: 4714-11-24 BC.
-- column country: As the users gave it; empty where they gave none.
-- column age_band: Age at sign-up, in years, such as 25-34; empty where it is not known.
-- column gender: As the users gave it; empty where they gave none.
-- column signups: Users who signed up.
-- check all users are counted: SELECT (SELECT count(*) FROM community.users) - (SELECT coalesce(sum(signups), 0) FROM community.signups_monthly)
SELECT
  -- PostgreSQL's calendar begins within a month, which has no first day there.
  CASE WHEN period < '4714-12-01 BC' THEN '4714-11-24 BC' ELSE date_trunc('month', period::timestamp)::date END AS period,
  country, age_band, gender, sum(signups)::bigint AS signups
FROM community.signups_daily
GROUP BY 1, 2, 3, 4
