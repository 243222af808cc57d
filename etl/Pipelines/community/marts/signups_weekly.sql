-- table: community.signups_weekly
-- description: Who signed up in each week, by country, age and gender. A week without sign-ups has no row.
-- key: period, country, age_band, gender
-- column period: The Monday that the week begins with (UTC).
-- column country: As the users gave it; empty where they gave none.
-- column age_band: Age at sign-up, in years, such as 25-34; empty where it is not known.
-- column gender: As the users gave it; empty where they gave none.
-- column signups: Users who signed up.
-- check all users are counted: SELECT (SELECT count(*) FROM community.users) - (SELECT coalesce(sum(signups), 0) FROM community.signups_weekly)
SELECT
  date_trunc('week', period::timestamp)::date AS period, country, age_band, gender, sum(signups)::bigint AS signups
FROM community.signups_daily
GROUP BY 1, 2, 3, 4
