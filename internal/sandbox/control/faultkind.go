package control

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"webhookd/internal/sandbox"
)

// faultKind is a kind of fault that can be asked for by name. One of its two functions is set.
type faultKind struct {
	name  string
	about string // for people
	takes string // the members of its own, for people

	webhook func(asked *members) sandbox.WebhookFault
	api     func(asked *members) sandbox.Fault
}

// faultKinds returns all kinds: first those of webhooks, then those of the API.
func faultKinds() []faultKind { return append(webhookKinds(), apiKinds()...) }

func webhookKinds() []faultKind {
	return []faultKind{
		{name: "lose", about: "The webhook is never sent.", webhook: always(sandbox.Lose)},
		{
			name: "delay", about: "The webhook is sent later, by the clock.", takes: "delay (10s)",
			webhook: func(m *members) sandbox.WebhookFault { return sandbox.Delay(m.positive("delay", 10*time.Second)) },
		},
		{
			name: "duplicate", about: "The webhook is sent, and as many copies of it.", takes: "copies (1)",
			webhook: func(m *members) sandbox.WebhookFault {
				return sandbox.Duplicate(int(m.integer("copies", 1, 100, 1)))
			},
		},
		{
			name: "reorder", about: "The webhook is sent after the next one, or after a minute.",
			webhook: always(sandbox.Reorder),
		},
	}
}

func apiKinds() []faultKind {
	status := func(m *members, absent int64) int { return int(m.integer("status", 200, 599, absent)) }
	return []faultKind{
		{
			name: "slow", about: "The call waits, in real time, and is answered then.", takes: "delay (2s)",
			api: func(m *members) sandbox.Fault { return sandbox.Slow(m.positive("delay", 2*time.Second)) },
		},
		{
			name: "status", about: "An error with this status; nothing is done.", takes: "status (500)",
			api: func(m *members) sandbox.Fault { return sandbox.Refuse(status(m, http.StatusInternalServerError)) },
		},
		{
			name: "status_after", about: "The work is done, and then answered with this error.", takes: "status (500)",
			api: func(m *members) sandbox.Fault { return sandbox.RefuseAfter(status(m, http.StatusInternalServerError)) },
		},
		{
			name: "html", about: "A proxy's error page in HTML; nothing is done.", takes: "status (502)",
			api: func(m *members) sandbox.Fault { return sandbox.Proxy(status(m, http.StatusBadGateway)) },
		},
		{
			name: "empty", about: "No body. The work is done, unless a status is given.", takes: "status",
			api: func(m *members) sandbox.Fault { return sandbox.Empty(status(m, 0)) },
		},
		{name: "hang", about: "No answer ever.", api: always(sandbox.Hang)},
		{name: "cut", about: "The connection is closed; nothing is done.", api: always(sandbox.Cut)},
		{
			name: "cut_body", about: "The work is done, and the answer broken off in the middle.",
			api: always(sandbox.CutBody),
		},
		{
			name: "lose_answer", about: "The work is done, and the connection closed without an answer.",
			api: always(sandbox.LoseAnswer),
		},
		{name: "missing", about: "There is no such order.", api: always(sandbox.Missing)},
		{name: "unauthorized", about: "The key is wrong.", api: always(sandbox.Unauthorized)},
		{name: "error_200", about: "An error in the body under status 200.", api: always(sandbox.ErrorUnderOK)},
		{
			name: "error_200_after", about: "The work is done, and an error in the body under status 200.",
			api: always(sandbox.ErrorUnderOKAfter),
		},
		{
			name: "rate_limit", about: "Too many requests: status 429.", takes: "retry_after (5s)",
			api: func(m *members) sandbox.Fault { return sandbox.RateLimit(m.period("retry_after", 5*time.Second)) },
		},
		{
			name: "unknown_status", about: "Orders have a status nobody has heard of.",
			api: always(sandbox.UnknownStatus),
		},
		{
			name: "unknown_fields", about: "Orders have members nobody has heard of.",
			api: always(sandbox.UnknownFields),
		},
		{name: "no_transactions", about: "Orders lack transactions.", api: always(sandbox.NoTransactions)},
		{
			name: "stale", about: "Orders are shown as they were a while ago, by the clock.", takes: "delay (5s)",
			api: func(m *members) sandbox.Fault { return sandbox.Stale(m.positive("delay", 5*time.Second)) },
		},
	}
}

// always is for a kind that has no members of its own.
func always[F any](fault func() F) func(*members) F { return func(*members) F { return fault() } }

// findKind returns the kind with this name.
func findKind(name string) (kind faultKind, known bool) {
	kinds := faultKinds()
	i := slices.IndexFunc(kinds, func(k faultKind) bool { return k.name == name })
	if i < 0 {
		return faultKind{}, false
	}
	return kinds[i], true
}

// kindNames returns the names of all kinds, as a list for people.
func kindNames() string {
	var names []string
	for _, k := range faultKinds() {
		names = append(names, k.name)
	}
	return strings.Join(names, ", ")
}
