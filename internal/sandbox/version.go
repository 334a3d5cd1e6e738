package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// match refuses a call whose If-Match names other versions than the order's (CONTRACT 1.3); without the header there is
// nothing to refuse. Every call of the API that changes an order honours it. The caller holds o.mu.
func (o *order) match(header []string) error {
	tags := strings.Split(strings.Join(header, ","), ",")
	for i := range tags {
		tags[i] = strings.TrimSpace(tags[i])
	}
	if len(header) == 0 || slices.Contains(tags, "*") || slices.Contains(tags, o.answer.Load().etag) {
		return nil
	}
	return &refusal{
		status: http.StatusPreconditionFailed,
		kind:   "PreconditionFailed",
		reason: "the order has changed: read it again, and send the ETag of that answer in If-Match",
	}
}
