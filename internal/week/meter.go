package week

import (
	"context"
	"fmt"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// meter reads what Postgres has done.
type meter struct {
	pool  *pgxpool.Pool
	stats *pgx.Conn
	last  map[string]Work
	began time.Duration
}

func newMeter(ctx context.Context, db Database, pool *pgxpool.Pool) (*meter, error) {
	stats, err := pgx.Connect(ctx, db.StatsURL)
	if err != nil {
		return nil, fmt.Errorf("connect the meter: %w", err)
	}
	m := &meter{pool: pool, stats: stats, began: trueTime()}
	if m.last, err = m.work(ctx); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *meter) close(ctx context.Context) error { return m.stats.Close(ctx) }

// The kinds of statements. What is none of the others stores answers, or what the shop registers.
const (
	kindClaim = "claim"
	kindHint  = "hint"
	kindSweep = "sweep"
	kindGauge = "gauge"
	kindStore = "store"
)

// work is all that Postgres has done for the service, by kind of statement.
func (m *meter) work(ctx context.Context) (map[string]Work, error) {
	rows, _ := m.stats.Query(ctx, `
		select kind, sum(calls)::bigint, sum(shared_blks_hit + shared_blks_read)::bigint, sum(total_exec_time) / 1000
		from (
			select s.*, case
				when query like '%with ours as%' then '`+kindClaim+`'
				when query like '%with hint as%' then '`+kindHint+`'
				when query like '%with listed as%' or query like '%update sweeps%' then '`+kindSweep+`'
				when query like '%checks where known and due_at <= now() limit%' then '`+kindGauge+`'
				else '`+kindStore+`' end as kind
			from pg_stat_statements s join pg_database d on d.oid = s.dbid
			where d.datname = '`+databaseName+`' and query not like '%of the meter%'
		) as s group by kind`)
	by := map[string]Work{}
	var kind string
	var w Work
	_, err := pgx.ForEachRow(rows, []any{&kind, &w.Statements, &w.Pages, &w.Seconds}, func() error {
		by[kind] = w
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what Postgres has done: %w", err)
	}
	return by, nil
}

// read completes an hour that is over.
func (m *meter) read(ctx context.Context, h *Hour) error {
	now, err := m.work(ctx)
	if err != nil {
		return err
	}
	for kind, w := range now {
		h.By[kind] = w.minus(m.last[kind])
		h.Work = h.Work.plus(h.By[kind])
	}
	m.last = now
	h.wall = (trueTime() - m.began).Seconds()
	return m.pool.QueryRow(ctx, `
		select /* of the meter */
			(select count(*) from checks where due_at <= now()),
			(select count(*) from orders where not settled),
			(select n_live_tup from pg_stat_user_tables where relname = 'orders'),
			(select n_live_tup from pg_stat_user_tables where relname = 'checks'),
			(select head from feed),
			pg_total_relation_size('orders'), pg_total_relation_size('checks'), pg_total_relation_size('events')`).
		Scan(&h.Due, &h.Unsettled, &h.OrderRows, &h.CheckRows, &h.EventRows,
			&h.OrderBytes, &h.CheckBytes, &h.EventBytes)
}

// statements lists the dearest.
func (m *meter) statements(ctx context.Context) ([]Statement, error) {
	rows, _ := m.stats.Query(ctx, `
		select left(regexp_replace(query, '\s+', ' ', 'g'), 90) as text, calls, total_exec_time / 1000 as sec,
			shared_blks_hit + shared_blks_read as pages, rows
		from pg_stat_statements s join pg_database d on d.oid = s.dbid
		where d.datname = '`+databaseName+`' and query not like '%of the meter%'
		order by total_exec_time desc limit 15`)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Statement])
	if err != nil {
		return nil, fmt.Errorf("read the dearest statements: %w", err)
	}
	return list, nil
}

// trueTime is the time outside of the bubble.
func trueTime() time.Duration {
	var t syscall.Timeval
	if err := syscall.Gettimeofday(&t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
