-- Integrity record and ban entries. People stand here with random ids only; names stay in enrolment.

-- A programme year; the row is what a dropout and a publication lock to see each other.
create table programme (
    policy_key text primary key,
    issuer_path text,
    name_zh text,
    name_en text,
    signs jsonb not null default '{}',
    revision int not null default 0
);

-- The ban rule of each revision; null where a year has none.
create table rule (
    policy_key text not null,
    revision int not null,
    published_at timestamptz not null,
    rule jsonb,
    primary key (policy_key, revision)
);

create table class (
    class_id text primary key,
    policy_key text,
    project text,
    institution_id text,
    institution_path text,
    name_zh text,
    name_en text,
    starts_on date,
    ends_on date,
    date_version int not null default 0,
    held bool,
    closed_at timestamptz,
    closed_event text,
    expected int,
    checked_in int,
    ended_event text,
    cancelled bool not null default false
);

-- One person's place. A row without unit_path is only known by name so far.
create table place (
    place_id text primary key,
    person_id text,
    policy_key text,
    project text,
    unit_id text,
    unit_path text,
    institution_path text,
    class_id text,
    expected bool not null default false,
    replaced bool not null default false
);
create index place_of_person on place (person_id);

-- The integrity record: append-only, good and bad. The writer may add and nothing else.
create table fact (
    event_id text primary key,
    stream text not null,
    version int not null,
    fact text not null,
    person_id text not null,
    place_id text not null,
    class_id text,
    policy_key text not null,
    occurred_at timestamptz not null
);
create index fact_of_person on fact (person_id, occurred_at);
create index fact_of_place on fact (place_id);

-- Messages that reached a person: proof, and the way the person was told.
create table notice (
    message_id text primary key,
    event_id text not null,
    version int not null,
    person_id text not null,
    place_id text,
    class_id text,
    entry_id text,
    about_class text, -- the class whose dates it told, if it told any
    kind text not null,
    channel text not null,
    proof bool not null,
    date_version int not null,
    delivered_at timestamptz not null
);
create index notice_of_place on notice (place_id);
create index notice_of_person on notice (person_id);
create index notice_of_entry on notice (entry_id) where entry_id is not null;

create table dropout (
    place_id text not null,
    cause text not null,
    entry_id text not null unique,
    event_id text not null,
    version int not null,
    person_id text not null,
    class_id text not null,
    policy_key text not null,
    revision int,
    cohort_kind text not null,
    forms text[] not null,
    unit_id text not null,
    unit_path text not null,
    institution_path text not null,
    occurred_at timestamptz not null,
    stated bool not null,
    withdrawn text,
    primary key (place_id, cause)
);
create index dropout_of_class on dropout (class_id);
create index dropout_of_policy on dropout (policy_key);

-- A ban entry; one per place and cause however often the dropout is told.
create table entry (
    entry_id text primary key,
    place_id text not null,
    cause text not null,
    person_id text not null,
    class_id text not null,
    policy_key text not null,
    unit_id text not null,
    unit_path text not null,
    institution_path text not null,
    rule jsonb not null,
    state text not null check (state in ('proposed', 'notified', 'confirmed', 'quashed')),
    evidence jsonb not null,
    complete bool not null,
    proposed_at timestamptz not null,
    notified_at timestamptz,
    reply_until timestamptz,
    replied_at timestamptz,
    confirmed_at timestamptz,
    decided_by text[] not null,
    ranges jsonb not null,
    quashed_at timestamptz,
    quash_reason text,
    version int not null,
    unique (place_id, cause),
    check (state <> 'confirmed' or (confirmed_at is not null and ranges <> '[]'))
);
create index entry_of_person on entry (person_id);

-- Words of the person and of those who decide; they never leave this service.
create table reply (
    entry_id text primary key references entry,
    words text not null,
    replied_at timestamptz not null
);
create table decision (
    entry_id text not null references entry,
    kind text not null check (kind in ('confirm', 'quash')),
    principal text not null,
    words text not null,
    decided_at timestamptz not null,
    primary key (entry_id, kind, principal)
);

-- Own events that came back before their entry was known again (a database put back to an older copy).
create table echo (
    entry_id text not null,
    version int not null,
    type text not null,
    event jsonb not null,
    primary key (entry_id, version)
);

alter table place enable row level security;
create policy place_writer on place to :writer using (true) with check (true);
create policy place_reader on place for select to :reader using (in_scope(unit_path, institution_path, person_id));
alter table dropout enable row level security;
create policy dropout_writer on dropout to :writer using (true) with check (true);
create policy dropout_reader on dropout for select to :reader using (in_scope(unit_path, institution_path, person_id));
alter table entry enable row level security;
create policy entry_writer on entry to :writer using (true) with check (true);
create policy entry_reader on entry for select to :reader using (in_scope(unit_path, institution_path, person_id));
-- What hangs on a place or an entry is seen by whoever sees that: the inner select is under the reader's own scope.
alter table fact enable row level security;
create policy fact_writer on fact to :writer using (true) with check (true);
create policy fact_reader on fact for select to :reader using (
    in_scope(null, null, person_id) or exists (select from place p where p.place_id = fact.place_id));
alter table notice enable row level security;
create policy notice_writer on notice to :writer using (true) with check (true);
create policy notice_reader on notice for select to :reader using (
    in_scope(null, null, person_id) or exists (select from place p where p.place_id = notice.place_id)
    or exists (select from entry e where e.entry_id = notice.entry_id));
alter table reply enable row level security;
create policy reply_writer on reply to :writer using (true) with check (true);
create policy reply_reader on reply for select to :reader using (exists (select from entry e where e.entry_id = reply.entry_id));
alter table decision enable row level security;
create policy decision_writer on decision to :writer using (true) with check (true);
create policy decision_reader on decision for select to :reader using (exists (select from entry e where e.entry_id = decision.entry_id));
alter table echo enable row level security;
create policy echo_writer on echo to :writer using (true) with check (true);

grant select, insert, update, delete on programme, rule, class, place, notice, dropout, entry, reply, decision, echo to :writer;
grant select, insert on fact to :writer;
grant select on programme, rule, class, place, fact, notice, dropout, entry, reply, decision to :reader;
