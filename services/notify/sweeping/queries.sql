-- name: last_day
SELECT max(day) FROM sweep WHERE ended;

-- name: note
-- In the transaction that corrects it: a sweep that breaks off has told what it changed.
INSERT INTO sweep (day, subjects, drift, ended) VALUES ($1, 0, $2, false)
ON CONFLICT (day) DO UPDATE SET drift = sweep.drift + excluded.drift;

-- name: finish
INSERT INTO sweep (day, subjects, drift) VALUES ($1, $2, 0)
ON CONFLICT (day) DO UPDATE SET subjects = excluded.subjects, ended = true;

-- name: measures
SELECT
    (SELECT coalesce(sum(drift), 0) FROM sweep) AS drift_found,
    coalesce((SELECT drift FROM sweep ORDER BY day DESC LIMIT 1), 0) AS drift_last,
    (SELECT count(*) FROM reminder WHERE queue_at <= $1) AS reminders_due,
    (SELECT count(*) FROM reminder WHERE queue_at <= $1 - interval '10 minutes') AS reminders_late,
    (SELECT count(*) FROM reminder WHERE queue_at IS NOT NULL) AS reminders_planned,
    (SELECT count(*) FROM attempt WHERE state = 'in_doubt') AS attempts_in_doubt,
    (SELECT count(*) FROM reminder WHERE state = 'unreachable') AS reminders_unreachable;
