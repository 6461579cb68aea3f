-- name: add
INSERT INTO import_job (job_id, programme_id, project, cohort, unit_id, unit_path, file_name, content, status, uploaded_by,
                        uploaded_by_name, correlation_id, traceparent, uploaded_at, attested)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', $9, $10, $11, $12, $13, $14)

-- name: claim
UPDATE import_job
SET status = 'running', lease_token = $1, lease_until = clock_timestamp() + $2::interval, attempts = attempts + 1
WHERE job_id = (
    SELECT job_id FROM import_job
    WHERE status IN ('queued', 'running') AND (lease_until IS NULL OR lease_until < clock_timestamp())
    ORDER BY uploaded_at, job_id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING job_id, programme_id, project, cohort, unit_id, unit_path, content, uploaded_by, uploaded_by_name, correlation_id,
          traceparent, uploaded_at, attested, lease_token

-- name: renew
-- Nobody can claim a row that is locked, so the import's own transaction, which holds it, needs no renewal.
UPDATE import_job SET lease_until = clock_timestamp() + $3::interval
WHERE job_id = (SELECT job_id FROM import_job WHERE job_id = $1 AND lease_token = $2 AND status = 'running' FOR UPDATE SKIP LOCKED)

-- name: put_back
UPDATE import_job
SET failures = failures + 1, lease_until = clock_timestamp() + $3::interval,
    status = CASE WHEN failures + 1 >= $4 THEN 'failed' ELSE status END,
    problem = CASE WHEN failures + 1 >= $4 THEN 'import-failed' END
WHERE job_id = $1 AND lease_token = $2 AND status = 'running'

-- name: count_rows
UPDATE import_job SET rows_total = $3, header_row = $4 WHERE job_id = $1 AND lease_token = $2 AND status = 'running'

-- name: hold
SELECT true FROM import_job WHERE job_id = $1 AND lease_token = $2 AND status = 'running' FOR UPDATE

-- name: finish
UPDATE import_job SET status = $2, problem = $3, problem_vars = $4, finished_at = $5, seconds = $6, lease_until = NULL WHERE job_id = $1

-- name: add_rows
INSERT INTO import_row (job_id, unit_path, row, name, outcome, person_id, place_id, findings)
SELECT $1, $2, n.row, n.name, n.outcome, n.person_id, n.place_id, n.findings
FROM json_populate_recordset(NULL::import_row, $3::json) AS n

-- name: schools
SELECT unit_id, code, name_zh AS name, path FROM unit
WHERE starts_with(path, $1) AND (valid_from IS NULL OR valid_from <= $2) AND (valid_until IS NULL OR $2 <= valid_until)

-- name: earliest_open
SELECT min(uploaded_at) FROM import_job WHERE status IN ('queued', 'running')

-- name: job
SELECT j.job_id, j.programme_id, j.project, j.cohort, j.unit_id, j.unit_path, j.file_name, j.status, j.problem, j.problem_vars,
       j.uploaded_by_name, j.uploaded_at, j.finished_at, j.seconds, j.rows_total, j.header_row, u.code AS unit_code,
       u.name_zh AS unit_zh, u.name_en AS unit_en, p.key AS policy_key,
       (SELECT count(*) FROM import_row r WHERE r.job_id = j.job_id AND r.outcome = 'selected') AS selected,
       (SELECT count(*) FROM import_row r WHERE r.job_id = j.job_id AND r.outcome = 'nominated') AS nominated,
       (SELECT count(*) FROM import_row r WHERE r.job_id = j.job_id AND r.outcome = 'already') AS already,
       (SELECT count(*) FROM import_row r WHERE r.job_id = j.job_id AND r.outcome = 'refused') AS refused,
       (SELECT count(*) FROM import_row r WHERE r.job_id = j.job_id AND r.outcome = 'error') AS errors
FROM import_job j JOIN unit u USING (unit_id) JOIN programme p USING (programme_id)
WHERE j.job_id = $1

-- name: jobs
SELECT j.job_id, j.file_name, j.status, j.uploaded_at, j.uploaded_by_name, j.rows_total, j.cohort, p.key AS policy_key,
       u.name_zh AS unit_zh, u.name_en AS unit_en,
       (SELECT count(*) FROM import_row r WHERE r.job_id = j.job_id AND r.outcome = 'selected') AS selected,
       (SELECT count(*) FROM import_row r WHERE r.job_id = j.job_id AND r.outcome = 'nominated') AS nominated,
       (SELECT count(*) FROM import_row r WHERE r.job_id = j.job_id AND r.outcome IN ('error', 'refused')) AS left_over,
       count(*) OVER () AS total
FROM import_job j JOIN unit u USING (unit_id) JOIN programme p USING (programme_id)
ORDER BY j.uploaded_at DESC, j.job_id LIMIT $1 OFFSET $2

-- name: rows
SELECT r.row, r.name, r.outcome, r.person_id, r.place_id, r.findings FROM import_row r
WHERE r.job_id = $1 AND r.outcome = ANY($2::text[]) ORDER BY r.row LIMIT $3 OFFSET $4

-- name: selected_rows
-- Whom the roster brought in: with their place, or with their nomination where people are nominated.
SELECT r.row, r.name, coalesce(p.overridden, n.overridden) AS overridden, u.name_zh, u.name_en
FROM import_row r JOIN import_job j USING (job_id) LEFT JOIN place p USING (place_id)
     LEFT JOIN pool o ON o.programme_id = j.programme_id AND o.cohort = j.cohort
     LEFT JOIN nomination n ON n.pool_id = o.pool_id AND n.person_id = r.person_id
     JOIN unit u ON u.unit_id = coalesce(p.unit_id, n.unit_id)
WHERE r.job_id = $1 AND r.outcome IN ('selected', 'nominated') ORDER BY r.row LIMIT $2 OFFSET $3

-- name: refused
SELECT r.row, r.name, r.outcome, r.person_id, r.place_id, r.findings FROM import_row r
WHERE r.job_id = $1 AND r.outcome = 'refused' AND r.row = ANY($2::int[]) ORDER BY r.row

-- name: settle
UPDATE import_row r SET outcome = n.outcome, place_id = n.place_id, findings = n.findings
FROM json_populate_recordset(NULL::import_row, $2::json) AS n
WHERE r.job_id = $1 AND r.row = n.row AND r.outcome = 'refused'

-- name: content
SELECT content FROM import_job WHERE job_id = $1

-- name: forget_files
UPDATE import_job SET content = NULL WHERE content IS NOT NULL AND status IN ('done', 'failed') AND uploaded_at < $1

-- name: forget_rows
UPDATE import_row r SET name = NULL, findings = '[]'
FROM import_job j WHERE j.job_id = r.job_id AND r.name IS NOT NULL AND j.status IN ('done', 'failed') AND j.uploaded_at < $1

-- name: figures
SELECT count(*) FILTER (WHERE status IN ('queued', 'running'))::float AS imports_waiting,
       count(*) FILTER (WHERE status = 'failed' AND problem = 'import-failed')::float AS imports_given_up
FROM import_job
