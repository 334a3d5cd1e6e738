package nopayn

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
)

// CaptureMode says when reserved money is taken (CONTRACT 2.9).
type CaptureMode string

// The capture modes. Empty takes the money with the payment.
const (
	CaptureManual  CaptureMode = "manual"  // by a capture, before the order's period ends; else the reservation is lost
	CaptureDelayed CaptureMode = "delayed" // by the gateway, when the order's period ends
)

// Object is a JSON object whose members are the caller's own. Its numbers, where it is read from JSON, are of type
// [json.Number], so that they are sent as they were written: a float64 would change an id of more than 15 digits.
type Object map[string]any

// UnmarshalJSON reads an object, and keeps the digits of its numbers.
func (o *Object) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode((*map[string]any)(o))
}

// NewOrder is an order to be made (CONTRACT 2.1). Only Amount and Currency are required; a zero field is not sent.
type NewOrder struct {
	Amount          int64  `json:"amount"`   // minor units, at least 1
	Currency        string `json:"currency"` // ISO 4217, capitals
	MerchantOrderID string `json:"merchant_order_id,omitempty"`
	Description     string `json:"description,omitempty"` // shown to the customer

	ReturnURL  string `json:"return_url,omitempty"`  // where the browser goes after success
	FailureURL string `json:"failure_url,omitempty"` // and after an error, a cancellation or expiry
	WebhookURL string `json:"webhook_url,omitempty"` // in the place of the project's own

	Locale           string      `json:"locale,omitempty"`            // of the payment page, as en-GB (CONTRACT 9.1)
	PaymentMethods   []string    `json:"payment_methods,omitempty"`   // limits what the payment page offers (CONTRACT 9.2)
	ExpirationPeriod string      `json:"expiration_period,omitempty"` // ISO 8601 duration; see Period
	CaptureMode      CaptureMode `json:"capture_mode,omitempty"`      // delayed needs ExpirationPeriod

	Transactions []NewTransaction `json:"transactions,omitempty"` // choose the method for the customer
	OrderLines   []OrderLine      `json:"order_lines,omitempty"`
	Customer     *Customer        `json:"customer,omitempty"`
	Client       *ClientInfo      `json:"client,omitempty"`
	Extra        Object           `json:"extra,omitempty"` // the shop's own, sent back with the order
}

// NewTransaction is an attempt to be made with an order: its method is chosen, so the customer gets a page of its own.
type NewTransaction struct {
	PaymentMethod      string      `json:"payment_method"` // required
	ExpirationPeriod   string      `json:"expiration_period,omitempty"`
	CaptureMode        CaptureMode `json:"capture_mode,omitempty"`
	RecurringType      string      `json:"recurring_type,omitempty"` // "first" or "recurring"
	ScheduleType       string      `json:"schedule_type,omitempty"`  // "scheduled" or "unscheduled"
	VaultToken         string      `json:"vault_token,omitempty"`    // required if it is recurring
	FirstTransactionID string      `json:"first_transaction_id,omitempty"`
	Details            Object      `json:"payment_method_details,omitempty"`
}

// OrderLine is one line of an order (CONTRACT 2.3).
type OrderLine struct {
	ID                  string `json:"id,omitempty"`           // the gateway's; not sent
	Type                string `json:"type,omitempty"`         // "physical", "digital" and so on (CONTRACT 2.3)
	MerchantOrderLineID string `json:"merchant_order_line_id"` // required, and unique in the order
	Name                string `json:"name"`                   // required
	Quantity            int    `json:"quantity"`               // at least 1
	Amount              int64  `json:"amount"`                 // of one unit with VAT, minor units; below 0 for a discount
	Currency            string `json:"currency,omitempty"`
	VATPercentage       *int   `json:"vat_percentage,omitempty"` // hundredths of a percent, 0 to 10000
	DiscountRate        *int   `json:"discount_rate,omitempty"`  // likewise
	EAN                 string `json:"ean,omitempty"`
	URL                 string `json:"url,omitempty"`
	ImageURL            string `json:"image_url,omitempty"`
}

// Customer is who buys (CONTRACT 2.4).
type Customer struct {
	MerchantCustomerID  string    `json:"merchant_customer_id,omitempty"`
	EmailAddress        string    `json:"email_address,omitempty"`
	FirstName           string    `json:"first_name,omitempty"`
	LastName            string    `json:"last_name,omitempty"`
	AddressType         string    `json:"address_type,omitempty"` // "customer", "billing" or "delivery"
	Address             string    `json:"address,omitempty"`
	HouseNumber         string    `json:"housenumber,omitempty"`
	PostalCode          string    `json:"postal_code,omitempty"`
	Country             string    `json:"country,omitempty"`       // ISO 3166, two capitals
	PhoneNumbers        []string  `json:"phone_numbers,omitempty"` // E.164
	Locale              string    `json:"locale,omitempty"`        // as nl_NL or nl
	IPAddress           string    `json:"ip_address,omitempty"`
	UserAgent           string    `json:"user_agent,omitempty"`
	ForwardedIP         string    `json:"forwarded_ip,omitempty"`
	Referrer            string    `json:"referrer,omitempty"`
	Gender              string    `json:"gender,omitempty"`    // "male" or "female"
	Birthdate           string    `json:"birthdate,omitempty"` // 2006-01-02
	AdditionalAddresses []Address `json:"additional_addresses,omitempty"`
}

