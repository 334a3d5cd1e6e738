// Package chaos runs the service in a world that breaks, and checks that none of its promises does. A round starts a
// Postgres, a sandbox gateway and some replicas of the real program, puts load on them as customers and shops do, and
// has faults happen meanwhile: processes die and freeze, the database goes away, the gateway fails, webhooks are lost,
// late or forged. When the faults are over the world must come to rest in the state that the gateway says is true.
//
//	report, err := chaos.Run(ctx, chaos.Config{Binary: path, Seed: 7, Load: 30 * time.Second})
//
// What happens is decided by the seed; in which order the processes come to it is not. A [Ledger] holds what was
// promised while the load went on, and [Check] compares it with what the gateway and the database hold in the end.
// It is a pure function, and its tests plant a violation of each rule.
package chaos
