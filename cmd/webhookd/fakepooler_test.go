package main

import (
	"context"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// startPooler starts a pooler before a database, in transaction mode or else in session mode, and returns the URL that
// leads through it.
func startPooler(t *testing.T, database string, byTransaction bool) string {
	t.Helper()
	socket, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	p := &pooler{database: database, byTransaction: byTransaction}
	var clients sync.WaitGroup
	clients.Go(func() {
		for {
			conn, err := socket.Accept()
			if err != nil {
				return // the test is over
			}
			clients.Go(func() {
				defer conn.Close()
				_ = p.serve(context.WithoutCancel(t.Context()), pgproto3.NewBackend(conn, conn)) // the client has gone
			})
		}
	})
	t.Cleanup(func() {
		socket.Close()
		clients.Wait()
		for _, s := range p.free {
			s.Conn.Close()
		}
	})
	u, err := url.Parse(database)
	must(t, err)
	u.Host = socket.Addr().String()
	return u.String()
}

// pooler hands server connections to clients.
type pooler struct {
	database      string
	byTransaction bool

	mu   sync.Mutex
	free []*pgconn.HijackedConn // the last one is taken first
}

// serve does what a client asks for, until it goes.
func (p *pooler) serve(ctx context.Context, client *pgproto3.Backend) error {
	if _, err := client.ReceiveStartupMessage(); err != nil {
		return err
	}
	client.Send(&pgproto3.AuthenticationOk{})
	client.Send(&pgproto3.ParameterStatus{Name: "client_encoding", Value: "UTF8"})
	client.Send(&pgproto3.ParameterStatus{Name: "standard_conforming_strings", Value: "on"})
	client.Send(&pgproto3.BackendKeyData{ProcessID: 7, SecretKey: []byte{0, 0, 0, 7}}) // nobody's
	client.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	if err := client.Flush(); err != nil {
		return err
	}
	var server *pgconn.HijackedConn
	defer func() { p.release(server) }()
	for {
		message, err := client.Receive()
		if _, ended := message.(*pgproto3.Terminate); err != nil || ended {
			return err
		}
		if server == nil {
			if server, err = p.acquire(ctx); err != nil {
				return err
			}
		}
		server.Frontend.Send(message)
		switch message.(type) {
		case *pgproto3.Sync, *pgproto3.Query:
		default:
			continue
		}
		idle, err := relay(server.Frontend, client)
		if err != nil {
			return err
		}
		if idle && p.byTransaction {
			p.release(server)
			server = nil
		}
	}
}

// relay passes on the answer to what was sent, and reports whether the server is in no transaction after it.
func relay(server *pgproto3.Frontend, client *pgproto3.Backend) (idle bool, err error) {
	if err := server.Flush(); err != nil {
		return false, err
	}
	for {
		message, err := server.Receive()
		if err != nil {
			return false, err
		}
		client.Send(message)
		if ready, ok := message.(*pgproto3.ReadyForQuery); ok {
			return ready.TxStatus == 'I', client.Flush()
		}
		if err := client.Flush(); err != nil { // its message is read anew
			return false, err
		}
	}
}

func (p *pooler) acquire(ctx context.Context) (*pgconn.HijackedConn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := len(p.free) - 1; last >= 0 {
		server := p.free[last]
		p.free = p.free[:last]
		return server, nil
	}
	conn, err := pgconn.Connect(ctx, p.database)
	if err != nil {
		return nil, err
	}
	return conn.Hijack()
}

func (p *pooler) release(server *pgconn.HijackedConn) {
	if server == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, server)
}

// TestDoctorFindsPoolers tells one that swaps the server between transactions from one that does not.
func TestDoctorFindsPoolers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, tt := range []struct{ database, want string }{
		{startPooler(t, r.database, true), "in transaction mode"},
		{startPooler(t, r.database, false), "session mode"},
		{pg.Pooled(t, r.database), "in transaction mode"}, // a PgBouncer
	} {
		found := examine(t, r.environ("DATABASE_URL="+tt.database))
		if f := found["database pooler"]; f[0].Verdict != verdictInfo || !strings.Contains(f[0].Found, tt.want) {
			t.Errorf("%+v, want it to say %q", f, tt.want)
		}
		if v := found.worst("database rights"); v != verdictOK {
			t.Errorf("%s: %+v", tt.want, found["database rights"])
		}
	}
}