// Address is a further address of a customer.
type Address struct {
	AddressType string `json:"address_type,omitempty"` // as the customer's
	Address     string `json:"address,omitempty"`
	HouseNumber string `json:"housenumber,omitempty"`
	PostalCode  string `json:"postal_code,omitempty"`
	Country     string `json:"country,omitempty"`
}

// ClientInfo names the shop's software.
type ClientInfo struct {
	PlatformName    string `json:"platform_name,omitempty"`
	PlatformVersion string `json:"platform_version,omitempty"`
	PluginName      string `json:"plugin_name,omitempty"`
	PluginVersion   string `json:"plugin_version,omitempty"`
}

// Period writes d as an ISO 8601 duration in whole seconds, for ExpirationPeriod.
func Period(d time.Duration) string {
	return "PT" + strconv.FormatInt(int64(d/time.Second), 10) + "S"
}

// look finds what the gateway would refuse, or read otherwise than it was meant.
func (o NewOrder) look(f *findings) {
	f.amount("amount", o.Amount)
	f.currency("currency", o.Currency)
	f.webURL("return_url", o.ReturnURL)
	f.webURL("failure_url", o.FailureURL)
	f.webURL("webhook_url", o.WebhookURL)
	f.locale("locale", o.Locale)
	f.period("expiration_period", o.ExpirationPeriod)
	f.captureMode("capture_mode", o.CaptureMode, o.ExpirationPeriod)
	for i, t := range o.Transactions {
		t.look(f, index("transactions", i), o.ExpirationPeriod)
	}
	lookAtLines(f, "order_lines", o.OrderLines)
	if o.Customer != nil {
		o.Customer.look(f)
	}
	f.extra(o.Extra)
}

func (t NewTransaction) look(f *findings, path, orderPeriod string) {
	f.required(path+".payment_method", t.PaymentMethod)
	f.period(path+".expiration_period", t.ExpirationPeriod)
	period := t.ExpirationPeriod
	if period == "" {
		period = orderPeriod
	}
	f.captureMode(path+".capture_mode", t.CaptureMode, period)
	f.oneOf(path+".recurring_type", t.RecurringType, "first", "recurring")
	f.oneOf(path+".schedule_type", t.ScheduleType, "scheduled", "unscheduled")
	if t.RecurringType == "recurring" {
		f.required(path+".vault_token", t.VaultToken)
	}
}

// lookAtLines wants every line named, and no name twice (CONTRACT 4.7 W26).
func lookAtLines(f *findings, path string, lines []OrderLine) {
	seen := make(map[string]bool, len(lines))
	for i, l := range lines {
		at := index(path, i)
		f.required(at+".merchant_order_line_id", l.MerchantOrderLineID)
		if seen[l.MerchantOrderLineID] {
			f.refuse(at+".merchant_order_line_id", "is that of another line")
		}
		seen[l.MerchantOrderLineID] = true
		f.required(at+".name", l.Name)
		f.oneOf(at+".type", l.Type, "physical", "digital", "shipping_fee", "discount", "sales_tax", "gift_card",
			"store_credit", "surcharge")
		if l.Quantity < 1 {
			f.refuse(at+".quantity", "must be at least 1")
		}
		if l.Currency != "" {
			f.currency(at+".currency", l.Currency)
		}
		f.rate(at+".vat_percentage", l.VATPercentage)
		f.rate(at+".discount_rate", l.DiscountRate)
		f.webURL(at+".url", l.URL)
		f.webURL(at+".image_url", l.ImageURL)
	}
}

func (c *Customer) look(f *findings) {
	f.addressType("customer.address_type", c.AddressType)
	f.oneOf("customer.gender", c.Gender, "male", "female")
	f.country("customer.country", c.Country)
	for i, a := range c.AdditionalAddresses {
		at := index("customer.additional_addresses", i)
		f.addressType(at+".address_type", a.AddressType)
		f.country(at+".country", a.Country)
	}
}

// withoutIDs leaves out of lines what the gateway gives itself.
func withoutIDs(lines []OrderLine) []OrderLine {
	if lines == nil {
		return nil
	}
	clean := make([]OrderLine, len(lines))
	for i, l := range lines {
		l.ID = ""
		clean[i] = l
	}
	return clean
}
