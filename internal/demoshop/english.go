package demoshop

func english() *texts {
	return &texts{
		Lang: "en", LangName: "English", Brand: "Small Hours", DecimalMark: ".",
		Frame: frameTexts{
			Badge: "Demo shop", ShopNav: "Shop", Shop: "Shop", Orders: "Orders", Faults: "Break things",
			Language: "Language", Note: "This shop sells nothing. It shows webhookd at work. Times are UTC.",
			Gateway: "Payments by Cost+ / NoPayn", Docs: "The gateway's documentation",
		},
		Product: productTexts{
			Name:    articleName,
			Picture: "A dark bag of coffee with a crescent moon on its label",
			Eyebrow: "Roasted after dark",
			Lead:    "250 g of whole beans. Dark chocolate, black cherry, and a reason to stay up.",
			Amount:  "Amount", Currency: "Currency", Locale: "Language of the payment page",
			AmountHint: "Here you name the price. The gateway gets exactly that.",
			LocaleHint: "The gateway documents no Italian. What it makes of it is up to it.",
			Capture:    "When is the money taken?",
			AtOnce:     "Take the money at once", AtOnceHint: "as shops do that have the goods at hand",
			Reserve: "Reserve, capture later", ReserveHint: "the shop takes it when the parcel leaves",
			Pay:        "Order and pay",
			StepsTitle: "What happens then",
			Step1:      "You pay at the gateway",
			Step1Text:  "NoPayn takes the card, the shop never sees it. It tells webhookd which order to expect, and its amount.",
			Step2:      "webhookd asks the gateway",
			Step2Text:  "A webhook is only a hint. If it is lost, webhookd finds the payment on its own.",
			Step3:      "The shop asks webhookd",
			Step3Text:  "Goods leave when it says so, and for no other reason. You see each step.",
		},
		Form: formTexts{
			InDigits:    "Write the amount in digits, such as %s.",
			TooExact:    "%s has %d digits behind the point.",
			WholeOnly:   "%s has no digits behind the point.",
			TooLittle:   "The amount must be at least %s.",
			TooMuch:     "The amount must be at most %s.",
			Currency:    "Choose one of the currencies.",
			Locale:      "Choose one of the languages.",
			Capture:     "Choose when the money is taken.",
			NoNumber:    "The form came without its order number, and nothing was ordered. It has one now: send it again.",
			AlreadyUsed: "You have ordered something else with this form. It is a new one now: send it to order once more.",
			ShowIt:      "Show the first order",
		},
		Order: englishOrder(), Money: englishMoney(), Verdicts: englishVerdicts(), Messages: englishMessages(),
		Faults: englishFaults(),
		Inspector: inspectorTexts{
			Title: "Webhook inspector", Lead: "What the gateway sent for this order, as the sandbox tells it.",
			None: "The gateway has sent no webhook for this order yet.", NoAnswer: "The sandbox does not tell.",
			Event: "Event", Attempt: "attempt %d", NoAttempt: "not sent yet",
		},
		List: listTexts{
			Title:   "Orders",
			Trouble: "webhookd does not answer, so it is not known what became of these orders.",
			MayShip: "may be shipped", Stays: "stays here", History: "History",
			Empty: "Nobody has ordered yet", EmptyText: "Orders appear here as soon as they are placed.",
			ToShop: "Go to the shop",
		},
		Currencies: map[string]string{
			"EUR": "Euro", "GBP": "Pound sterling", "USD": "US dollar", "NOK": "Norwegian krone", "SEK": "Swedish krona",
			"DKK": "Danish krone", "JPY": "Japanese yen", "KWD": "Kuwaiti dinar",
		},
		States: map[string]string{
			"unverified": "Not confirmed yet", "pending": "Waiting for payment", "failed": "Payment failed",
			"authorized": "Money reserved", "partially_captured": "Paid in part", "paid": "Paid",
			"partially_refunded": "Refunded in part", "refunded": "Refunded", "charged_back": "Charged back",
			"voided": "Reservation released", "cancelled": "Cancelled", "expired": "Expired",
			"reversal": "Money sent back", "not_found": "Unknown to the gateway",
		},
		Events: map[string]string{
			"order.changed": "The gateway has news", "order.mismatch": "Not what the shop expects",
			"order.anomaly": "The gateway took something back", "order.stuck": "Open for too long",
		},
		Holds: map[string]string{
			"unverified":         "The gateway has not confirmed the order.",
			"not_paid":           "No money was taken.",
			"authorized_only":    "The money is reserved, not taken.",
			"partially_captured": "Only a part of the money was taken.",
			"amount_mismatch":    "The amount is not the one we asked for.",
			"currency_mismatch":  "The currency is not the one we asked for.",
			"reference_mismatch": "The payment belongs to another order.",
			"unregistered":       "The shop never said that the order is its own.",
			"is_refund":          "This order moves money back.",
			"refunded":           "Money was paid back.",
			"charged_back":       "The bank has taken the money back.",
			"voided":             "The reservation was released.",
			"test_order":         "It was paid with play money.",
			"paid_twice":         "The same purchase was paid before.",
			"unknown_status":     "The gateway says something that we do not understand.",
		},
		Sources: map[string]string{
			"webhook": "verified after a webhook", "poll": "found by webhookd's own poll",
			"sweep": "found in the gateway's list", "refresh": "asked for", "operation": "verified after an operation",
		},
		Deliveries: map[string]string{
			"waiting": "on its way", "acknowledged": "delivered", "failed": "given up", "lost": "lost on the way",
		},
	}
}

