package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// fillChecks writes so many orders without documents, of which some are unsettled and due: the newest ones, or with
// spread those scattered among all. The settled ones are due for their rechecks, in a day to a month. The ids are as
// random as the gateway's. Indexes are made afterwards, which for ten million saves most of the time.
func fillChecks(ctx context.Context, url string, size, unsettled int, spread bool) error {
	open := "n > $1 - $2"
	if spread {
		open = "n % ($1 / $2) = 0"
	}
	return withConn(ctx, url, func(conn *pgx.Conn) error {
		indexes, err := dropIndexes(ctx, conn)
		if err != nil {
			return err
		}
		for _, statement := range []string{
			`insert into checks (order_id, known, due_at, cause, first_seen_by)
			select md5(n::text), true,
				case when ` + open + ` then now() - interval '1 second' * (n % 3600)
					else now() + interval '1 day' * (1 + n % 30) end, 'poll', 'registered'
			from generate_series(1, $1::bigint) n where $2::bigint > 0`,
			`insert into orders
				(order_id, state, status, amount, currency, settled, first_seen_at, first_seen_by, updated_at)
			select md5(n::text), case when ` + open + ` then 'pending' else 'paid' end,
				case when ` + open + ` then 'new' else 'completed' end, 1295, 'EUR', not (` + open + `),
				now() - interval '1 second' * ($1 - n), 'registered', now()
			from generate_series(1, $1::bigint) n where $2::bigint > 0`,
		} {
			if _, err := conn.Exec(ctx, statement, size, unsettled); err != nil {
				return fmt.Errorf("fill the database: %w", err)
			}
		}
		return execOn(ctx, conn, append(indexes, "vacuum (analyze) checks", "vacuum (analyze) orders", "checkpoint")...)
	})
}

// dropIndexes drops those of the tables that fillChecks fills, and returns what makes them again.
func dropIndexes(ctx context.Context, conn *pgx.Conn) (makeAgain []string, err error) {
	rows, _ := conn.Query(ctx, `
		select case when indisprimary then format('alter table %s drop constraint %s', indrelid::regclass, relname)
				else 'drop index ' || relname end as off,
			case when indisprimary then format('alter table %s add constraint %s primary key (order_id)',
				indrelid::regclass, relname) else pg_get_indexdef(indexrelid) end as on
		from pg_index join pg_class on pg_class.oid = indexrelid
		where indrelid in ('checks'::regclass, 'orders'::regclass)`)
	type index struct{ Off, On string }
	indexes, err := pgx.CollectRows(rows, pgx.RowToStructByName[index])
	if err != nil {
		return nil, fmt.Errorf("read the indexes: %w", err)
	}
	makeAgain = []string{"set maintenance_work_mem = '1GB'"}
	for _, i := range indexes {
		makeAgain = append(makeAgain, i.On)
		if err := execOn(ctx, conn, i.Off); err != nil {
			return nil, err
		}
	}
	return makeAgain, nil
}

// copyOrders has each order of the database, with its check and its newest event, so many times more.
func copyOrders(ctx context.Context, url string, times int) error {
	return execAll(ctx, url,
		fmt.Sprintf(`insert into checks select r.* from checks c, generate_series(1, %d) n,
			jsonb_populate_record(c, jsonb_build_object('order_id', 'copy-' || n)) r`, times),
		fmt.Sprintf(`insert into orders select r.* from orders o, generate_series(1, %d) n,
			jsonb_populate_record(o, jsonb_build_object('order_id', 'copy-' || n, 'seq', o.seq + n,
				'first_seen_at', o.first_seen_at - interval '1 second' * n)) r`, times),
		fmt.Sprintf(`insert into events select r.* from events e, generate_series(1, %d) n,
			jsonb_populate_record(e, jsonb_build_object('order_id', 'copy-' || n, 'seq', e.seq + n)) r`, times),
		`update feed set head = (select max(seq) from events)`,
		"vacuum (analyze)", "checkpoint")
}
