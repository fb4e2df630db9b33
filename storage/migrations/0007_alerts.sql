-- Alerts: how far each job's round among the subscribers has come, and the look-ups its deliveries need.

CREATE TABLE alert_rounds (
    job_id          INTEGER PRIMARY KEY REFERENCES jobs (id),
    first_member_id INTEGER NOT NULL,                     -- where the round begins; it ends just before
    after_member_id INTEGER NOT NULL,                     -- everybody up to here has been looked at
    wrapped         INTEGER NOT NULL DEFAULT 0 CHECK (wrapped IN (0, 1))
) STRICT;

CREATE INDEX deliveries_alerts_member ON deliveries (member_id, due_at) WHERE lane = 'alert';
CREATE INDEX deliveries_alerts_topic ON deliveries (topic, member_id) WHERE lane = 'alert';
CREATE INDEX events_job_over ON events (id) WHERE kind IN ('job_filled', 'job_closed');
