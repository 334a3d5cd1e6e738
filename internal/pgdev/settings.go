package pgdev

import (
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

// serverArgs are the arguments of the postgres program. All settings stand there, and none in the cluster's files,
// so that a kept cluster always runs with those of the present release.
func serverArgs(data string, port int, o Options) []string {
	settings := map[string]string{
		"listen_addresses": "127.0.0.1",
		"port":             strconv.Itoa(port),
		// No socket file: Debian's folder for it is not ours to write, and macOS' temporary paths are too long for
		// one.
		"unix_socket_directories": "",
		"max_connections":         "200",
		"logging_collector":       "off",
		"log_destination":         "stderr",
		"log_timezone":            "UTC",
		"timezone":                "UTC",
	}
	if o.Dir == "" && !o.Durable {
		maps.Copy(settings, map[string]string{
			"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off",
			// A vacuum worker in a template database would hold up each copy of it.
			"autovacuum": "off",
		})
	}
	maps.Copy(settings, o.Settings)
	args := []string{"-D", data}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return args
}

// serverEnv is this process's environment without what would change the server's language or its defaults.
func serverEnv() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "PG") || strings.HasPrefix(v, "LC_") || strings.HasPrefix(v, "LANG")
	})
	return append(env, "LC_ALL=C")
}
