package week

import (
	"context"
	"time"

	"webhookd/internal/gateway"
	"webhookd/internal/nopayn"
)

// allowance lets as many calls through in each bunch's length as the service's rate comes to in it, of which the last
// half are for orders of ours, as the budget has it.
type allowance struct {
	*gateway.Gateway
	length time.Duration
	world  *world

	window int64 // the one that used is of
	used   int
}

// Room is that of the gateway within the allowance.
func (a *allowance) Room() gateway.Room {
	room := a.Gateway.Room()
	if room.Closed {
		return room
	}
	a.world.mu.Lock()
	defer a.world.mu.Unlock()
	past := a.turn()
	whole := int(rps * a.length.Seconds())
	left := whole - a.used
	if left <= 0 {
		return gateway.Room{Wait: a.length - past}
	}
	room.Calls = min(room.Calls, left)
	room.Spare = max(0, min(room.Spare, left-whole/2))
	return room
}

// Order counts and asks.
func (a *allowance) Order(ctx context.Context, id string, fields ...nopayn.Field) (gateway.Answer, error) {
	a.world.mu.Lock()
	a.turn()
	a.used++
	a.world.mu.Unlock()
	return a.Gateway.Order(ctx, id, fields...)
}

// turn begins a new window if it is time to, and says how much of it is past.
func (a *allowance) turn() time.Duration {
	since := time.Since(a.world.begin)
	if window := int64(since / a.length); window != a.window {
		a.window, a.used = window, 0
	}
	return since % a.length
}
