package pgtest

import (
	"net/url"
	"os"
	"testing"

	"webhookd/internal/pgdev"
)

// poolerVariable of the environment has every test go through a pooler in the mode that it names.
const poolerVariable = "PGTEST_POOLER"

// poolerSize is how many server processes clients of one database share: few enough that they must.
const poolerSize = "3"

// Pooled returns the URL that leads to the same database through a PgBouncer in transaction mode, which all tests share.
// database is of New or Empty.
func (p *Template) Pooled(t testing.TB, database string) string {
	t.Helper()
	return p.throughPooler(t, database, "transaction")
}

func (p *Template) route(t testing.TB, database string) string {
	t.Helper()
	if mode := os.Getenv(poolerVariable); mode != "" {
		return p.throughPooler(t, database, mode)
	}
	return database
}

func (p *Template) throughPooler(t testing.TB, database, mode string) string {
	t.Helper()
	p.startPooler.Do(func() {
		settings := map[string]string{"default_pool_size": poolerSize}
		if mode == "session" {
			delete(settings, "default_pool_size") // each client keeps one
		}
		p.pooler, p.poolerErr = p.server.Pooler(t.Context(), pgdev.PoolerOptions{Mode: mode, Settings: settings})
	})
	if p.poolerErr != nil {
		t.Fatal("pgtest: ", p.poolerErr)
	}
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal("pgtest: ", err)
	}
	return p.pooler.URL(u.Path[1:])
}
