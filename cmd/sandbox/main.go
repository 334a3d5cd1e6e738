// Command sandbox serves a stand-in for the Cost+ payment gateway: API, hosted payment page and webhooks, in memory
// and without money. It is for people who write shops.
//
//	sandbox -webhook-url http://127.0.0.1:3000/webhook
//
// It listens on the loopback only, since anybody who reaches it can pay with a test card; -allow-public lifts that.
// SIGINT or SIGTERM ends it, and what it held in memory.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"webhookd/internal/sandbox"
)

const (
	exitFailed = 1
	exitMisuse = 2

	// grace is how long the requests in hand may go on once the program was told to end.
	grace = 5 * time.Second
)

// errMisuse marks an error of the command line.
var errMisuse = errors.New("wrong use")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(start(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// start is the program; it returns the exit status.
func start(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, err := parse(args, stderr)
	if err == nil {
		err = run(ctx, opts, stdout, stderr)
	}
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errMisuse):
		fmt.Fprintln(stderr, "sandbox:", err)
		return exitMisuse
	default:
		fmt.Fprintln(stderr, "sandbox:", err)
		return exitFailed
	}
}

// options are the command line.
type options struct {
	listen      string
	key         string
	webhookURL  string
	publicURL   string
	allowPublic bool
	verbose     bool
}

// parse reads and checks the command line, and reports all its mistakes at once.
func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&o.listen, "listen", "127.0.0.1:8090", "`address` to listen on; port 0 takes a free one")
	f.StringVar(&o.key, "key", sandbox.DefaultAPIKey, "API `key` that shops must send")
	f.StringVar(&o.webhookURL, "webhook-url", "", "`URL` for the webhooks of orders that name none")
	f.StringVar(&o.publicURL, "public-url", "", "`URL` that payment links begin with (default: the listening address)")
	f.BoolVar(&o.allowPublic, "allow-public", false, "allow addresses that others can reach")
	f.BoolVar(&o.verbose, "v", false, "log every order that changes")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			f.SetOutput(stderr)
			f.Usage()
		}
		return options{}, fmt.Errorf("%w: %w", errMisuse, err)
	}
	if err := errors.Join(o.check(), noArguments(f)); err != nil {
		return options{}, fmt.Errorf("%w: %w", errMisuse, err)
	}
	return o, nil
}

func noArguments(f *flag.FlagSet) error {
	if f.NArg() == 0 {
		return nil
	}
	return fmt.Errorf("unexpected argument %q", f.Arg(0))
}

func (o options) check() error {
	var wrong []error
	if o.key == "" {
		wrong = append(wrong, errors.New("-key must not be empty"))
	}
	host, _, err := net.SplitHostPort(o.listen)
	switch {
	case err != nil:
		wrong = append(wrong, fmt.Errorf("-listen: %w", err))
	case !o.allowPublic && !loopback(host):
		wrong = append(wrong, fmt.Errorf("-listen %s can be reached by others: say -allow-public too", o.listen))
	}
	if o.webhookURL != "" && !webURL(o.webhookURL) {
		wrong = append(wrong, errors.New("-webhook-url must begin with http:// or https://"))
	}
	if o.publicURL != "" {
		wrong = append(wrong, o.checkPublicURL())
	}
	return errors.Join(wrong...)
}

func (o options) checkPublicURL() error {
	u, err := url.Parse(o.publicURL)
	if err != nil || !webURL(o.publicURL) {
		return errors.New("-public-url must begin with http:// or https://")
	}
	if !o.allowPublic && !loopback(u.Hostname()) {
		return fmt.Errorf("-public-url %s can be reached by others: say -allow-public too", o.publicURL)
	}
	return nil
}

// loopback reports whether only this machine reaches host.
func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

func webURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// run serves until ctx ends.
func run(ctx context.Context, o options, stdout, stderr io.Writer) error {
	level := slog.LevelWarn
	if o.verbose {
		level = slog.LevelDebug
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return err
	}
	base := o.publicURL
	if base == "" {
		base = "http://" + listener.Addr().String()
	}
	gateway := sandbox.New(sandbox.Config{
		APIKey:     o.key,
		PublicURL:  base,
		WebhookURL: o.webhookURL,
		Log:        slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level})),
	})
	defer gateway.Close()
	greet(stdout, base, o)
	return serve(ctx, listener, gateway)
}

func greet(w io.Writer, base string, o options) {
	webhooks := o.webhookURL
	if webhooks == "" {
		webhooks = "none, unless an order has a webhook_url"
	}
	fmt.Fprintf(w, `Sandbox payment gateway. No money moves here.

  API       %[1]s/v1
  Key       %[2]s  (user name of Basic authentication, no password)
  Webhooks  %[3]s

Create an order, then open its order_url and pay with a test card:

  curl -u %[2]s: -H 'Content-Type: application/json' %[1]s/v1/orders/ \
    -d '{"amount":1295,"currency":"EUR","merchant_order_id":"ORDER-001","description":"Premium widget"}'

`, base, o.key, webhooks)
}

// serve answers on the listener until ctx ends, and then gives the requests in hand at most grace to finish. It returns
// when they have.
func serve(ctx context.Context, listener net.Listener, gateway *sandbox.Gateway) error {
	server := &http.Server{Handler: gateway.Handler(), ReadHeaderTimeout: 5 * time.Second}
	server.RegisterOnShutdown(gateway.Close) // ends the calls that hang by a fault
	drained := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		drained <- server.Shutdown(ctx)
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		stop()
		return err
	}
	return <-drained // Serve returns as Shutdown begins, not as it ends
}
