package chaos

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"webhookd/internal/pgdev"
	"webhookd/internal/sandbox"
)

// The secrets of a round. None of them may be seen in a log.
const (
	apiSecret = "chaos-api-secret-0123456789abcdef"
	hookToken = "chaos-webhook-token-0123456789abcdef"
	canary    = "Kanarienvogel" // in each customer's name, address and e-mail
)

// The budget of a replica, and the times that scale a round down to seconds.
const (
	budgetRPS         = 60
	budgetConcurrency = 8
	gatewayTimeout    = time.Second
	leaseTime         = gatewayTimeout + 10*time.Second // as the service has it
	shutdownTime      = 10 * time.Second
)

// Database is where the replicas keep their data. A fault may put another one in its place while a round goes on, as a
// fail-over does: see [World.SetDatabase].
type Database struct {
	// Direct is the address at which the harness reads the database, without anything between.
	Direct string
	// Server breaks and mends the server; nil where it is none of ours.
	Server *pgdev.Server
}

// Setup is what a world is made of. The Prepare of a [Fault] may change all of it.
type Setup struct {
	Replicas int
	Environ  map[string]string // of the replicas, by name
	Gateway  sandbox.Config    // its webhooks are quick; the clock may be changed

	// Database makes the database, and says how to end it. The default is a durable server of our own.
	Database func(ctx context.Context, settings map[string]string) (Database, func(), error)
	// PostgresSettings are for the default Database.
	PostgresSettings map[string]string
	// Between puts something between the replicas and the database, as a pooler: it returns the address for
	// DATABASE_URL, and how to end it. Nil is nothing.
	Between func(ctx context.Context, d Database) (url string, end func(), err error)
}

func newSetup() *Setup {
	return &Setup{
		Replicas: 1,
		Environ: map[string]string{
			"NOPAYN_API_KEY": sandbox.DefaultAPIKey, "NOPAYN_MERCHANT_ID": "chaos", "ADMIN_ADDR": "127.0.0.1:0",
			"API_KEYS": "chaos:write+money:" + apiSecret, "WEBHOOK_TOKENS": hookToken, "WEBHOOK_RATE": "0",
			"ALLOW_TEST_ORDERS": "true", "LOG_LEVEL": "debug", "DB_MAX_CONNS": "8",
			"GATEWAY_RPS": fmt.Sprint(budgetRPS), "GATEWAY_CONCURRENCY": fmt.Sprint(budgetConcurrency),
			"GATEWAY_TIMEOUT": gatewayTimeout.String(), "SHUTDOWN_TIMEOUT": shutdownTime.String(),
			"POLL_MIN_AGE": "2s", "POLL_MIN_INTERVAL": "1s", "POLL_MAX_INTERVAL": "4s", "RECHECK_SETTLED": "10s,30s,90s",
			"SWEEP_INTERVAL": "3s", "SWEEP_WINDOW": "2h",
		},
		Gateway: sandbox.Config{Webhooks: sandbox.WebhookRules{
			FirstTimeout: 2 * time.Second, Timeout: 2 * time.Second, Attempts: 8, Interval: 500 * time.Millisecond,
		}},
		Database:         ownPostgres,
		PostgresSettings: map[string]string{},
	}
}

// ownPostgres starts a durable server.
func ownPostgres(ctx context.Context, settings map[string]string) (Database, func(), error) {
	server, err := pgdev.Start(ctx, pgdev.Options{Durable: true, Settings: settings})
	if err != nil {
		return Database{}, nil, err
	}
	end := func() { _ = server.Stop(context.WithoutCancel(ctx)) } // its data is thrown away
	return Database{Direct: server.URL("postgres"), Server: server}, end, nil
}

// environ is the environment of one process.
func (s *Setup) environ(extra map[string]string) []string {
	all := maps.Clone(s.Environ)
	maps.Copy(all, extra)
	var list []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, name+"="+all[name])
	}
	return list
}
