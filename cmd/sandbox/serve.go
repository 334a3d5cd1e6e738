package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"webhookd/internal/sandbox"
	"webhookd/internal/sandbox/control"
)

// grace is how long the requests in hand may go on once the program was told to end.
const grace = 5 * time.Second

// run serves until ctx ends.
func run(ctx context.Context, o options, stdout, stderr io.Writer) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return err
	}
	base := o.publicURL
	if base == "" {
		base = "http://" + listener.Addr().String()
	}
	gateway := sandbox.New(o.config(base, stderr))
	defer gateway.Close()
	for _, f := range o.faults {
		f.Set(gateway)
	}
	if err := o.startScript(gateway); err != nil {
		return errors.Join(err, listener.Close())
	}
	greet(stdout, base, o)
	return serve(ctx, listener, gateway, control.Options{Key: o.key, AnyHost: o.allowPublic})
}

// config is the gateway's, whose links begin with base.
func (o options) config(base string, stderr io.Writer) sandbox.Config {
	level := slog.LevelWarn
	if o.verbose {
		level = slog.LevelDebug
	}
	return sandbox.Config{
		APIKey: o.key, PublicURL: base, WebhookURL: o.webhookURL, Production: o.production, Seed: o.seed,
		RefundAnswer: sandbox.RefundAnswer(o.refundAnswer), CaptureAnswer: sandbox.CaptureAnswer(o.captureAnswer),
		RefundDelay: o.refundDelay, SeveralCaptures: o.severalCaptures,
		Clock: sandbox.NewSpeedClock(time.Now(), o.clockSpeed),
		Webhooks: sandbox.WebhookRules{
			Attempts: o.webhookAttempts, Interval: o.webhookInterval,
			Strict200: o.strict200, TransactionEvents: o.transactionEvents,
		},
		Log: slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level})),
	}
}

func (o options) startScript(gateway *sandbox.Gateway) error {
	if o.script == "" {
		return nil
	}
	text, err := os.ReadFile(o.script)
	if err != nil {
		return fmt.Errorf("-script: %w", err)
	}
	script, err := control.ParseScript(gateway, text)
	if err != nil {
		return fmt.Errorf("-script %s: %w", o.script, err)
	}
	script.Start()
	return nil
}

func greet(w io.Writer, base string, o options) {
	webhooks, key := o.webhookURL, o.key
	if webhooks == "" {
		webhooks = "none, unless an order has a webhook_url"
	}
	if sandbox.LooksReal(key) {
		key = "YOUR-KEY"
	}
	fmt.Fprintf(w, `Sandbox payment gateway. No money moves here.

  Manual    %[1]s/
  API       %[1]s/v1
  Key       %[2]s  (user name of Basic authentication, no password)
  Webhooks  %[3]s

Create an order, then open its order_url and pay with a test card:

  curl -u %[2]s: -H 'Content-Type: application/json' %[1]s/v1/orders/ \
    -d '{"amount":1295,"currency":"EUR","merchant_order_id":"ORDER-001","description":"Premium widget"}'

`, base, key, webhooks)
}

// serve answers on the listener until ctx ends, and then gives the requests in hand at most grace to finish. It returns
// when they have.
func serve(ctx context.Context, listener net.Listener, gateway *sandbox.Gateway, o control.Options) error {
	server := &http.Server{Handler: control.Beside(gateway, o), ReadHeaderTimeout: 5 * time.Second}
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
