package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Reply answers with this status, header and body in the place of the gateway. The header may be nil.
func Reply(status int, header http.Header, body string) Fault {
	return replyAs("reply", status, header, body)
}

func replyAs(name string, status int, header http.Header, body string) Fault {
	return instead(FaultKind{Name: name, Status: status}, func(w http.ResponseWriter, _ *http.Request) {
		for name, values := range header {
			w.Header()[name] = values
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // fails only when the client has left
	})
}

// Refuse answers with this status and an error of shape A (CONTRACT 5), and nothing is done.
func Refuse(status int) Fault {
	return instead(FaultKind{Name: "status", Status: status}, func(w http.ResponseWriter, _ *http.Request) {
		writeError(w, &refusal{status: status, kind: "SandboxFault", reason: "a fault of the sandbox answers this call"})
	})
}

// RefuseAfter does what was asked, and then answers with this status and an error of shape A, as if it had failed: the
// order exists or the money has moved, and the shop is told otherwise (CONTRACT 4.7, W34).
func RefuseAfter(status int) Fault {
	return after(FaultKind{Name: "status_after", Status: status}, func(w http.ResponseWriter) {
		writeError(w, &refusal{status: status, kind: "SandboxFault", reason: "a fault of the sandbox answers this call"})
	})
}

// Missing answers that there is no such order.
func Missing() Fault {
	return instead(FaultKind{Name: "missing"}, func(w http.ResponseWriter, r *http.Request) {
		writeError(w, errNoOrder(r.PathValue("id")))
	})
}

// Unauthorized answers as if the key were wrong.
func Unauthorized() Fault {
	return instead(FaultKind{Name: "unauthorized"}, func(w http.ResponseWriter, _ *http.Request) {
		writeError(w, errUnauthorized())
	})
}

// RateLimit answers 429, to be tried again after this time, rounded up to a second (CONTRACT 11, C28). Without a time
// there is no Retry-After.
func RateLimit(after time.Duration) Fault {
	kind := FaultKind{Name: "rate_limit", Status: http.StatusTooManyRequests, RetryAfter: after}
	return instead(kind, func(w http.ResponseWriter, _ *http.Request) {
		if after > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int((after+time.Second-1)/time.Second)))
		}
		writeError(w, &refusal{status: kind.Status, kind: "TooManyRequests", reason: "too many requests"})
	})
}

// Proxy answers with this status and the HTML page that a proxy before the gateway shows when it cannot reach it
// (CONTRACT 5, shape E).
func Proxy(status int) Fault {
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	page := "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<h1>" + title +
		"</h1>\r\n<hr>proxy\r\n</body>\r\n</html>\r\n"
	return replyAs("html", status, http.Header{"Content-Type": {"text/html"}}, page)
}

// ErrorUnderOK answers 200 with an error in the body (CONTRACT 5, shape F), and nothing is done.
func ErrorUnderOK() Fault {
	return instead(FaultKind{Name: "error_200"}, func(w http.ResponseWriter, _ *http.Request) { writeErrorUnderOK(w) })
}

// ErrorUnderOKAfter does what was asked, and then answers 200 with an error in the body.
func ErrorUnderOKAfter() Fault { return after(FaultKind{Name: "error_200_after"}, writeErrorUnderOK) }

func writeErrorUnderOK(w http.ResponseWriter) {
	const body = `{"error":{"status":500,"type":"SandboxFault","value":"an error under status 200"}}`
	writeJSON(w, http.StatusOK, []byte(body))
}

// Empty answers with this status and no body, and nothing is done. With status 0 the gateway does what was asked, and
// its answer keeps its status and loses its body.
func Empty(status int) Fault {
	kind := FaultKind{Name: "empty", Status: status}
	if status != 0 {
		return instead(kind, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	}
	return fault(kind, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := newHeldAnswer()
			next.ServeHTTP(answer, r)
			answer.replace(nil)
			answer.send(w)
		})
	})
}
