package main

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// isDSN tells whether pgx understands dsn as a connection string. Its error is left out: it quotes the string, and
// masks the password only as well as it can.
func isDSN(dsn string) bool {
	// A URL of another kind, or one inside quotation marks, can pass for a keyword=value list when it has a query.
	before, _, isURL := strings.Cut(dsn, "://")
	if isURL && !strings.Contains(before, "=") && before != "postgres" && before != "postgresql" {
		return false
	}
	_, err := pgxpool.ParseConfig(dsn)
	return err == nil && dsn != "" // pgx takes an empty one for "all from PGHOST and the like"
}

// isWebURL tells whether text is an absolute http or https URL that other paths can be added to. One with a password
// is refused too: it would be printed with the configuration.
func isWebURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return false
	}
	if u.Port() != "" && !isPort(u.Port()) {
		return false
	}
	return u.Hostname() != "" && u.User == nil && !strings.ContainsAny(text, "?#")
}

// isPlainRemote tells whether requests to the URL would cross a network unencrypted.
func isPlainRemote(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" {
		return false
	}
	addr, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() != "localhost" && (err != nil || !addr.Unmap().IsLoopback())
}

// withoutVersion returns a gateway URL without trailing slashes and a final /v1: people paste either form
// (CONTRACT 1.1).
func withoutVersion(base string) string {
	return strings.TrimRight(strings.TrimSuffix(strings.TrimRight(base, "/"), "/v1"), "/")
}

// isListenAddr tells whether text is host:port with a numeric port. The host may be missing, and port 0 means any.
func isListenAddr(text string) bool {
	host, port, err := net.SplitHostPort(text)
	return err == nil && isPort(port) && !strings.ContainsAny(host, " /@")
}

// isAnyPort tells whether the port of a listen address is left to the system.
func isAnyPort(addr string) bool { return strings.HasSuffix(addr, ":0") }

func isPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return err == nil
}
