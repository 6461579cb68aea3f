-- name: last_day
SELECT max(day) FROM sweep;

-- name: note
INSERT INTO sweep (day, subjects, drift) VALUES ($1, $2, $3)
ON CONFLICT (day) DO UPDATE SET subjects = excluded.subjects, drift = sweep.drift + excluded.drift;

-- name: measures
SELECT
    (SELECT coalesce(sum(drift), 0) FROM sweep) AS drift_found,
    coalesce((SELECT drift FROM sweep ORDER BY day DESC LIMIT 1), 0) AS drift_last,
    (SELECT count(*) FROM reminder WHERE queue_at <= $1) AS reminders_due,
    (SELECT count(*) FROM reminder WHERE queue_at <= $1 - interval '10 minutes') AS reminders_late,
    (SELECT count(*) FROM reminder WHERE queue_at IS NOT NULL) AS reminders_planned,
    (SELECT count(*) FROM attempt WHERE state = 'in_doubt') AS attempts_in_doubt,
    (SELECT count(*) FROM reminder WHERE state = 'unreachable') AS reminders_unreachable;
