package chaos

import (
	"context"
	"math/rand/v2"
	"time"
)

// replicaFaults take the service's processes away.
func replicaFaults() []Fault {
	return []Fault{
		{
			Name: "kill", About: "kill -9 of any replica at any moment, and a new process some time later",
			Inject: killing,
		},
		{
			Name: "deploy", About: "SIGTERM to any replica, which must end with 0 and answer what it has in hand",
			Inject: deploying,
		},
		{
			Name: "replica-gone", About: "of two or three replicas one is killed and comes back only at the end",
			Prepare: severalReplicas, Inject: goneForLong,
		},
		{
			Name: "replica-frozen", About: "SIGSTOP of a replica for longer than its leases last, beside others that go on",
			Prepare: severalReplicas, Inject: freezing,
		},
	}
}

func severalReplicas(s *Setup, rng *rand.Rand) { s.Replicas = max(s.Replicas, 2+rng.IntN(2)) }

// again has f happen to a replica that no other fault holds, again and again with pauses, until ctx ends.
func again(ctx context.Context, w *World, rng *rand.Rand, low, high time.Duration, f func(*Replica) error) error {
	for ctx.Err() == nil {
		if err := once(ctx, w, rng, low, high, f); err != nil {
			return err
		}
	}
	return nil
}

// once has f happen to a replica that no other fault holds, after a pause, unless ctx ends before.
func once(ctx context.Context, w *World, rng *rand.Rand, low, high time.Duration, f func(*Replica) error) error {
	if !pause(ctx, between(rng, low, high)) {
		return nil
	}
	r, release, err := w.Take(ctx, rng)
	if err != nil {
		return nil //nolint:nilerr // the round is over
	}
	defer release()
	return f(r)
}

func killing(ctx context.Context, w *World, rng *rand.Rand) error {
	return again(ctx, w, rng, 300*time.Millisecond, 4*time.Second, func(r *Replica) error {
		r.Kill()
		w.Injected("kill", 1)
		pause(ctx, between(rng, 0, 2*time.Second))
		return r.Start(context.WithoutCancel(ctx))
	})
}

func deploying(ctx context.Context, w *World, rng *rand.Rand) error {
	return again(ctx, w, rng, 500*time.Millisecond, 4*time.Second, func(r *Replica) error {
		r.Stop()
		w.Injected("deploy", 1)
		return r.Start(context.WithoutCancel(ctx))
	})
}

func goneForLong(ctx context.Context, w *World, rng *rand.Rand) error {
	return once(ctx, w, rng, 0, 3*time.Second, func(r *Replica) error {
		r.Kill()
		w.Injected("replica-gone", 1)
		<-ctx.Done()
		return r.Start(context.WithoutCancel(ctx))
	})
}

// freezing freezes for longer than a lease even if the load ends before, so that others have taken over when it thaws.
func freezing(ctx context.Context, w *World, rng *rand.Rand) error {
	return once(ctx, w, rng, 0, 3*time.Second, func(r *Replica) error {
		r.Freeze()
		w.Injected("replica-frozen", 1)
		pause(context.WithoutCancel(ctx), leaseTime+between(rng, time.Second, 4*time.Second))
		r.Thaw()
		return nil
	})
}
