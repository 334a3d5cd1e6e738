package store

import "time"

// WorthAnother is how many waiting hints get a commit of their own.
const WorthAnother = worthAnother

// Waiting is how many hints wait for the next commit.
func (in *Intake) Waiting() int {
	in.commit.mu.Lock()
	defer in.commit.mu.Unlock()
	return len(in.commit.waiting)
}

// WaitingAnswers is how many answers wait for the next commit.
func (s *Store) WaitingAnswers() int {
	s.results.mu.Lock()
	defer s.results.mu.Unlock()
	return len(s.results.waiting)
}

// OneAtATime has the intake make one commit after the other, however many wait. It must be called before it is used.
func (in *Intake) OneAtATime() { in.commit.lanes = 1 }

// LimitWaiting has the intake refuse hints when n wait.
func (in *Intake) LimitWaiting(n int) { in.commit.limit = n }

// GiveTime has commits take longer than a webhook's sender waits, where nobody does. It must be called before the store
// is used.
func (s *Store) GiveTime(d time.Duration) { s.commitTime, s.results.timeout = d, d }
