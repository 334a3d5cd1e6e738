package chaos

import (
	"context"
	"math/rand/v2"
	"slices"
)

// Fault is something that goes wrong in a round.
type Fault struct {
	Name  string // as -only takes it
	About string // in a line
	// Part is what the fault takes hold of, such as "postgres": of the faults of one part a round has one. Empty is a
	// fault that goes with every other.
	Part string
	// Prepare changes the world before it is made; it may be nil.
	Prepare func(s *Setup, rng *rand.Rand)
	// Inject has the fault happen, once or again and again, until ctx ends. When it returns the fault is over, and what
	// it took away is there again. An error is one of the harness: the world could not be broken or mended. It may be nil.
	Inject func(ctx context.Context, w *World, rng *rand.Rand) error
}

// Faults lists all faults.
func Faults() []Fault {
	return slices.Concat(replicaFaults(), postgresFaults(), databaseFaults(), gatewayFaults(), webhookFaults())
}

// draw picks the faults of a round: two to four of the list, first being the number of one of them, or else all that
// only names. Rounds whose seeds follow one another have first go round the list, so that each fault has its turn.
func draw(rng *rand.Rand, all []Fault, only []string, first int) []Fault {
	if len(only) > 0 {
		return slices.DeleteFunc(slices.Clone(all), func(f Fault) bool { return !slices.Contains(only, f.Name) })
	}
	wanted := 2 + rng.IntN(3)
	order := append([]int{first}, rng.Perm(len(all))...)
	var drawn []Fault
	for _, i := range order {
		f := all[i]
		clash := slices.ContainsFunc(drawn, func(d Fault) bool {
			return d.Name == f.Name || d.Part != "" && d.Part == f.Part
		})
		if !clash && len(drawn) < wanted {
			drawn = append(drawn, f)
		}
	}
	return drawn
}
