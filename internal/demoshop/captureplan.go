package demoshop

import "webhookd/internal/nopayn"

// capturePlan is when the shop takes the money.
type capturePlan string

const (
	takeAtOnce capturePlan = "at-once"
	reserve    capturePlan = "reserve" // and capture later
)

func (p capturePlan) known() bool { return p == takeAtOnce || p == reserve }

// mode is the gateway's capture_mode; empty for money that is taken at once.
func (p capturePlan) mode() nopayn.CaptureMode {
	if p == reserve {
		return nopayn.CaptureManual
	}
	return ""
}

// period is how long a customer has to pay, as an ISO 8601 duration. It also limits the capture of a reservation, so
// that half an hour would lose the money before the parcel is packed (CONTRACT 9.4, 4.7 W35).
func (p capturePlan) period() string {
	if p == reserve {
		return "P7D"
	}
	return "PT30M"
}
