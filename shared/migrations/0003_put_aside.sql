-- Records that are no events of ours: a person has looked at each and said why it may stay unread. Kept with their bytes.
create table put_aside (
    id bigint primary key, -- as it was called in parked
    consumer text not null,
    topic text not null,
    partition int not null,
    "offset" bigint not null,
    key bytea,
    headers bytea not null,
    payload bytea,
    error text not null,
    attempts int not null,
    parked_at timestamptz not null,
    reason text not null,
    actor text not null,
    put_aside_at timestamptz not null default clock_timestamp()
);
grant select, insert, delete on put_aside to :writer;