func englishOrder() orderTexts {
	return orderTexts{
		Title: "Order %s", Timeline: "Timeline", Ordered: "Ordered in this shop", Event: "event %d",
		OrderedAgain: "Ordered once more for the same purchase",
		Knows:        "What webhookd knows", AskedFor: "Amount asked for", Reference: "Our reference",
		Signature: "Our signature of it", SignatureFits: "fits what the gateway says",
		SignatureOff: "does not fit what the gateway says", NotChecked: "not checked yet",
		GatewayID: "Gateway order", Status: "Status at the gateway", NotAsked: "not asked yet", State: "State",
		Unknown: "unknown", MayShip: "May it be shipped?", Yes: "yes", No: "no", HeldBy: "Held by", Nothing: "nothing",
		Webhooks: "Webhooks received", LastAsked: "Last asked the gateway", NotYet: "not yet",
		NoAnswer: "webhookd does not answer",
		TryAgain: "Try again", NotPaid: "Not paid yet?", PayPage: "Go to the payment page",
		AsksAgain: "This page updates itself every %d seconds.", Follows: "This page updates itself.",
		StopThat: "Stop", FollowsNot: "This page does not update itself.", AskAgain: "Update it",
		Twin: "This is a second gateway order for the same purchase.",
	}
}

func englishMoney() moneyTexts {
	return moneyTexts{
		Title: "Move the money", RefundAmount: "Amount to give back", Refund: "Refund",
		RefundHint: "At most %s. A refund cannot be undone.",
		Capture:    "Capture", CaptureHint: "Takes all of the reserved money.",
		Void: "Void", VoidHint: "Releases the reserved money.",
		Description: "Refund by the shop",
		TooMuch:     "At most %s can be given back.",
		Refunded:    "Refund of %s", Captured: "Capture of %s", Voided: "Release of %s",
		Sent:    "Sent to the gateway, which has not answered yet.",
		Done:    "The gateway has accepted it.",
		Refused: "The gateway has not done it. No money was moved.",
		Unsure: "Nobody knows whether the gateway did it: its answer was lost or unclear. It is not asked twice. What " +
			"became of it will show above; until then the shop counts it as done.",
		OnItsWay: "Refund on its way: %s. webhookd has not seen it at the gateway yet.",
	}
}

func englishVerdicts() verdictTexts {
	return verdictTexts{
		Unreachable: verdictText{
			"We cannot tell yet",
			"We do not reach our payment desk at the moment. If you have paid, your payment is not lost.",
		},
		Shippable: verdictText{
			"Paid. Thank you!",
			"The gateway has confirmed your payment, and nothing speaks against shipping.",
		},
		Unverified: verdictText{
			"Waiting for the gateway",
			"Nobody has confirmed a payment yet. If you have paid, this takes a few seconds.",
		},
		Pending: verdictText{
			"Waiting for your payment",
			"The gateway had none when webhookd last asked. If you have paid, this takes a few seconds.",
		},
		Failed: verdictText{
			"The payment did not go through",
			"No money was taken. You can try again with the same or another card.",
		},
		FailedForGood: verdictText{
			"The payment did not go through",
			"No money was taken, and the time to try again is over.",
		},
		Cancelled: verdictText{"The payment was cancelled", "Nothing was paid, and nothing will be shipped."},
		Expired:   verdictText{"The time to pay is over", "Nothing was paid, and nothing will be shipped."},
		Held: verdictText{
			"Paid, but held back",
			"The gateway has confirmed your payment. Before the goods may leave, a person has to look at this:",
		},
		Reserved: verdictText{
			"Your money is reserved",
			"The goods leave once it is taken in full. What speaks against it:",
		},
		Refunding: verdictText{
			"A refund is on its way",
			"Your payment is confirmed, and money is being given back. The goods stay here until that is settled.",
		},
		Else:     "Nothing will be shipped as things are. What speaks against it:",
		PaidHeld: "Paid, held back",
		Unclear:  "Not clear yet",
	}
}

