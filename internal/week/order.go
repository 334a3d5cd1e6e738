package week

import (
	"strconv"
	"time"

	"webhookd/internal/nopayn"
	"webhookd/internal/payment"
)

// order is one at the played gateway.
type order struct {
	id       string
	ref      string
	status   nopayn.Status
	amount   int64
	created  time.Time
	modified time.Time
	period   time.Duration
	attempts []attempt
	manual   bool // to be captured later
	captured int64
	voided   int64
	refunded int64
	refunds  []string
	refundOf string

	// Of the service's knowledge:
	unseen bool // the newest change is not stored
	news   news // what becomes of the webhook that tells of it
}

// news is what becomes of a webhook.
type news int

const (
	prompt news = iota // it comes at once
	late
	lost // or there is none
)

// attempt is one try to pay.
type attempt struct {
	method  string
	status  string
	created time.Time
	changed time.Time
}

// try adds an attempt.
func (o *order) try(method string, now time.Time) {
	o.attempts = append(o.attempts, attempt{method: method, status: "pending", created: now, changed: now})
}

// last ends the newest attempt.
func (o *order) last(status string, now time.Time) {
	a := &o.attempts[len(o.attempts)-1]
	a.status, a.changed = status, now
}

// state is what the service should make of it.
func (o *order) state() (payment.State, error) {
	doc, err := nopayn.ParseOrder(o.document(true))
	if err != nil {
		return "", err
	}
	return payment.Assess(doc).State, nil
}

const (
	projectID  = "9b1c2f64-7d53-4a0b-8f0d-2f3e5a6b7c88"
	merchantID = "5d0f6c0e-3b7a-4f0e-9a52-0c6a1f0e7b11"
)

// document renders it as CONTRACT 2.2 has it.
func (o *order) document(amounts bool) []byte {
	b := jsonObject{make([]byte, 0, 2048)}
	b.open()
	b.text("id", o.id)
	b.text("merchant_id", merchantID)
	b.text("project_id", projectID)
	b.text("merchant_order_id", o.ref)
	b.time("created", o.created)
	b.time("modified", o.modified)
	if o.status.Final() {
		b.time("completed", o.modified)
	}
	b.text("expiration_period", period(o.period))
	b.text("status", string(o.status))
	b.text("currency", "EUR")
	b.number("amount", o.amount)
	b.text("description", "Your order at the shop that never sleeps")
	b.text("return_url", "https://shop.example.com/checkout/success")
	b.text("failure_url", "https://shop.example.com/checkout/failure")
	b.text("webhook_url", "https://pay.shop.example.com/webhooks/costplus/Zk3v9Qx7")
	b.text("order_url", "https://api.nopayn.co.uk/pay/"+o.id+"/select-payment-method/")
	b.text("locale", "de-DE")
	if o.manual {
		b.text("capture_mode", "manual")
	}
	b.texts("flags", o.flags())
	if o.refundOf != "" {
		b.text("refund_of_order_id", o.refundOf)
	}
	if o.refunded > 0 {
		b.number("refunded_amount", o.refunded)
		b.texts("refund_orders", o.refunds)
	}
	if amounts {
		o.appendAmounts(&b)
	}
	o.appendAttempts(&b)
	b.close()
	return b.b
}

func (o *order) flags() []string {
	flags := []string{}
	if o.refundOf != "" {
		flags = append(flags, "is-refund")
	}
	if o.refunded > 0 {
		flags = append(flags, "has-refunds")
	}
	if o.captured > 0 {
		flags = append(flags, "has-captures")
	}
	if o.voided > 0 {
		flags = append(flags, "has-voids")
	}
	return flags
}

func (o *order) appendAmounts(b *jsonObject) {
	took := o.captured
	if !o.manual && o.status == nopayn.StatusCompleted {
		took = o.amount
	}
	b.name("amount_details")
	b.open()
	b.number("capturable", o.capturable())
	b.number("captured", took)
	b.number("refundable", took-o.refunded)
	b.number("refunded", o.refunded)
	b.number("voidable", o.capturable())
	b.number("voided", o.voided)
	b.close()
}

// capturable is how much is reserved.
func (o *order) capturable() int64 {
	if !o.manual || o.status != nopayn.StatusCompleted || o.captured > 0 || o.voided > 0 {
		return 0
	}
	return o.amount
}

func (o *order) appendAttempts(b *jsonObject) {
	if len(o.attempts) == 0 {
		return
	}
	b.name("transactions")
	b.b = append(b.b, '[')
	for i, a := range o.attempts {
		if i > 0 {
			b.b = append(b.b, ',')
		}
		b.open()
		o.appendAttempt(b, i, a)
		b.close()
	}
	b.b = append(b.b, ']')
}

func (o *order) appendAttempt(b *jsonObject, i int, a attempt) {
	b.text("id", o.id[:35]+strconv.Itoa(i%10))
	b.text("order_id", o.id)
	b.text("merchant_id", merchantID)
	b.text("project_id", projectID)
	b.time("created", a.created)
	b.time("modified", a.changed)
	b.text("status", a.status)
	b.number("amount", o.amount)
	b.text("currency", "EUR")
	b.text("balance", "internal")
	b.text("channel", "ecom")
	b.text("credit_debit", map[bool]string{true: "debit", false: "credit"}[o.refundOf != ""])
	b.text("payment_method", a.method)
	b.text("expiration_period", period(o.period))
	if a.status == "error" {
		b.text("reason", "The card issuer declined the payment")
	}
	if o.manual {
		b.text("transaction_type", "authorization")
		b.boolean("is_capturable", a.status == "completed" && o.capturable() > 0)
		b.boolean("is_fully_captured", o.captured > 0)
	}
}

func period(d time.Duration) string {
	if d >= day {
		return "P" + strconv.Itoa(int(d/day)) + "D"
	}
	return "PT" + strconv.Itoa(int(d/time.Minute)) + "M"
}

// jsonObject is JSON being written, of texts that need no escapes.
type jsonObject struct{ b []byte }

func (j *jsonObject) open()  { j.b = append(j.b, '{') }
func (j *jsonObject) close() { j.b = append(j.b, '}') }

func (j *jsonObject) name(name string) {
	if last := j.b[len(j.b)-1]; last != '{' && last != '[' {
		j.b = append(j.b, ',')
	}
	j.quote(name)
	j.b = append(j.b, ':')
}

func (j *jsonObject) quote(s string) {
	j.b = append(j.b, '"')
	j.b = append(j.b, s...)
	j.b = append(j.b, '"')
}

func (j *jsonObject) text(name, value string) {
	j.name(name)
	j.quote(value)
}

func (j *jsonObject) number(name string, value int64) {
	j.name(name)
	j.b = strconv.AppendInt(j.b, value, 10)
}

func (j *jsonObject) boolean(name string, value bool) {
	j.name(name)
	j.b = strconv.AppendBool(j.b, value)
}

func (j *jsonObject) time(name string, t time.Time) {
	j.name(name)
	j.b = append(j.b, '"')
	j.b = t.UTC().AppendFormat(j.b, "2006-01-02T15:04:05.000000+00:00")
	j.b = append(j.b, '"')
}

func (j *jsonObject) texts(name string, values []string) {
	j.name(name)
	j.b = append(j.b, '[')
	for i, v := range values {
		if i > 0 {
			j.b = append(j.b, ',')
		}
		j.quote(v)
	}
	j.b = append(j.b, ']')
}
