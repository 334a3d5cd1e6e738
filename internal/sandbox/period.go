package sandbox

import (
	"regexp"
	"strconv"
	"time"
)

// defaultPeriod is the expiration period of an order that names none (CONTRACT 9.4).
const defaultPeriod = "PT30M"

// Six digits a part keep every sum within a time.Duration.
var periodPattern = regexp.MustCompile(
	`^P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?` +
		`(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})(?:\.\d{1,9})?S)?)?$`)

// endOfPeriod returns the end of an ISO 8601 duration that begins at start, such as PT30M, P30D or P0Y0M0DT0H15M0S
// (CONTRACT 1.6). ok is false when the text is no duration or its length is nothing. Fractions of a second are dropped.
func endOfPeriod(start time.Time, period string) (end time.Time, ok bool) {
	parts := periodPattern.FindStringSubmatch(period)
	if parts == nil {
		return time.Time{}, false
	}
	n := make([]int, len(parts))
	for i, digits := range parts[1:] {
		n[i], _ = strconv.Atoi(digits) // the pattern lets through digits, and nothing for an absent part
	}
	end = start.AddDate(n[0], n[1], 7*n[2]+n[3]).Add(
		time.Duration(n[4])*time.Hour + time.Duration(n[5])*time.Minute + time.Duration(n[6])*time.Second)
	return end, end.After(start)
}
