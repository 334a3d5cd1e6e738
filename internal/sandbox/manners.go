package sandbox

import (
	"cmp"
	"sync/atomic"
	"time"
)

// RefundAnswer is the shape of the answer to a refund. The contract knows three (CONTRACT 2.8).
type RefundAnswer string

// The shapes of a refund's answer.
const (
	// AnswerRefundOrder is the refund as an order of its own. It has every member of the flat shape with the meaning it
	// has there, save that its status is one of an order, so that every official client digests it.
	AnswerRefundOrder RefundAnswer = "refund order"
	// AnswerFlat is the refund as the guide shows it, with the statuses pending, completed and failed. Its id is the
	// refund order's, so that a GET can follow it.
	AnswerFlat RefundAnswer = "flat"
	// AnswerOriginalOrder is the refunded order after the refund.
	AnswerOriginalOrder RefundAnswer = "original order"
)

// RefundAnswers returns the shapes of a refund's answer, the default first.
func RefundAnswers() []RefundAnswer {
	return []RefundAnswer{AnswerRefundOrder, AnswerFlat, AnswerOriginalOrder}
}

// CaptureAnswer is the shape of the answer to a capture or a void (CONTRACT 2.9).
type CaptureAnswer string

// The shapes of the answer to a capture or a void.
const (
	AnswerOrder       CaptureAnswer = "order"       // the whole order, which can be read as a transaction too
	AnswerTransaction CaptureAnswer = "transaction" // the authorization alone
	AnswerEmpty       CaptureAnswer = "empty"       // no body at all
)

// CaptureAnswers returns the shapes of the answer to a capture or a void, the default first.
func CaptureAnswers() []CaptureAnswer {
	return []CaptureAnswer{AnswerOrder, AnswerTransaction, AnswerEmpty}
}

// manners are the ways of answering that can be changed while the gateway serves.
type manners struct {
	refundAnswer   atomic.Value // RefundAnswer
	captureAnswer  atomic.Value // CaptureAnswer
	refundDelay    atomic.Int64 // time.Duration
	failingRefunds atomic.Int64
}

func (m *manners) set(cfg Config) {
	m.refundAnswer.Store(cmp.Or(cfg.RefundAnswer, AnswerRefundOrder))
	m.captureAnswer.Store(cmp.Or(cfg.CaptureAnswer, AnswerOrder))
	m.refundDelay.Store(int64(cfg.RefundDelay))
}

// SetRefundAnswer sets the shape in which refunds are answered from now on. An unknown or empty one stands for
// AnswerRefundOrder.
func (g *Gateway) SetRefundAnswer(a RefundAnswer) { g.manners.refundAnswer.Store(a) }

// SetCaptureAnswer sets the shape in which captures and voids are answered from now on. An unknown or empty one stands
// for AnswerOrder.
func (g *Gateway) SetCaptureAnswer(a CaptureAnswer) { g.manners.captureAnswer.Store(a) }

// SetRefundDelay sets how long refunds made from now on are under way before they are completed; zero completes them at
// once. Those under way keep their time.
func (g *Gateway) SetRefundDelay(d time.Duration) { g.manners.refundDelay.Store(int64(d)) }

// FailRefunds has the next n refunds fail in the place of being completed: at once, or after the delay. The gateway
// takes them as it takes any other; their orders end in error, and the money stays refundable.
func (g *Gateway) FailRefunds(n int) { g.manners.failingRefunds.Store(int64(max(n, 0))) }

// takeFailure reports whether the refund now made is one that fails, and counts it.
func (m *manners) takeFailure() bool {
	for {
		left := m.failingRefunds.Load()
		if left <= 0 {
			return false
		}
		if m.failingRefunds.CompareAndSwap(left, left-1) {
			return true
		}
	}
}
