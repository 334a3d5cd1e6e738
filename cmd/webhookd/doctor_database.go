package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"webhookd/internal/store"
)

const (
	// oldestPostgres is the first server_version_num that the schema is tested with.
	oldestPostgres = 150_000
	// databaseClockLimit is how far the database's clock, which schedules all looks, may be off.
	databaseClockLimit = 2 * time.Second
)

// checkDatabase looks at the database as the service would use it.
func (d *doctor) checkDatabase() {
	const first = "database"
	rest := []string{
		"database primary", "database schema", "database rights", "database clock", "database connections",
		"database pooler",
	}
	conf, ok := d.config(append([]string{first}, rest...), "DATABASE_URL", "DB_MAX_CONNS", "MIGRATE")
	if !ok {
		return
	}
	pool, err := store.Open(d.ctx, conf.DatabaseURL.reveal(), 2)
	if err != nil {
		d.report(first, verdictFail, err.Error(), "correct DATABASE_URL")
		d.skip(rest, "DATABASE_URL must be right first")
		return
	}
	defer pool.Close()
	db := &databaseDoctor{doctor: d, pool: pool, conf: conf}
	if !db.checkReachable() {
		d.skip(rest, "the database must be reachable first")
		return
	}
	db.checkPrimary()
	db.checkRights(db.checkSchema())
	db.checkDatabaseClock()
	db.checkConnections()
	db.checkPooler()
}

type databaseDoctor struct {
	*doctor
	pool *pgxpool.Pool
	conf config
}

// ask runs a query of one row. Should that fail, the check has failed, and ask returns false.
func (d *databaseDoctor) ask(check, query string, out ...any) bool {
	ctx, cancel := d.bounded()
	defer cancel()
	err := d.pool.QueryRow(ctx, query).Scan(out...)
	if err != nil {
		d.report(check, verdictFail, err.Error(), "see the database's log")
	}
	return err == nil
}

// checkReachable also looks at the version.
func (d *databaseDoctor) checkReachable() bool {
	const check = "database"
	ctx, cancel := d.bounded()
	defer cancel()
	start := time.Now()
	if err := d.pool.Ping(ctx); err != nil {
		d.report(check, verdictFail, err.Error(),
			"is it running, and are host, port, user and password in DATABASE_URL right?")
		return false
	}
	took := time.Since(start)
	var number int
	var name string
	if !d.ask(check, `select current_setting('server_version_num')::int, current_setting('server_version')`,
		&number, &name) {
		return false
	}
	found := fmt.Sprintf("PostgreSQL %s answers, after %s with the connecting", name, took.Round(time.Millisecond))
	if number < oldestPostgres {
		d.report(check, verdictFail, found, "upgrade: webhookd needs PostgreSQL 15 or newer")
		return true
	}
	d.report(check, verdictOK, found, "")
	return true
}

func (d *databaseDoctor) checkPrimary() {
	const check = "database primary"
	var standby, readOnly bool
	if !d.ask(check, `select pg_is_in_recovery(), current_setting('transaction_read_only')::bool`, &standby, &readOnly) {
		return
	}
	switch {
	case standby:
		d.report(check, verdictFail, "this server is a standby: nothing can be written",
			"name the primary in DATABASE_URL, or all servers of which one is it")
	case readOnly:
		d.report(check, verdictFail, "transactions are read-only: nothing can be written",
			"take back default_transaction_read_only of the server, the database, the role or DATABASE_URL")
	default:
		d.report(check, verdictOK, "it takes writes", "")
	}
}

