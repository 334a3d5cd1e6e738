// Package migrations holds the schema as goose migrations, embedded in the binary.
//
// A migration is only ever added, never edited once released, and leaves the previous release working: it adds
// tables, nullable columns or columns with a default, and removes only what that release no longer reads.
package migrations

import "embed"

// FS holds the migration files at its root.
//
//go:embed *.sql
var FS embed.FS
