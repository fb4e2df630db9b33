-- 0007_alerts.sql on PostgreSQL.

CREATE TABLE alert_rounds (
    job_id          bigint PRIMARY KEY REFERENCES jobs (id),
    first_member_id bigint NOT NULL,
    after_member_id bigint NOT NULL,
    wrapped         bigint NOT NULL DEFAULT 0 CHECK (wrapped IN (0, 1))
);

CREATE INDEX deliveries_alerts_member ON deliveries (member_id, due_at) WHERE lane = 'alert';
CREATE INDEX deliveries_alerts_topic ON deliveries (topic, member_id) WHERE lane = 'alert';
CREATE INDEX events_job_over ON events (id) WHERE kind IN ('job_filled', 'job_closed');
