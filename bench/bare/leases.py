"""The least that sending reminders can be: a lease table, claimed with SKIP LOCKED, marked as done after the call."""

from collections.abc import Awaitable, Callable

from shared.db import Connection

CLAIM_SIZE = 500
TABLE = """
create table bench_due (id bigint generated always as identity primary key, person_id text not null, kind text not null,
    due_at timestamptz not null, state int not null default 0, tries int not null default 0, lease_until timestamptz,
    sent_at timestamptz, body text not null) with (fillfactor = 70);
create index on bench_due (due_at) where state = 0;
grant select, insert, update, delete on bench_due to notify_writer;
"""
FILL = """
truncate bench_due;
insert into bench_due (person_id, kind, due_at, state, body)
select recipient_id, kind, due_at, case when queue_at is null then 2 else 0 end, repeat('b', 100) from bench_saved;
analyze bench_due;
"""
CLAIM = """
update bench_due set state = 1, tries = tries + 1, lease_until = clock_timestamp() + interval '60 s'
where id = any (array(
    select id from bench_due where state = 0 and due_at <= $1 order by due_at limit $2 for update skip locked))
returning id, person_id, body
"""
DONE = "update bench_due set state = 2, sent_at = clock_timestamp() where id = any ($1::bigint[])"
Send = Callable[[str, str], Awaitable[None]]


async def dispatch(con: Connection, now: object, send: Send) -> int:
    """Send all that is due; gives how many."""
    done = 0
    while rows := await con.fetch(CLAIM, now, CLAIM_SIZE):
        for row in rows:
            await send(row["person_id"], row["body"])
        await con.execute(DONE, [row["id"] for row in rows])
        done += len(rows)
    return done
