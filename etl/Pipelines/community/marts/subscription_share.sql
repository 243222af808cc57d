-- table: community.subscription_share
-- description: How the subscribed users are spread over the plans. A plan that nobody is on has no row.
-- key: plan_id
-- column plan_id: The plan.
-- column description: Its name; empty where it has none.
-- column users: Users on this plan.
-- column share: Their part of all users on this or any plan, from 0 to 1.
-- check all subscriptions are counted: SELECT (SELECT count(*) FROM (SELECT DISTINCT plan_id, user_id FROM community.subscriptions) s)
--   - (SELECT coalesce(sum(users), 0) FROM community.subscription_share)
-- check shares add up to 1: SELECT count(*) FROM (SELECT sum(share) AS whole FROM community.subscription_share) s WHERE abs(whole - 1) > 0.000001
SELECT
  s.plan_id,
  coalesce(p.description, '') AS description,
  count(DISTINCT s.user_id) AS users,
  count(DISTINCT s.user_id) / sum(count(DISTINCT s.user_id)) OVER () AS share
FROM community.subscriptions s
LEFT JOIN community.plans p ON p.plan_id = s.plan_id
GROUP BY s.plan_id, p.description