// checkSchema asks what readiness asks, and reports whether the schema is up to date.
func (d *databaseDoctor) checkSchema() bool {
	const check = "database schema"
	ctx, cancel := d.bounded()
	defer cancel()
	current, err := d.schemaCurrent(ctx)
	switch {
	case err != nil:
		d.report(check, verdictFail, err.Error(), "see the database's log")
	case current:
		d.report(check, verdictOK, "all migrations are in place", "")
	case bool(d.conf.Migrate):
		d.report(check, verdictWarn, "migrations are missing",
			"start webhookd serve, which applies them, or run webhookd migrate up")
	default:
		d.report(check, verdictFail, "migrations are missing, and MIGRATE is off", "run webhookd migrate up")
	}
	return current
}

func (d *databaseDoctor) schemaCurrent(ctx context.Context) (bool, error) {
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	st := store.New(d.pool, rules(d.conf), log, store.NewMetrics(prometheus.NewRegistry()))
	defer st.Close()
	return st.SchemaCurrent(ctx)
}

// missingRights lists what the role may not do with the tables that are there: what the service does with each. Tables
// are looked up as the service's statements would.
const missingRights = `select coalesce(string_agg(lacks, '; ' order by lacks), '') from (
	select string_agg(needed, ', ') || ' on ' || name as lacks
	from (values
		('checks', 'SELECT,INSERT,UPDATE,DELETE'), ('orders', 'SELECT,INSERT,UPDATE,DELETE'),
		('events', 'SELECT,INSERT,DELETE'), ('feed', 'SELECT,UPDATE'), ('sweeps', 'SELECT,UPDATE'),
		('operations', 'SELECT,INSERT,UPDATE,DELETE'), ('goose_db_version', 'SELECT')
	) as used (name, rights), unnest(string_to_array(rights, ',')) as needed
	where not has_table_privilege(to_regclass(name), needed)
	group by name
) as by_table`

// checkRights asks for the right to create tables too, where the service is to migrate. It matters at once while the
// schema is not current, and at the next upgrade otherwise.
func (d *databaseDoctor) checkRights(current bool) {
	const check = "database rights"
	var role, lacks string
	var mayCreate bool
	if !d.ask(check, `select current_user::text, (`+missingRights+`),
		coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)`, &role, &lacks, &mayCreate) {
		return
	}
	switch {
	case lacks != "":
		d.report(check, verdictFail, "the role "+role+" lacks "+lacks, "have the tables' owner GRANT this")
	case bool(d.conf.Migrate) && !mayCreate:
		v := verdictWarn
		if !current {
			v = verdictFail
		}
		d.report(check, v, "the role "+role+" may not create tables, as migrations do",
			"GRANT CREATE on the schema, or set MIGRATE=off and run webhookd migrate up as another role")
	default:
		d.report(check, verdictOK, "the role "+role+" may do all it needs to", "")
	}
}

func (d *databaseDoctor) checkDatabaseClock() {
	const check = "database clock"
	var theirs time.Time
	before := time.Now()
	if !d.ask(check, `select clock_timestamp()`, &theirs) {
		return
	}
	d.checkClock(check, skew(theirs, before, time.Now()), databaseClockLimit,
		"set both by NTP: looks are scheduled by the database's clock, logs are written by this machine's")
}

// roomForConnections counts the connections that the role may have, and those that others have.
const roomForConnections = `select
	least(
		current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
		nullif((select rolconnlimit from pg_roles where rolname = current_user), -1),
		nullif((select datconnlimit from pg_database where datname = current_database()), -1)),
	(select count(*) from pg_stat_activity where datid is not null and application_name <> 'webhookd')`

func (d *databaseDoctor) checkConnections() {
	const check = "database connections"
	var limit, others int32
	if !d.ask(check, roomForConnections, &limit, &others) {
		return
	}
	found := fmt.Sprintf("DB_MAX_CONNS is %d for each replica; of %d in all, others use %d",
		d.conf.DBMaxConns, limit, others)
	if d.conf.DBMaxConns > limit-others {
		d.report(check, verdictWarn, found,
			"lower DB_MAX_CONNS, or raise max_connections, or the limit of the role or the database")
		return
	}
	d.report(check, verdictOK, found, "")
}
