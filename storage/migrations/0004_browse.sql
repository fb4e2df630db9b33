-- Figures that screens read in one step, kept by triggers, so that no list or count walks through all jobs.

-- How many jobs of a category can be taken now (open, with a free place).
CREATE TABLE open_jobs (
    category_id TEXT PRIMARY KEY REFERENCES categories (id),
    jobs        INTEGER NOT NULL DEFAULT 0 CHECK (jobs >= 0)
) STRICT, WITHOUT ROWID;
INSERT INTO open_jobs (category_id, jobs)
SELECT id, (SELECT count(*) FROM jobs WHERE category_id = c.id AND status = 'open' AND free_slots > 0)
FROM categories c;
CREATE TRIGGER open_jobs_category AFTER INSERT ON categories
BEGIN
    INSERT INTO open_jobs (category_id) VALUES (NEW.id);
END;
CREATE TRIGGER open_jobs_insert AFTER INSERT ON jobs WHEN NEW.status = 'open' AND NEW.free_slots > 0
BEGIN
    UPDATE open_jobs SET jobs = jobs + 1 WHERE category_id = NEW.category_id;
END;
CREATE TRIGGER open_jobs_delete AFTER DELETE ON jobs WHEN OLD.status = 'open' AND OLD.free_slots > 0
BEGIN
    UPDATE open_jobs SET jobs = jobs - 1 WHERE category_id = OLD.category_id;
END;
CREATE TRIGGER open_jobs_update AFTER UPDATE OF status, free_slots, category_id ON jobs
WHEN (OLD.status = 'open' AND OLD.free_slots > 0) <> (NEW.status = 'open' AND NEW.free_slots > 0)
  OR (OLD.category_id <> NEW.category_id AND NEW.status = 'open' AND NEW.free_slots > 0)
BEGIN
    UPDATE open_jobs SET jobs = jobs - 1
    WHERE category_id = OLD.category_id AND OLD.status = 'open' AND OLD.free_slots > 0;
    UPDATE open_jobs SET jobs = jobs + 1
    WHERE category_id = NEW.category_id AND NEW.status = 'open' AND NEW.free_slots > 0;
END;

-- What an employer decided so far, and how many proofs wait for them.
CREATE TABLE employer_figures (
    employer_id INTEGER PRIMARY KEY REFERENCES members (id),
    approved    INTEGER NOT NULL DEFAULT 0 CHECK (approved >= 0),
    rejected    INTEGER NOT NULL DEFAULT 0 CHECK (rejected >= 0),
    waiting     INTEGER NOT NULL DEFAULT 0 CHECK (waiting >= 0)
) STRICT;
INSERT INTO employer_figures (employer_id, approved, rejected, waiting)
SELECT j.employer_id, sum(s.status = 'approved'), sum(s.status = 'rejected'), sum(s.status = 'pending')
FROM submissions s JOIN jobs j ON j.id = s.job_id GROUP BY j.employer_id;
CREATE TRIGGER employer_figures_insert AFTER INSERT ON submissions
BEGIN
    INSERT INTO employer_figures (employer_id) SELECT employer_id FROM jobs WHERE id = NEW.job_id
    ON CONFLICT (employer_id) DO NOTHING;
    UPDATE employer_figures SET approved = approved + (NEW.status = 'approved'),
                                rejected = rejected + (NEW.status = 'rejected'),
                                waiting = waiting + (NEW.status = 'pending')
    WHERE employer_id = (SELECT employer_id FROM jobs WHERE id = NEW.job_id);
END;
CREATE TRIGGER employer_figures_update AFTER UPDATE OF status ON submissions WHEN NEW.status <> OLD.status
BEGIN
    UPDATE employer_figures
    SET approved = approved + (NEW.status = 'approved') - (OLD.status = 'approved'),
        rejected = rejected + (NEW.status = 'rejected') - (OLD.status = 'rejected'),
        waiting = waiting + (NEW.status = 'pending') - (OLD.status = 'pending')
    WHERE employer_id = (SELECT employer_id FROM jobs WHERE id = NEW.job_id);
END;
CREATE TRIGGER employer_figures_delete AFTER DELETE ON submissions
BEGIN
    UPDATE employer_figures SET approved = approved - (OLD.status = 'approved'),
                                rejected = rejected - (OLD.status = 'rejected'),
                                waiting = waiting - (OLD.status = 'pending')
    WHERE employer_id = (SELECT employer_id FROM jobs WHERE id = OLD.job_id);
END;

-- Which jobs a member can take now: every list goes through this one rule (bot/domain/eligibility.py says it again
-- for one job). A place that is reserved or submitted uses a job up for the time being, whatever its limit.
CREATE VIEW takeable_jobs AS
SELECT m.id AS member_id, j.id, j.category_id, j.title, j.reward, j.minutes, j.free_slots, j.published_at, j.listed
FROM members m CROSS JOIN jobs j
WHERE j.status = 'open' AND j.free_slots > 0 AND j.published_at IS NOT NULL AND j.employer_id <> m.id
  AND (SELECT c.enabled FROM categories c WHERE c.id = j.category_id) = 1
  AND (SELECT coalesce(sum(CASE WHEN a.status IN ('reserved', 'submitted') THEN j.per_member ELSE 1 END), 0)
       FROM assignments a
       WHERE a.job_id = j.id AND a.worker_id = m.id AND a.status NOT IN ('returned', 'expired')) < j.per_member;

-- A member's own exclusions are counted from these.
CREATE INDEX jobs_employer_open ON jobs (employer_id, category_id) WHERE status = 'open';
CREATE INDEX assignments_recent ON assignments (worker_id, id DESC);
