-- The scores that the expert group gave; exact decimals, so that a mean of them is compared exactly.

create table inspection (
    inspection_id text primary key,
    version int not null,
    policy_key text not null,
    project text not null,
    institution_id text not null,
    institution_path text not null,
    score numeric not null,
    max numeric not null check (max > 0 and score between 0 and max),
    inspected_on date not null
);
create index inspection_of_project on inspection (policy_key, project);

grant select, insert, update, delete on inspection to :writer;
