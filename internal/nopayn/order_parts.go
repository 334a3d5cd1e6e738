package nopayn

import (
	"fmt"
	"math"
)

// Lines reads OrderLines: none is nil. An error names the line and the member at fault, its quantity or its amount,
// which must be whole numbers. Everything else of a line is descriptive.
func (o *Order) Lines() ([]OrderLine, error) {
	if o.OrderLines == nil {
		return nil, nil
	}
	doc, err := parseJSON(o.OrderLines)
	if err != nil {
		return nil, fmt.Errorf("order_lines: %w", err)
	}
	lines, err := list(doc, decodeLine)
	if err != nil {
		return nil, fmt.Errorf("order_lines: %w", err)
	}
	return lines, nil
}

func decodeLine(doc value) (OrderLine, error) {
	var l OrderLine
	if !doc.isObject() {
		return l, errNotObject
	}
	err := readMembers(doc, l.read)
	return l, err
}

// read takes one member of a line. What a line costs must not be given twice or in another type.
func (l *OrderLine) read(name []byte, v value) (matters bool, err error) {
	switch string(name) {
	case "quantity":
		var n int64
		if n, err = v.whole(); n < math.MinInt32 || n > math.MaxInt32 {
			err = errNotWhole
		}
		l.Quantity = int(n)
		return true, err
	case "amount":
		l.Amount, err = v.whole()
		return true, err
	}
	l.describe(name, v)
	return false, nil
}

func (l *OrderLine) describe(name []byte, v value) {
	switch string(name) {
	case "id":
		l.ID = v.label()
	case "type":
		l.Type = v.label()
	case "merchant_order_line_id":
		l.MerchantOrderLineID = v.label()
	case "name":
		l.Name = v.label()
	case "currency":
		l.Currency = v.label()
	case "vat_percentage":
		l.VATPercentage = v.optional()
	case "discount_rate":
		l.DiscountRate = v.optional()
	case "ean":
		l.EAN = v.label()
	case "url":
		l.URL = v.label()
	case "image_url":
		l.ImageURL = v.label()
	}
}

// CustomerData reads Customer: none is nil. All of it is descriptive, so what is of the wrong type reads as absent.
func (o *Order) CustomerData() *Customer {
	doc, err := parseJSON(o.Customer)
	if err != nil || !doc.isObject() {
		return nil
	}
	c := new(Customer)
	for name, v := range doc.members() {
		switch string(name) {
		case "phone_numbers":
			c.PhoneNumbers = v.labels()
		case "additional_addresses":
			for _, item := range v.items() {
				c.AdditionalAddresses = append(c.AdditionalAddresses, describeAddress(item))
			}
		default:
			if field := c.field(string(name)); field != nil {
				*field = v.label()
			}
		}
	}
	return c
}

// field is where a member that is a string goes, or nil.
func (c *Customer) field(member string) *string {
	return map[string]*string{
		"merchant_customer_id": &c.MerchantCustomerID, "email_address": &c.EmailAddress, "first_name": &c.FirstName,
		"last_name": &c.LastName, "address_type": &c.AddressType, "address": &c.Address, "housenumber": &c.HouseNumber,
		"postal_code": &c.PostalCode, "country": &c.Country, "locale": &c.Locale, "ip_address": &c.IPAddress,
		"user_agent": &c.UserAgent, "forwarded_ip": &c.ForwardedIP, "referrer": &c.Referrer, "gender": &c.Gender,
		"birthdate": &c.Birthdate,
	}[member]
}

func describeAddress(doc value) Address {
	return Address{
		AddressType: doc.member("address_type").label(), Address: doc.member("address").label(),
		HouseNumber: doc.member("housenumber").label(), PostalCode: doc.member("postal_code").label(),
		Country: doc.member("country").label(),
	}
}
