package sandbox

import "math"

// rulebook is what the requests of the API may hold (CONTRACT 1.3, 12.3). It is built once: its rules hold patterns.
type rulebook struct {
	create       rule
	update       rule
	search       rule
	refund       rule
	captureAll   rule
	captureSome  rule
	captureLines rule
	voidSome     rule
	voidLines    rule
	token        rule
	link         rule
}

func newRulebook() rulebook {
	return rulebook{
		create:       orderRequest(),
		update:       updateRequest(),
		search:       searchRequest(),
		refund:       refundRequest(),
		captureAll:   closed(),
		captureSome:  object(amountMember(), property{"description", "Why", false, text()}),
		captureLines: object(lineMember(), property{"description", "Why", false, text()}),
		// Two official clients send an empty description with every void that has none (CONTRACT 2.9).
		voidSome:  object(amountMember(), property{"description", "Why", false, textOrEmpty()}),
		voidLines: object(lineMember(), property{"description", "Why", false, textOrEmpty()}),
		token:     tokenRequest(),
		link:      linkRequest(),
	}
}

const aboutAmount = "Amount in minor units"

func amountMember() property { return property{"amount", aboutAmount, true, integer(1, math.MaxInt64)} }

// lineMember is the line of a capture or void by line.
func lineMember() property {
	return property{"order_line", "Line of the order and how much of it", true, closed(
		property{"merchant_order_line_id", "Reference of the line", true, text()},
		property{"quantity", aboutUnits, true, integer(1, math.MaxInt32)},
	)}
}

// refundRequest is what a refund accepts (CONTRACT 2.8). Its description may be null, which is dealt with before.
func refundRequest() rule {
	return object(
		amountMember(),
		property{"description", "Why the money goes back", false, text()},
		property{"merchant_order_id", "Reference of the refund", false, text()},
		property{"order_lines", "What is given back", false, unique("merchant_order_line_id", listOf(refundLine()))},
		property{"extra", "Data the shop wants back", false, free()},
	)
}

// refundLine is a line of the order as it was sent, or only its reference and quantity.
func refundLine() rule {
	required := map[string]bool{"merchant_order_line_id": true, "quantity": true}
	members := orderLineMembers()
	for i := range members {
		members[i].required = required[members[i].name]
	}
	return closed(members...)
}

// searchRequest knows the members that are searched for; others are let through and do nothing.
func searchRequest() rule {
	return object(
		property{"merchant_order_id", "Reference of the shop", false, text()},
		property{"status", "Status of the order", false, text()},
		property{"amount", aboutAmount, false, integer(1, math.MaxInt64)},
		property{"currency", "Currency of the amount", false, currency()},
	)
}

func tokenRequest() rule {
	return object(
		property{"pan", "Number of the card", true, text()},
		property{"expiry_date", "Last month of the card", true, textLike(monthPattern(), "must be a month as MMYY")},
		property{"setup_token", "Token of the order's card form", true, text()},
	)
}

// linkRequest is what POST /v1/paymentlinks/ accepts (CONTRACT 2.10).
func linkRequest() rule {
	return object(
		property{"merchant_order_id", "Reference of the shop", true, text()},
		amountMember(),
		property{"currency", "Currency of the amount", true, currency()},
		property{"description", "What is paid for, shown to the customer", false, text()},
		property{"payment_methods", "Methods the payment page offers", false, listOf(activeMethod())},
		property{"expiration_period", "Time the link can be paid", false, duration()},
		property{"return_url", "Where the customer goes after success", false, webURL()},
		property{"failure_url", "Where the customer goes after failure", false, webURL()},
		property{"webhook_url", "Receiver of the webhooks", false, webURL()},
		property{"customer", "Who pays", false, customer()},
	)
}
