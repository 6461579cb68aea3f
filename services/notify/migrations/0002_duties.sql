-- Who carries which project; what is owed by a unit for a project or a year; the notice of a year; class staff as recipients.

CREATE TABLE commission (
    commission_id text PRIMARY KEY,
    programme_id text,
    policy_key text,
    project text,
    institution_id text,
    institution_path text,
    commissioned_at timestamptz,
    released_at timestamptz,
    version int
);
CREATE INDEX ON commission (programme_id, institution_id);
CREATE INDEX ON class (programme_id, institution_id);
CREATE INDEX ON document (programme_id, institution_id);

-- The check-in hours belong to an announced version as well: who knows all that stands is told nothing when a class moves back.
ALTER TABLE class_date ADD COLUMN opens_at timestamptz, ADD COLUMN closes_at timestamptz;

ALTER TABLE subject DROP CONSTRAINT subject_kind_check,
    ADD CONSTRAINT subject_kind_check CHECK (kind IN ('cell', 'class', 'document', 'duty', 'entry', 'place', 'programme'));
ALTER TABLE reminder DROP CONSTRAINT reminder_recipient_kind_check,
    ADD CONSTRAINT reminder_recipient_kind_check CHECK (recipient_kind IN ('person', 'unit', 'office', 'staff'));

-- At which levels a year asks units for papers of a project. Small; a policy is opened once a statement, not once a cell.
CREATE VIEW owing_level WITH (security_invoker = true) AS
    SELECT DISTINCT p.programme_id, level
    FROM programme p, jsonb_array_elements(p.policy -> 'documents') AS d, jsonb_array_elements_text(d -> 'levels') AS level
    WHERE d ->> 'owed_by' = 'unit';

-- What a unit owes for one project of a year, or (project '*') for the year: id is programme:project:unit.
CREATE VIEW duty WITH (security_invoker = true) AS
    SELECT DISTINCT programme_id, project, unit_id, programme_id || ':' || project || ':' || unit_id AS id
    FROM (SELECT programme_id, institution_id AS unit_id, unnest(ARRAY[project, '*']) AS project FROM commission
          UNION ALL
          SELECT programme_id, institution_id, unnest(ARRAY[project, '*']) FROM class
          UNION ALL
          SELECT c.programme_id, c.unit_id, c.project
          FROM cell c JOIN unit u USING (unit_id) JOIN owing_level o ON o.programme_id = c.programme_id AND o.level = u.level
         ) AS owing;

GRANT SELECT, INSERT, UPDATE, DELETE ON commission TO :writer;
GRANT SELECT ON commission TO :reader;
GRANT SELECT ON owing_level, duty TO :writer, :reader;
