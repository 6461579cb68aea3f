-- What may follow a decision: the appeal and its end, and a ban that is ended early.
alter table entry
    add column appealed_at timestamptz,
    add column decide_by timestamptz,
    add column upheld_at timestamptz,
    add column lifted_at timestamptz,
    add column overridden text[] not null default '{}',
    drop constraint entry_state_check,
    add constraint entry_state_check check (state in ('proposed', 'notified', 'confirmed', 'lifted', 'quashed'));

alter table decision
    drop constraint decision_kind_check,
    add constraint decision_kind_check check (kind in ('confirm', 'quash', 'uphold', 'lift'));

-- The words of an appeal, kept as those of a reply are.
create table appeal (
    entry_id text primary key references entry,
    words text not null,
    appealed_at timestamptz not null
);
alter table appeal enable row level security;
create policy appeal_writer on appeal to :writer using (true) with check (true);
create policy appeal_reader on appeal for select to :reader using (exists (select from entry e where e.entry_id = appeal.entry_id));

-- For which programme years a ban that holds in principle was overridden, why, and on what evidence.
create table exception (
    entry_id text not null references entry,
    policy_key text not null,
    words text not null,
    evidence text[] not null,
    principal text not null,
    decided_at timestamptz not null,
    primary key (entry_id, policy_key)
);
alter table exception enable row level security;
create policy exception_writer on exception to :writer using (true) with check (true);
create policy exception_reader on exception for select to :reader using (exists (select from entry e where e.entry_id = exception.entry_id));

grant select, insert, update, delete on appeal, exception to :writer;
grant select on appeal, exception to :reader;
