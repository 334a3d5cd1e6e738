package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// fillChecks writes so many orders without documents, the unsettled ones spread among them. The settled ones are due
// for their rechecks, in a day to a month. Indexes are made afterwards, which for ten million saves most of the time.
func fillChecks(ctx context.Context, url string, size, unsettled int) error {
	return withConn(ctx, url, func(conn *pgx.Conn) error { return fillTables(ctx, conn, size, unsettled) })
}

func fillTables(ctx context.Context, conn *pgx.Conn, size, unsettled int) error {
	indexes, err := dropIndexes(ctx, conn)
	if err != nil {
		return err
	}
	every := max(1, size/unsettled)
	for _, statement := range []string{
		`insert into checks (order_id, known, due_at, cause, first_seen_by)
			select 'order-' || lpad(n::text, 9, '0'), true,
				case when n % $2 = 0 then now() - interval '1 second' * (n % 3600)
					else now() + interval '1 day' * (1 + n % 30) end, 'poll', 'registered'
			from generate_series(1, $1::bigint) n`,
		`insert into orders
				(order_id, state, status, amount, currency, settled, first_seen_at, first_seen_by, updated_at)
			select 'order-' || lpad(n::text, 9, '0'), case when n % $2 = 0 then 'pending' else 'paid' end,
				case when n % $2 = 0 then 'new' else 'completed' end, 1295, 'EUR', n % $2 <> 0,
				now() - interval '1 second' * n, 'registered', now()
			from generate_series(1, $1::bigint) n`,
	} {
		if _, err := conn.Exec(ctx, statement, size, every); err != nil {
			return fmt.Errorf("fill the database: %w", err)
		}
	}
	return execOn(ctx, conn, append(indexes, "vacuum (analyze) checks", "vacuum (analyze) orders", "checkpoint")...)
}

// dropIndexes drops those that no constraint needs, and returns what makes them again.
func dropIndexes(ctx context.Context, conn *pgx.Conn) (makeAgain []string, err error) {
	rows, _ := conn.Query(ctx, `
		select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
		from pg_index where indrelid in ('checks'::regclass, 'orders'::regclass) and not indisprimary`)
	type index struct{ Name, Definition string }
	indexes, err := pgx.CollectRows(rows, pgx.RowToStructByName[index])
	if err != nil {
		return nil, fmt.Errorf("read the indexes: %w", err)
	}
	for _, i := range indexes {
		makeAgain = append(makeAgain, i.Definition)
		if err := execOn(ctx, conn, "drop index "+i.Name); err != nil {
			return nil, err
		}
	}
	return append([]string{"set maintenance_work_mem = '1GB'"}, makeAgain...), nil
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
