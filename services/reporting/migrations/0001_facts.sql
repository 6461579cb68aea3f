-- Reporting's facts: one row per place, class, quota cell, document and programme year. Tables are queries over them.
-- No person is in here, not even an id; a row of `place` is about one person all the same, so it is under row-level security.

create table programme (
    policy_key text primary key,
    programme_id text not null,
    revision int not null,
    year int not null,
    issuer_unit_id text not null,
    issuer_path text not null,
    policy jsonb not null,
    published_at timestamptz not null,
    version int not null
);

create table cell (
    cell_id text primary key,
    parent_cell_id text,
    policy_key text not null,
    project text not null,
    cohort text not null,
    unit_id text not null,
    unit_path text not null,
    places int not null,
    synthetic bool not null,
    version int not null
);
create index cell_of_project on cell (policy_key, project);

create table class (
    class_id text primary key,
    version int not null,
    policy_key text not null,
    project text not null,
    cohort text not null,
    institution_id text not null,
    institution_path text not null,
    name_zh text not null,
    name_en text not null,
    starts_on date,
    ends_on date,
    opened_at timestamptz,
    cancelled_at timestamptz,
    closed_at timestamptz,
    ended_at timestamptz
);
create index class_of_project on class (policy_key, project);

create table place (
    place_id text primary key,
    version int not null,
    policy_key text not null,
    project text not null,
    cohort text not null,
    cohort_kind text not null,
    unit_id text not null,
    unit_path text not null,
    substitute_for text,
    met_every_condition bool not null,
    class_id text,
    institution_id text,
    institution_path text,
    selected_at timestamptz,
    registered_at timestamptz,
    excused_at timestamptz,
    expected_at timestamptz,
    checked_in_at timestamptz,
    completed_at timestamptz,
    dropout text,
    revoked_at timestamptz
) with (fillfactor = 60);
create index place_of_project on place (policy_key, project);
create index place_of_class on place (class_id);
create index place_substitute on place (substitute_for) where substitute_for is not null;
alter table place enable row level security;
create policy place_writer on place to :writer using (true) with check (true);
create policy place_reader on place for select to :reader using (in_scope(unit_path, institution_path, null));

create table document (
    document_id text primary key,
    document text not null,
    policy_key text not null,
    project text not null,
    class_id text,
    institution_id text not null,
    institution_path text not null,
    submitted_at timestamptz not null,
    due_at timestamptz,
    on_time bool not null
);
create index document_of_project on document (policy_key, project);

-- The business time of the newest event applied, by partition, so that members never wait for each other.
create table progress (
    topic text not null,
    partition int not null,
    as_of timestamptz not null,
    primary key (topic, partition)
);

grant select, insert, update, delete on programme, cell, class, place, document, progress to :writer;
grant select on programme, cell, class, place, document, progress to :reader;
