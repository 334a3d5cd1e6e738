-- +goose Up

-- What the shop asked us to do with money, one row for each idempotency key: committed before anything is sent, so that
-- nothing is ever sent twice.
create table operations (
    key         text primary key,
    kind        text        not null check (kind in ('refund', 'capture', 'void', 'create')),
    order_id    text,                             -- null for a create whose order is not known yet
    amount      bigint,                           -- minor units; null until all there is has been counted
    fingerprint bytea       not null,             -- of the whole request, to notice a key that is used for another one
    reference   text        not null unique,      -- sent along, so that what came of it can be found at the gateway
    status      text        not null default 'pending' check (status in ('pending', 'done', 'refused', 'unknown')),
    refund_id   text,
    detail      text,                             -- why it was refused, or what is not known; words of ours or the gateway's
    expected_merchant_order_id text,              -- of a create, what the shop will expect of the order
    expected_amount            bigint,
    expected_currency          text,
    before      json,                             -- what had been moved of the order before it was sent
    sent_at     timestamptz,                      -- null: certainly not sent
    open        boolean     not null default true, -- keeps other operations from its order
    lease       bigint,                           -- token of the process that has it in hand; it ends at due_at
    due_at      timestamptz,                      -- when to look what came of it; null: never
    looks       integer     not null default 0,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now()
);

-- One at a time for each order: what came of one whose answer was lost can be told from the order only then.
create unique index operations_open on operations (order_id)
    where kind <> 'create' and open;
create index operations_due on operations (due_at) where due_at is not null;
create index operations_order on operations (order_id);

-- +goose Down

drop table operations;
