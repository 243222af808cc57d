-- view: product_events.user_events_view
-- description: The events, without Quality's own columns.
-- check it shows every event: SELECT (SELECT count(*) FROM product_events.user_events) - (SELECT count(*) FROM product_events.user_events_view)
SELECT
  date, country, city, region, language, event_type, device_id, user_id, amp_id, data_type, event_time,
  client_event_time, client_upload_time, server_upload_time, server_received_time, processed_time, path,
  group_first_event, group_ids, user_properties_updated, initial_li_fat_id, initial_rtd_cid, user_corporate_id,
  user_corporate_is_demo, user_corporate_status, user_role, user_signup_date, user_status, inserted_at_utc
FROM product_events.user_events
