package nopayn

// Status is the gateway's word for where an order stands (CONTRACT 3.1). The vocabulary is open: a value not
// listed here is kept as it came, and is neither paid nor final.
type Status string

// The documented order statuses.
const (
	StatusNew        Status = "new"
	StatusProcessing Status = "processing"
	StatusCompleted  Status = "completed"
	StatusCancelled  Status = "cancelled"
	StatusExpired    Status = "expired"
	StatusError      Status = "error"
	StatusAuthorized Status = "authorized" // undocumented; one official plugin expects it
)

// Final reports whether the official SDKs call s final: completed, cancelled, expired or error. An order in error
// may still become completed (CONTRACT 11, C1), so Final is for compatibility and not a reason to stop looking.
func (s Status) Final() bool {
	switch s {
	case StatusCompleted, StatusCancelled, StatusExpired, StatusError:
		return true
	}
	return false
}
