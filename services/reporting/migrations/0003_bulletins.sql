-- Bulletins: the only thing of reporting that the events can't bring back. `content` is the sealed text, byte for byte.

create table bulletin (
    bulletin_id text primary key,
    policy_key text not null,
    number int not null,
    key text not null,
    year int not null,
    issuer_path text not null,
    as_of timestamptz not null,
    frozen_at timestamptz not null,
    frozen_by text not null,
    restates text unique references bulletin,
    reason text,
    content text not null,
    sha256 text not null check (sha256 = encode(sha256(convert_to(content, 'UTF8')), 'hex')),
    unique (policy_key, number),
    check ((restates is null) = (reason is null))
);
create unique index bulletin_in_force on bulletin (policy_key, key) where restates is null;

-- Nobody may change or remove a frozen one: not even the service itself.
grant select, insert on bulletin to :writer;
