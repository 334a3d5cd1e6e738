package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"webhookd/internal/demoshop"
	"webhookd/internal/sandbox"
	"webhookd/internal/sandbox/control"
)

// stopTimeout bounds the whole stop. Each part has its own, shorter limit.
const stopTimeout = 45 * time.Second

// cast is everything that runs.
type cast struct {
	places  places
	keys    keys
	gateway *sandbox.Gateway
	service *child
	kept    string // folder of the database; empty if it is thrown away

	stops []func(context.Context) error // in the order of the starts
}

// perform starts everything, tells the story or waits for the end of ctx, and stops everything in order.
func perform(ctx context.Context, o options, stdout, stderr io.Writer) error {
	began := time.Now()
	dir, err := keptDir(o)
	if err != nil {
		return err
	}
	log, err := openLog(o, dir, stdout, stderr)
	if err != nil {
		return err
	}
	defer log.close()
	c := &cast{kept: dir, keys: newKeys()}
	err = c.start(ctx, o, log, stdout)
	switch {
	case err == nil && o.once:
		err = c.tell(ctx, &timeline{to: stdout, began: began})
	case err == nil:
		c.greet(stdout)
		err = c.wait(ctx)
	case ctx.Err() != nil && !o.once:
		err = nil // told to end before all was up: no failure
	}
	fmt.Fprintln(stdout, "\nStopping.")
	return errors.Join(err, c.stop(context.WithoutCancel(ctx)))
}

// start starts the parts, each of which needs the one before.
func (c *cast) start(ctx context.Context, o options, log *logs, stdout io.Writer) error {
	var err error
	if c.places, err = openPlaces(ctx, !o.once, stdout); err != nil {
		return err
	}
	c.onStop(func(context.Context) error { c.places.close(); return nil }) // those that nobody came to use
	fmt.Fprintln(stdout, "Starting Postgres and building webhookd ...")
	database, err := startDatabase(ctx, c.kept)
	if err != nil {
		return err
	}
	c.onStop(database.Stop)
	c.startGateway(log)
	if c.service, err = c.startService(ctx, database.URL("postgres"), log); err != nil {
		return err
	}
	return c.startShop(log)
}

func (c *cast) startGateway(log *logs) {
	c.gateway = sandbox.New(sandbox.Config{
		PublicURL: c.places.gateway.url(), WebhookURL: c.webhookURL(),
		Clock: sandbox.NewSpeedClock(time.Now(), 1), // real time that can be put forward
		Log:   slog.New(slog.NewTextHandler(log.of("gateway"), nil)),
	})
	handler := control.Beside(c.gateway, control.Options{Key: sandbox.DefaultAPIKey})
	c.onStop(serveOn(c.places.gateway.listener, handler).stop)
	c.onStop(func(context.Context) error { c.gateway.Close(); return nil })
}

// startService builds webhookd, starts it and waits until it is ready.
func (c *cast) startService(ctx context.Context, databaseURL string, log *logs) (*child, error) {
	binary, remove, err := buildService(ctx)
	if err != nil {
		return nil, err
	}
	defer remove()
	if err := c.places.freeForService(); err != nil {
		return nil, err
	}
	service, err := startService(ctx, binary, serviceEnvironment{
		databaseURL: databaseURL, gatewayURL: c.places.gateway.url(), keys: c.keys,
		listenAddr: c.places.service.addr(), adminAddr: c.places.admin.addr(), publicURL: c.places.service.url(),
	}, log.of("webhookd"))
	if err != nil {
		return nil, err
	}
	c.onStop(service.stop)
	return service, awaitReady(ctx, service, c.places.admin.url()+"/readyz")
}

func (c *cast) startShop(log *logs) error {
	shop, err := demoshop.New(demoshop.Config{
		PublicURL:  c.places.shop.url(),
		GatewayURL: c.places.gateway.url(), GatewayKey: sandbox.DefaultAPIKey,
		ServiceURL: c.places.service.url(), ServiceKey: c.keys.shop,
		WebhookURL: c.webhookURL(),
		ControlURL: c.places.gateway.url(),
		Log:        slog.New(slog.NewTextHandler(log.of("shop"), nil)),
	})
	if err != nil {
		return err
	}
	c.onStop(serveOn(c.places.shop.listener, shop).stop)
	return nil
}

func (c *cast) webhookURL() string {
	return c.places.service.url() + "/webhooks/costplus/" + c.keys.webhookToken
}

// wait returns when ctx ends, or with an error when webhookd does.
func (c *cast) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-c.service.done:
		return fmt.Errorf("webhookd ended by itself: %w", c.service.howItEnded())
	}
}

func (c *cast) onStop(f func(context.Context) error) { c.stops = append(c.stops, f) }

// stop ends the parts, the last to be started first, and returns when they have ended.
func (c *cast) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	var failed []error
	for i := len(c.stops) - 1; i >= 0; i-- {
		failed = append(failed, c.stops[i](ctx))
	}
	return errors.Join(failed...)
}
