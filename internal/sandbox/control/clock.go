package control

import (
	"net/http"
	"time"

	"webhookd/internal/sandbox"
)

// maxAdvance is the furthest the clock is moved at once.
const maxAdvance = 10 * 365 * 24 * time.Hour

// clockView is what a clock shows, and how many of its seconds pass in a real one.
type clockView struct {
	Now   time.Time `json:"now"`
	Speed float64   `json:"speed"`
}

type movable interface{ Advance(d time.Duration) }

type speedy interface {
	Speed() float64
	SetSpeed(speed float64)
}

func viewClock(clock sandbox.Clock) clockView {
	v := clockView{Now: clock.Now().UTC(), Speed: 1}
	if s, ok := clock.(speedy); ok {
		v.Speed = s.Speed()
	} else if _, ok := clock.(movable); ok {
		v.Speed = 0 // it stands still until it is advanced
	}
	return v
}

func (c *control) showClock(*http.Request) (int, any, error) {
	return http.StatusOK, viewClock(c.gateway.Clock()), nil
}

func (c *control) moveClock(r *http.Request) (int, any, error) {
	asked, err := readMembers(r)
	if err != nil {
		return 0, nil, err
	}
	move := readClock(c.gateway.Clock(), asked)
	if err := asked.end(); err != nil {
		return 0, nil, err
	}
	move()
	return http.StatusOK, viewClock(c.gateway.Clock()), nil
}

// readClock returns what moves the clock as asked: its speed first, and then its time.
func readClock(clock sandbox.Clock, asked *members) (move func()) {
	speed := asked.number("speed", 0, sandbox.MaxSpeed, 0)
	advance := asked.positive("advance", 0)
	speedClock, hasSpeed := clock.(speedy)
	moved, canMove := clock.(movable)
	switch {
	case !asked.has("speed") && !asked.has("advance"):
		asked.refuse("advance", `or "speed" is required`)
	case advance > maxAdvance:
		asked.refuse("advance", "must be at most %v", maxAdvance)
	}
	if asked.has("speed") && !hasSpeed {
		asked.refuse("speed", "cannot be set: the clock of this sandbox has none")
	}
	if asked.has("advance") && !canMove {
		asked.refuse("advance", "is not possible: this sandbox goes by the real time")
	}
	return func() {
		if asked.has("speed") {
			speedClock.SetSpeed(speed)
		}
		if asked.has("advance") {
			moved.Advance(advance)
		}
	}
}
