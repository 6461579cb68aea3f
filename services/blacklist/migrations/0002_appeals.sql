-- What may follow a decision: the appeal and its end, and a ban that is ended early.
alter table entry
    add column appealed_at timestamptz,
    add column decide_by timestamptz,
    add column upheld_at timestamptz,
    add column lifted_at timestamptz,
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

grant select, insert, update, delete on appeal to :writer;
grant select on appeal to :reader;