func englishMessages() messageTexts {
	return messageTexts{
		NotFound: verdictText{
			"There is nothing here",
			"The address is wrong, or the shop has forgotten the order: it remembers nothing across a restart.",
		},
		NotPossible: verdictText{"That is not possible here", "This address does something else."},
		Unreadable:  verdictText{"This form could not be read", "Please go back and try again."},
		Foreign: verdictText{
			"This did not come from the shop",
			"Another site tried to act in your name. Nothing was ordered, and no money was moved.",
		},
		NoPayments: verdictText{
			"We cannot take payments right now",
			"Nothing was ordered and nothing was paid. Please try again in a moment.",
		},
		Unsure: verdictText{
			"The gateway's answer was lost",
			"Nothing was paid. Wait a minute and look again: the shop makes no other order while this one may turn up.",
		},
		Moved: verdictText{
			"Something happened in between",
			"This page was older than the order, so no money was moved. Look at the order and decide again.",
		},
		NoMoney: verdictText{
			"We cannot move money right now",
			"webhookd does not answer, so the shop does not know what there is to move. The gateway was not asked.",
		},
		NotOffered: verdictText{
			"That is not possible with this order",
			"It is not in a state for that. The gateway was not asked.",
		},
		Back: "Back to the shop", LookAgain: "Look again",
	}
}

func englishFaults() faultsTexts {
	return faultsTexts{
		Title: "Break things",
		Lead: "What can happen to a payment, happens here at the push of a button. Choose one, order something, and watch " +
			"the order's page.",
		Active: "What is broken now", None: "Nothing. Everything works as it should.",
		NoAnswer: "The sandbox gateway does not tell.", LiftAll: "Lift all", Lifted: "Everything works again.",
		Left:     "left: %s",
		Webhooks: "Webhooks", Gateway: "The gateway", Customers: "Customers and time",
		Done: "Done: %s.", Failed: "The sandbox gateway did not take that.",
		WhichOrder: "Which order?", NoOrders: "Nobody has ordered yet.",
		All: map[string]faultText{
			"lose-next": {
				"Lose the next webhook",
				"Nobody tells webhookd of the payment. It finds it all the same, by its own poll.",
			},
			"triple": {
				"Send the next one three times",
				"Three webhooks are counted, and the timeline still has one “Paid”.",
			},
			"delay": {
				"Delay the next one by 10\u00a0s",
				"The order waits, then is verified. The shop does not guess in between.",
			},
			"reorder": {
				"Reorder the next two",
				"The later news comes first. The state never goes back, since webhookd asks what is true now.",
			},
			"gateway-down": {
				"Gateway down for 30\u00a0s",
				"Orders wait and none is lost. When the gateway is back, all of them are verified.",
			},
			"gateway-slow": {
				"Slow gateway (3\u00a0s) for 30\u00a0s",
				"Everything takes longer, and webhooks are still acknowledged at once.",
			},
			"answer-lost": {
				"Lose the answer to the next order",
				"The order is made, and the shop is not told. It looks in the gateway's list instead of ordering twice.",
			},
			"forged": {
				"Send 1,000 forged webhooks",
				"They name orders that do not exist. No state changes, no order appears, and real orders are not held up.",
			},
			"pay-twice": {
				"Pay twice",
				"Leads to a second gateway order for the same purchase. Pay both: webhookd lets one leave, and holds the other " +
					"with paid_twice.",
			},
			"expire": {
				"Expire open orders now",
				"Puts the gateway's clock 30 minutes ahead. Unpaid orders become “Expired”, paid ones stay as they are.",
			},
		},
	}
}
