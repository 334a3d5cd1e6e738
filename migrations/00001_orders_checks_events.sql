-- +goose Up

-- What is to be looked at, and when. Narrow, because every hint, claim and answer rewrites a row of it. A row may
-- stand alone: an id that a webhook named is not an order until the gateway has confirmed it.
create table checks (
    order_id      text primary key check (length(order_id) between 1 and 64), -- nopayn.ValidID checks the characters
    known         boolean     not null default false, -- an order of ours: goes before ids that only a webhook named
    due_at        timestamptz,                        -- null: not looked at of our own accord
    cause         text        not null check (cause in ('webhook', 'poll', 'sweep', 'refresh', 'operation')),
    lease         bigint,                             -- token of the claim under way; it ends at due_at
    hints         bigint      not null default 0,     -- webhooks received
    hinted_at     timestamptz,
    checked_at    timestamptz,                        -- when the last answer that counted was asked for
    failures      integer     not null default 0,     -- checks failed in a row
    misses        integer     not null default 0,     -- 404 answers in a row
    missed_at     timestamptz,                        -- first of them
    last_error    text,                               -- a code and a phrase of ours
    first_seen_at timestamptz not null default now(),
    first_seen_by text        not null
        check (first_seen_by in ('webhook', 'registered', 'created', 'sweep', 'refresh'))
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

-- Claims read the front of these; their size follows what is scheduled, not what is stored.
create index checks_due_known on checks (due_at) where known and due_at is not null;
create index checks_due_heard on checks (due_at) where not known and due_at is not null;

-- What the gateway has confirmed or the shop has registered. Every column but the expected ones, paid_twice and our
-- own times is read from doc. That is json, not jsonb, since it is kept as it came: jsonb would refuse some documents
-- that are valid JSON (a NUL, half a surrogate pair, a vast number), and costs more to write.
create table orders (
    order_id                   text primary key,
    kind                       text        not null default 'payment',
    state                      text        not null,
    status                     text,                           -- the gateway's own word; null until verified
    merchant_order_id          text,                           -- a label: neither unique nor constant
    amount                     bigint,                         -- minor units
    currency                   text,
    refunded_amount            bigint      not null default 0, -- minor units
    voided                     boolean     not null default false,
    test                       boolean     not null default false,
    clear                      boolean     not null default false, -- paid, and no hold but those of the operator's policy
    settled                    boolean     not null default false,
    stuck                      boolean     not null default false,
    paid_twice                 boolean     not null default false,
    paid_seq                   bigint,                         -- feed position at which the money was first seen taken
    registered_at              timestamptz,                    -- null: the shop never said that it is its own
    expected_merchant_order_id text,
    expected_amount            bigint,
    expected_currency          text,
    first_seen_at              timestamptz not null,
    first_seen_by              text        not null,
    created_at                 timestamptz,                    -- by the gateway's clock, like modified_at
    modified_at                timestamptz,
    expires_at                 timestamptz,
    settled_at                 timestamptz,
    updated_at                 timestamptz not null,
    seq                        bigint      not null default 0, -- feed position of its newest event
    doc                        json                            -- the gateway's document, whole
) with (toast_tuple_target = 8160); -- compressing doc would cost as much as all else in writing an order

create index orders_first_seen on orders (first_seen_at, order_id);
create index orders_updated on orders (updated_at, order_id);
-- A hash, since a reference may be longer than a btree takes.
create index orders_reference on orders using hash (merchant_order_id) where merchant_order_id is not null;
create index orders_unsettled on orders (first_seen_at, order_id) where not settled;
create index orders_stuck on orders (first_seen_at, order_id) where stuck;

-- The feed's identity and its positions, in one row. Whoever writes events takes its lock last and keeps it until
-- the commit: so positions are dense and in the order of commits.
create table feed (
    one   boolean primary key default true check (one),
    id    uuid   not null default gen_random_uuid(),
    head  bigint not null default 0, -- newest position given
    floor bigint not null default 0  -- newest position pruned
) with (fillfactor = 10);

insert into feed default values;

create table events (
    seq               bigint primary key,
    type              text        not null,
    order_id          text        not null,
    merchant_order_id text,
    time              timestamptz not null,
    source            text        not null,
    previous          json, -- json, not jsonb: written once, read whole
    snapshot          json        not null
);

create index events_order on events (order_id, seq);

-- When the gateway's order list was last read, so that one replica does it for all and no stretch of time is missed.
create table sweeps (
    one     boolean primary key default true check (one),
    next_at timestamptz not null default now(),
    covered timestamptz -- orders created before this have been listed
);

insert into sweeps default values;

-- +goose Down

drop table sweeps, events, feed, orders, checks;
