package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// consumers are the programs of docs/fulfilment.md, and how each tells what it has shipped.
func consumers(t *testing.T) map[string]consumer {
	t.Helper()
	dir, err := filepath.Abs("../../docs/fulfilment")
	must(t, err)
	binary := filepath.Join(t.TempDir(), "consumer")
	if out, err := exec.Command("go", "build", "-o", binary, dir+"/consumer").CombinedOutput(); err != nil {
		t.Fatalf("build the consumer: %v\n%s", err, out)
	}
	return map[string]consumer{
		"go":         {is(binary), inFiles},
		"typescript": {func(t *testing.T, url string) []string { return typeScript(t, dir, url) }, inFiles},
		"python": {is("python3", dir+"/consumer.py"), func(t *testing.T, dir string) []string {
			t.Helper()
			const list = `import sqlite3
try: print(*[id for id, in sqlite3.connect("shipments.db").execute("select order_id from shipments")])
except sqlite3.OperationalError: pass # no table yet, or locked`
			cmd := exec.Command("python3", "-c", list)
			cmd.Dir = dir
			out, err := cmd.Output()
			must(t, err)
			return strings.Fields(string(out))
		}},
	}
}

type consumer struct {
	command func(t *testing.T, url string) []string // for the service at url
	shipped func(t *testing.T, dir string) []string
}

// is a command that needs no making.
func is(command ...string) func(*testing.T, string) []string {
	return func(*testing.T, string) []string { return command }
}

// inFiles lists the files that say what was shipped.
func inFiles(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "shipments"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var ids []string
	for _, e := range entries {
		ids = append(ids, e.Name())
	}
	return ids
}

// typeScript makes a client from the service's own OpenAPI document, checks the consumer's types against it and
// compiles that.
func typeScript(t *testing.T, from, url string) []string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"consumer.ts", "package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join(from, name))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	for _, command := range [][]string{
		{"npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"},
		{"npx", "--no-install", "openapi-typescript", url + "/openapi.json", "-o", "webhookd.d.ts"},
		{"npx", "--no-install", "tsc", "--strict", "--target", "es2022", "--module", "nodenext", "consumer.ts"},
	} {
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%q: %v (make tools installs what is needed)\n%s", command, err, out)
		}
	}
	return []string{"node", filepath.Join(dir, "consumer.js")}
}

// TestFulfilment runs each consumer while orders are paid and refunded, and kills it and the service meanwhile. In the
// end each order that may leave has been shipped once, and no other.
func TestFulfilment(t *testing.T) {
	for name, c := range consumers(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			s := r.startProcess(t)
			addr := strings.TrimPrefix(s.url, "http://")
			dir, command := t.TempDir(), c.command(t, s.url)
			running := start(t, command, dir, s.url)

			want := map[string]bool{}
			for n := range 24 {
				id := r.create(t, "")
				switch n % 4 {
				case 0: // not paid
				case 1: // paid and given back before anybody heard of it
					r.pay(t, id)
					_, err := r.gateway.Refund(id, 1295)
					must(t, err)
				default:
					r.pay(t, id)
					want[id] = true
				}
				s.accepted(t, id)
				switch n {
				case 2, 6, 9, 13, 17, 21:
					running()
					running = start(t, command, dir, s.url)
				case 10:
					s.kill()
					s = r.startProcess(t, "LISTEN_ADDR="+addr)
					s.accepted(t, id)
					r.sql(t, "update checks set due_at = now()") // what the dead one had in hand
				}
			}
			eventually(t, fmt.Sprintf("%d orders are shipped", len(want)), func() bool {
				return len(c.shipped(t, dir)) >= len(want)
			})
			s.quiet(t, r)
			for _, id := range c.shipped(t, dir) {
				if !want[id] {
					t.Errorf("order %s was shipped, and may not leave", id)
				}
				delete(want, id)
			}
			if len(want) > 0 {
				t.Errorf("orders were not shipped: %v", want)
			}
		})
	}
}

// start runs a consumer in dir. It is killed by stop, and after the test.
func start(t *testing.T, command []string, dir, url string) (stop func()) {
	t.Helper()
	var log bytes.Buffer
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Stderr = dir, &log
	cmd.Env = append(os.Environ(), "WEBHOOKD_URL="+url, "WEBHOOKD_API_KEY="+apiSecret)
	must(t, cmd.Start())
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill() // it may be gone
		_ = cmd.Wait()         // the signal is its status
	})
	t.Cleanup(func() {
		stop()
		if t.Failed() {
			t.Logf("the consumer said:\n%s", log.String())
		}
	})
	return stop
}

// TestFulfilmentPage holds what docs/fulfilment.md quotes against the programs.
func TestFulfilmentPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/fulfilment.md")
	must(t, err)
	for _, quote := range []struct{ language, file, indent string }{
		{"go", "consumer/main.go", "\t"}, {"python", "consumer.py", ""},
	} {
		program, err := os.ReadFile("../../docs/fulfilment/" + quote.file)
		must(t, err)
		_, rest, found := strings.Cut(string(page), "```"+quote.language+"\n")
		text, _, closed := strings.Cut(rest, "```")
		if !found || !closed {
			t.Fatalf("the page quotes no %s", quote.language)
		}
		for line := range strings.Lines(text) {
			if !strings.Contains(string(program), quote.indent+line) {
				t.Errorf("%s does not have the line %q", quote.file, line)
			}
		}
	}
}
