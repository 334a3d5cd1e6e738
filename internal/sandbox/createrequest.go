package sandbox

import (
	"math"
	"regexp"
)

// orderRequest is what POST /v1/orders/ accepts (CONTRACT 2.1, 12.3). Members it does not know are let through and not
// kept, save in order lines, where the contract says they are refused.
func orderRequest() rule {
	return object(
		amountMember(),
		property{"currency", "Currency of the amount", true, currency()},
		property{"merchant_order_id", "Reference of the shop", false, text()},
		property{"description", "What is paid for, shown to the customer", false, text()},
		property{"return_url", "Where the customer goes after success", false, webURL()},
		property{"failure_url", "Where the customer goes after failure", false, webURL()},
		property{"webhook_url", "Receiver of this order's webhooks", false, webURL()},
		property{"locale", "Language of the payment page", false, text()},
		property{"payment_methods", "Methods the payment page offers", false, listOf(activeMethod())},
		property{"transactions", "Payments to prepare", false, listOf(transactionRequest())},
		property{"expiration_period", aboutPeriod, false, duration()},
		property{"capture_mode", "When the money is taken", false, captureMode()},
		property{"order_lines", "What is bought", false, unique("merchant_order_line_id", listOf(orderLine()))},
		property{"customer", "Who buys", false, customer()},
		property{"client", "Software of the shop", false, client()},
		property{"extra", "Data the shop wants back", false, free()},
	)
}

const aboutPeriod = "Time the customer has to pay"

func captureMode() rule { return oneOf("manual", "delayed") }

func transactionRequest() rule {
	return object(
		property{"payment_method", "Method of the payment", true, activeMethod()},
		property{"expiration_period", aboutPeriod, false, duration()},
		property{"capture_mode", "When the money is taken", false, captureMode()},
		property{"recurring_type", "Place in a series of payments", false, oneOf("first", "recurring")},
		property{"schedule_type", "Kind of a series of payments", false, oneOf("scheduled", "unscheduled")},
		property{"vault_token", "Stored card", false, text()},
		property{"first_transaction_id", "First payment of the series", false, text()},
		property{"payment_method_details", "Details of the payment method", false, object(
			property{"dynamic_descriptor", "Text on the customer's statement", false, text()},
			property{"use_customer_name_as_cardholder_name", "Whose name the card bears", false, boolean()},
			property{"setup_token", "Whether the shop shows its own card form", false, boolean()},
		)},
	)
}

func orderLine() rule { return closed(orderLineMembers()...) }

func orderLineMembers() []property {
	const percent = 10_000 // in hundredths of a percent
	return []property{
		{"type", "Kind of the line", false, oneOf("physical", "digital", "shipping_fee", "discount",
			"sales_tax", "gift_card", "store_credit", "surcharge")},
		{"merchant_order_line_id", "Reference of the line", true, text()},
		{"name", "Name of the article", true, text()},
		{"quantity", aboutUnits, true, integer(1, math.MaxInt32)},
		{"amount", "Price of one unit with VAT, in minor units", true, integer(math.MinInt64, math.MaxInt64)},
		{"currency", "Currency of the line", false, currency()},
		{"vat_percentage", "VAT in hundredths of a percent", false, integer(0, percent)},
		{"discount_rate", "Discount in hundredths of a percent", false, integer(0, percent)},
		{"ean", "Number of the article", false, text()},
		{"url", "Page of the article", false, webURL()},
		{"image_url", "Picture of the article", false, webURL()},
	}
}

func customer() rule {
	country := regexp.MustCompile(`^[A-Z]{2}$`)
	return object(
		property{"merchant_customer_id", "Reference of the customer", false, text()},
		property{"email_address", "E-mail address", false, text()},
		property{"first_name", "First name", false, text()},
		property{"last_name", "Last name", false, text()},
		property{"address_type", "Kind of the address", false, oneOf("customer", "billing", "delivery")},
		property{"address", "Address", false, text()},
		property{"housenumber", "House number", false, text()},
		property{"postal_code", "Postal code", false, text()},
		property{"country", "Country", false, textLike(country, "must be a country code of two capital letters")},
		property{"phone_numbers", "Telephone numbers", false, listOf(text())},
		property{"locale", "Language of the customer", false, text()},
		property{"ip_address", "Address on the net", false, text()},
		property{"user_agent", "Browser", false, text()},
		property{"forwarded_ip", "Address behind a proxy", false, text()},
		property{"referrer", "Page the customer came from", false, text()},
		property{"gender", "Gender", false, oneOf("male", "female")},
		property{"birthdate", "Date of birth", false, text()},
		property{"additional_addresses", "Other addresses", false, listOf(free())},
	)
}

func client() rule {
	return object(
		property{"platform_name", "Shop system", false, text()},
		property{"platform_version", "Version of the shop system", false, text()},
		property{"plugin_name", "Plugin", false, text()},
		property{"plugin_version", "Version of the plugin", false, text()},
	)
}

// echoed are the members of a request that the order shows as they came.
func echoed() []string {
	return []string{
		"amount", "currency", "merchant_order_id", "description", "return_url", "failure_url", "webhook_url", "locale",
		"payment_methods", "expiration_period", "capture_mode", "customer", "client", "extra",
	}
}
