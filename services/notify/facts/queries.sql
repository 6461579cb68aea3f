-- name: programme
INSERT INTO programme SELECT r.* FROM jsonb_populate_recordset(NULL::programme, $1) r
ON CONFLICT (programme_id) DO UPDATE SET
    key = excluded.key, revision = excluded.revision, issuer_unit_id = excluded.issuer_unit_id,
    issuer_path = excluded.issuer_path, policy = excluded.policy, published_at = excluded.published_at,
    version = excluded.version;

-- name: cell
INSERT INTO cell SELECT r.* FROM jsonb_populate_recordset(NULL::cell, $1) r
ON CONFLICT (cell_id) DO UPDATE SET places = excluded.places, version = excluded.version;

-- name: place
INSERT INTO place AS p SELECT r.* FROM jsonb_populate_recordset(NULL::place, $1) r
ON CONFLICT (place_id) DO UPDATE SET
    class_id = coalesce(excluded.class_id, p.class_id),
    institution_id = coalesce(excluded.institution_id, p.institution_id),
    institution_path = coalesce(excluded.institution_path, p.institution_path),
    assigned_at = coalesce(excluded.assigned_at, p.assigned_at),
    checked_in_at = coalesce(excluded.checked_in_at, p.checked_in_at),
    excused_at = coalesce(excluded.excused_at, p.excused_at),
    dropout_at = coalesce(excluded.dropout_at, p.dropout_at),
    completed_at = coalesce(excluded.completed_at, p.completed_at),
    revoked_at = coalesce(excluded.revoked_at, p.revoked_at),
    version = excluded.version;

-- name: clear_places
UPDATE place SET dropout_at = CASE WHEN place_id = ANY ($1::text[]) THEN NULL ELSE dropout_at END,
    revoked_at = CASE WHEN place_id = ANY ($2::text[]) THEN NULL ELSE revoked_at END
WHERE place_id = ANY ($1::text[] || $2::text[]);

-- name: class
INSERT INTO class AS c SELECT r.* FROM jsonb_populate_recordset(NULL::class, $1) r
ON CONFLICT (class_id) DO UPDATE SET
    address = coalesce(excluded.address, c.address),
    starts_on = coalesce(excluded.starts_on, c.starts_on),
    ends_on = coalesce(excluded.ends_on, c.ends_on),
    checkin_opens_at = coalesce(excluded.checkin_opens_at, c.checkin_opens_at),
    checkin_closes_at = coalesce(excluded.checkin_closes_at, c.checkin_closes_at),
    date_version = coalesce(excluded.date_version, c.date_version),
    cause = coalesce(excluded.cause, c.cause),
    opened_at = coalesce(excluded.opened_at, c.opened_at),
    opened_version = coalesce(excluded.opened_version, c.opened_version),
    rescheduled_at = coalesce(excluded.rescheduled_at, c.rescheduled_at),
    cancelled_at = coalesce(excluded.cancelled_at, c.cancelled_at),
    checkin_closed_at = coalesce(excluded.checkin_closed_at, c.checkin_closed_at),
    ended_at = coalesce(excluded.ended_at, c.ended_at),
    version = excluded.version;

-- name: class_date
INSERT INTO class_date AS d SELECT r.* FROM jsonb_populate_recordset(NULL::class_date, $1) r
ON CONFLICT (class_id, date_version) DO UPDATE SET
    starts_on = excluded.starts_on, ends_on = excluded.ends_on, address = excluded.address,
    opens_at = coalesce(excluded.opens_at, d.opens_at), closes_at = coalesce(excluded.closes_at, d.closes_at);

-- name: document
INSERT INTO document SELECT r.* FROM jsonb_populate_recordset(NULL::document, $1) r
ON CONFLICT (document_id) DO UPDATE SET
    submitted_at = excluded.submitted_at, on_time = excluded.on_time, version = excluded.version;

-- name: entry
INSERT INTO entry AS n SELECT r.* FROM jsonb_populate_recordset(NULL::entry, $1) r
ON CONFLICT (entry_id) DO UPDATE SET
    evidence = coalesce(excluded.evidence, n.evidence),
    reply_until = coalesce(excluded.reply_until, n.reply_until),
    replied_at = coalesce(excluded.replied_at, n.replied_at),
    confirmed_at = coalesce(excluded.confirmed_at, n.confirmed_at),
    ranges = coalesce(excluded.ranges, n.ranges),
    appealed_at = coalesce(excluded.appealed_at, n.appealed_at),
    decide_by = coalesce(excluded.decide_by, n.decide_by),
    upheld_at = coalesce(excluded.upheld_at, n.upheld_at),
    lifted_at = coalesce(excluded.lifted_at, n.lifted_at),
    quashed_at = coalesce(excluded.quashed_at, n.quashed_at),
    version = excluded.version;

