-- 0004_browse.sql on PostgreSQL.

CREATE TABLE open_jobs (
    category_id text   COLLATE "C" PRIMARY KEY REFERENCES categories (id),
    jobs        bigint NOT NULL DEFAULT 0 CHECK (jobs >= 0)
);
INSERT INTO open_jobs (category_id, jobs)
SELECT id, (SELECT count(*) FROM jobs WHERE category_id = c.id AND status = 'open' AND free_slots > 0)
FROM categories c;
CREATE FUNCTION open_jobs_category() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO open_jobs (category_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER open_jobs_category AFTER INSERT ON categories
    FOR EACH ROW EXECUTE FUNCTION open_jobs_category();
CREATE FUNCTION open_jobs_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE open_jobs SET jobs = jobs + 1 WHERE category_id = NEW.category_id;
    RETURN NULL;
END $$;
CREATE TRIGGER open_jobs_insert AFTER INSERT ON jobs
    FOR EACH ROW WHEN (NEW.status = 'open' AND NEW.free_slots > 0) EXECUTE FUNCTION open_jobs_insert();
CREATE FUNCTION open_jobs_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE open_jobs SET jobs = jobs - 1 WHERE category_id = OLD.category_id;
    RETURN NULL;
END $$;
CREATE TRIGGER open_jobs_delete AFTER DELETE ON jobs
    FOR EACH ROW WHEN (OLD.status = 'open' AND OLD.free_slots > 0) EXECUTE FUNCTION open_jobs_delete();
CREATE FUNCTION open_jobs_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE open_jobs SET jobs = jobs - 1
    WHERE category_id = OLD.category_id AND OLD.status = 'open' AND OLD.free_slots > 0;
    UPDATE open_jobs SET jobs = jobs + 1
    WHERE category_id = NEW.category_id AND NEW.status = 'open' AND NEW.free_slots > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER open_jobs_update AFTER UPDATE OF status, free_slots, category_id ON jobs
    FOR EACH ROW WHEN ((OLD.status = 'open' AND OLD.free_slots > 0) <> (NEW.status = 'open' AND NEW.free_slots > 0)
        OR (OLD.category_id <> NEW.category_id AND NEW.status = 'open' AND NEW.free_slots > 0))
    EXECUTE FUNCTION open_jobs_update();

CREATE TABLE employer_figures (
    employer_id bigint PRIMARY KEY REFERENCES members (id),
    approved    bigint NOT NULL DEFAULT 0 CHECK (approved >= 0),
    rejected    bigint NOT NULL DEFAULT 0 CHECK (rejected >= 0),
    waiting     bigint NOT NULL DEFAULT 0 CHECK (waiting >= 0)
);
INSERT INTO employer_figures (employer_id, approved, rejected, waiting)
SELECT j.employer_id, count(*) FILTER (WHERE s.status = 'approved'), count(*) FILTER (WHERE s.status = 'rejected'),
       count(*) FILTER (WHERE s.status = 'pending')
FROM submissions s JOIN jobs j ON j.id = s.job_id GROUP BY j.employer_id;
CREATE FUNCTION employer_figures_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO employer_figures (employer_id) SELECT employer_id FROM jobs WHERE id = NEW.job_id
    ON CONFLICT (employer_id) DO NOTHING;
    UPDATE employer_figures SET approved = approved + CASE WHEN NEW.status = 'approved' THEN 1 ELSE 0 END,
                                rejected = rejected + CASE WHEN NEW.status = 'rejected' THEN 1 ELSE 0 END,
                                waiting = waiting + CASE WHEN NEW.status = 'pending' THEN 1 ELSE 0 END
    WHERE employer_id = (SELECT employer_id FROM jobs WHERE id = NEW.job_id);
    RETURN NULL;
END $$;
CREATE TRIGGER employer_figures_insert AFTER INSERT ON submissions
    FOR EACH ROW EXECUTE FUNCTION employer_figures_insert();
CREATE FUNCTION employer_figures_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE employer_figures
    SET approved = approved + CASE WHEN NEW.status = 'approved' THEN 1 ELSE 0 END
                            - CASE WHEN OLD.status = 'approved' THEN 1 ELSE 0 END,
        rejected = rejected + CASE WHEN NEW.status = 'rejected' THEN 1 ELSE 0 END
                            - CASE WHEN OLD.status = 'rejected' THEN 1 ELSE 0 END,
        waiting = waiting + CASE WHEN NEW.status = 'pending' THEN 1 ELSE 0 END
                          - CASE WHEN OLD.status = 'pending' THEN 1 ELSE 0 END
    WHERE employer_id = (SELECT employer_id FROM jobs WHERE id = NEW.job_id);
    RETURN NULL;
END $$;
CREATE TRIGGER employer_figures_update AFTER UPDATE OF status ON submissions
    FOR EACH ROW WHEN (NEW.status <> OLD.status) EXECUTE FUNCTION employer_figures_update();
CREATE FUNCTION employer_figures_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE employer_figures SET approved = approved - CASE WHEN OLD.status = 'approved' THEN 1 ELSE 0 END,
                                rejected = rejected - CASE WHEN OLD.status = 'rejected' THEN 1 ELSE 0 END,
                                waiting = waiting - CASE WHEN OLD.status = 'pending' THEN 1 ELSE 0 END
    WHERE employer_id = (SELECT employer_id FROM jobs WHERE id = OLD.job_id);
    RETURN NULL;
END $$;
CREATE TRIGGER employer_figures_delete AFTER DELETE ON submissions
    FOR EACH ROW EXECUTE FUNCTION employer_figures_delete();

CREATE VIEW takeable_jobs AS
SELECT m.id AS member_id, j.id, j.category_id, j.title, j.reward, j.minutes, j.free_slots, j.published_at, j.listed
FROM members m CROSS JOIN jobs j
WHERE j.status = 'open' AND j.free_slots > 0 AND j.published_at IS NOT NULL AND j.employer_id <> m.id
  AND (SELECT c.enabled FROM categories c WHERE c.id = j.category_id) = 1
  AND (SELECT coalesce(sum(CASE WHEN a.status IN ('reserved', 'submitted') THEN j.per_member ELSE 1 END), 0)
       FROM assignments a
       WHERE a.job_id = j.id AND a.worker_id = m.id AND a.status NOT IN ('returned', 'expired')) < j.per_member;

CREATE INDEX jobs_employer_open ON jobs (employer_id, category_id) WHERE status = 'open';
CREATE INDEX assignments_recent ON assignments (worker_id, id DESC);
