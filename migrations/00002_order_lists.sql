-- +goose NO TRANSACTION
-- +goose Up

-- Indexes are made beside the running release, which goes on to write. One that was broken off is left invalid, and so
-- each is dropped first.

-- Lists of one state, of one status, of what may ship and of what may not, newest first. A status is a text of the
-- gateway's, and may be longer than a btree takes.
drop index concurrently if exists orders_state;
create index concurrently orders_state on orders (state, first_seen_at, order_id);
drop index concurrently if exists orders_status;
create index concurrently orders_status on orders (left(status, 64), first_seen_at, order_id) where status is not null;
drop index concurrently if exists orders_clear;
create index concurrently orders_clear on orders (first_seen_at, order_id) where clear;
drop index concurrently if exists orders_held;
create index concurrently orders_held on orders (first_seen_at, order_id) where not clear or test;

-- The orders of one reference, newest first, and those that took money, in that order. A reference too may be long.
drop index concurrently if exists orders_of_reference;
create index concurrently orders_of_reference
    on orders (hashtextextended(merchant_order_id, 0), first_seen_at, order_id) where merchant_order_id is not null;
drop index concurrently if exists orders_payers;
create index concurrently orders_payers
    on orders (hashtextextended(merchant_order_id, 0), test, paid_twice, paid_seq)
    where merchant_order_id is not null and paid_seq is not null;

-- +goose Down

drop index concurrently if exists orders_payers;
drop index concurrently if exists orders_of_reference;
drop index concurrently if exists orders_held;
drop index concurrently if exists orders_clear;
drop index concurrently if exists orders_status;
drop index concurrently if exists orders_state;