-- name: commission
INSERT INTO commission AS m SELECT r.* FROM jsonb_populate_recordset(NULL::commission, $1) r
ON CONFLICT (commission_id) DO UPDATE SET
    commissioned_at = coalesce(excluded.commissioned_at, m.commissioned_at),
    released_at = coalesce(excluded.released_at, m.released_at), version = excluded.version;

-- name: in_line
SELECT pg_advisory_xact_lock_shared(hashtext('notify.plans'));

-- name: alone
SELECT pg_advisory_xact_lock(hashtext('notify.plans'));

-- name: policies
SELECT programme_id, key, revision, issuer_unit_id, issuer_path, published_at, policy FROM programme
WHERE programme_id = ANY ($1::text[]) OR key = ANY ($2::text[]);

-- name: revisions
SELECT programme_id, key, revision FROM programme WHERE programme_id = ANY ($1::text[]) OR key = ANY ($2::text[]);

-- name: classes
SELECT class_id, programme_id, project, cohort, institution_id, institution_path, starts_on, ends_on, date_version,
       scheduled_at, opened_at, opened_version, rescheduled_at, cancelled_at, ended_at, checkin_closed_at
FROM class WHERE class_id = ANY ($1::text[]);

-- name: class_dates
SELECT class_id, date_version, starts_on, ends_on, address, opens_at, closes_at FROM class_date WHERE class_id = ANY ($1::text[]);

-- name: places
SELECT place_id, person_id, programme_id, project, cohort, unit_id, unit_path, class_id, institution_id, institution_path,
       selected_at, assigned_at, checked_in_at, excused_at, dropout_at, completed_at, revoked_at
FROM place WHERE place_id = ANY ($1::text[]) OR class_id = ANY ($2::text[]);

-- name: documents
SELECT document_id, document, programme_id, class_id, institution_id, institution_path, submitted_at, project
FROM document WHERE document_id = ANY ($1::text[]) OR class_id = ANY ($2::text[]);

-- name: entries
SELECT entry_id, person_id, place_id, class_id, policy_key, unit_id, unit_path, proposed_at, reply_until, replied_at,
       confirmed_at, appealed_at, decide_by, upheld_at, lifted_at, quashed_at
FROM entry WHERE entry_id = ANY ($1::text[]);

-- name: cells
SELECT c.cell_id, c.programme_id, c.project, c.cohort, c.unit_id, c.unit_path, c.places, c.since,
       (SELECT count(*) FROM place p
        WHERE p.programme_id = c.programme_id AND p.cohort = c.cohort AND p.unit_path LIKE c.unit_path || '%'
          AND p.revoked_at IS NULL)::int AS selected
FROM cell c WHERE c.cell_id = ANY ($1::text[]);

-- name: units
SELECT unit_id, code, kind, level, path, name_zh, name_en FROM unit WHERE unit_id = ANY ($1::text[]);

-- name: units_told
-- Who hears of a year: units of its levels and institutions, in the issuer's subtree.
SELECT unit_id, code, kind, level, path, name_zh, name_en FROM unit u
WHERE starts_with(u.path, $1) AND (u.level = ANY ($2::text[]) OR u.kind = 'institution')
  AND (u.valid_until IS NULL OR u.valid_until >= $3);

-- name: commissions_of
SELECT commission_id, programme_id, project, institution_id, institution_path, commissioned_at, released_at
FROM commission WHERE programme_id = ANY ($1::text[]) AND ($2::text[] IS NULL OR institution_id = ANY ($2::text[]));

-- name: classes_of
SELECT class_id, programme_id, project, cohort, institution_id, institution_path, starts_on, ends_on, date_version,
       scheduled_at, opened_at, opened_version, rescheduled_at, cancelled_at, ended_at, checkin_closed_at
FROM class WHERE programme_id = ANY ($1::text[]) AND institution_id = ANY ($2::text[]);

-- name: documents_of
SELECT document_id, document, programme_id, class_id, institution_id, institution_path, submitted_at, project
FROM document WHERE programme_id = ANY ($1::text[]) AND institution_id = ANY ($2::text[]) AND class_id IS NULL;

-- name: cells_of
SELECT cell_id, programme_id, project, cohort, unit_id, unit_path, places, since, 0 AS selected
FROM cell WHERE programme_id = ANY ($1::text[]) AND unit_id = ANY ($2::text[]);
