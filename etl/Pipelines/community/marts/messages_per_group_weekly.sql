-- table: community.messages_per_group_weekly
-- description: How much was written in each week, and in how many groups. A message without a date belongs to no week and is left out;
--   one without a group counts as a message alone. A week without messages has no row.
-- key: week
-- column week: The Monday that the week begins with (UTC).
-- column groups: Groups in which somebody wrote in the week.
-- column messages: Messages of the week.
-- column avg_per_group: Messages for each group; NULL where no message of the week has one.
-- check all dated messages are counted: SELECT (SELECT count(*) FROM community.messages WHERE sent_at IS NOT NULL)
--   - (SELECT coalesce(sum(messages), 0) FROM community.messages_per_group_weekly)
SELECT
  date_trunc('week', sent_at AT TIME ZONE 'UTC')::date AS week,
  count(DISTINCT group_id) AS groups,
  count(*) AS messages,
  count(*)::numeric / nullif(count(DISTINCT group_id), 0) AS avg_per_group
FROM community.messages
WHERE sent_at IS NOT NULL
GROUP BY 1
