package sandbox

func english() language {
	return language{
		tag:    "en",
		amount: amountStyle{group: ",", point: "."},
		words:  words{englishSummary(), englishForm(), englishCards(), englishOutcome()},
	}
}

func englishSummary() summaryWords {
	return summaryWords{
		Product:    "Sandbox payment",
		Badge:      "Sandbox",
		Test:       "This is a test. No money moves.",
		Production: "Like a live website: test cards are declined. No money moves.",

		Order:     "Order",
		ToPay:     "To pay",
		Amount:    "Amount",
		Shop:      "Shop",
		Reference: "Reference",
		TimeLeft:  "Time left",
		Until:     "until %s",
		Moment:    "%s %s, %s UTC",
		Months:    [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		Days:      "%s days",
		Hours:     "%s hours",
		Minutes:   "%s min",
		FiveLeft:  "Five minutes left to pay.",
		OneLeft:   "One minute left to pay.",
	}
}

func englishForm() formWords {
	return formWords{
		Payment:      "Payment",
		HowToPay:     "How would you like to pay?",
		Card:         "Card",
		CardNumber:   "Card number",
		ExpiryDate:   "Expiry date",
		ExpiryFormat: "MM / YY",
		SecurityCode: "Security code",
		NoWallet:     "%s cannot be opened in test mode. The sandbox stands in for it.",
		WalletAnswer: "What should it answer?",
		Approve:      "Approve",
		Refuse:       "Refuse",
		Pay:          "Pay %s",
		Cancel:       "Cancel and go back to the shop",
		NoMethods:    "None of the payment methods of this order takes its currency.",
		LastFailed:   "The last payment did not go through.",
		NoRealCards:  "Test cards only. Real card details are never kept.",

		Mistake:      "Please check",
		NotANumber:   "This is not a card number. Check the digits.",
		NotATestCard: "This is not a test card. Real cards are not taken here.",
		WriteExpiry:  "Write month and year, such as 12 / 28.",
		CardExpired:  "This card has expired.",
		WriteCVC:     "Write the three digits on the back of the card.",
		WriteAmexCVC: "Write the three or four digits printed on the card.",
	}
}

func englishCards() cardWords {
	return cardWords{
		TestCards:     "Test cards",
		TestCardsHint: "Choose one to fill in the form. Any future date and any three digits will do.",
		Paid:          "Paid",
		Declined:      "Declined",
		AsksForCode:   "Asks for a code",
		DoNotHonor:    "Do not honor",
		NoFunds:       "Insufficient funds",
		Stolen:        "Stolen card",
		CodeConfirms:  "%s confirms",
		CodeFails:     "%s fails",

		DoNotHonorMessage:       "Your bank declined the payment. Try another card, or ask your bank.",
		NoFundsMessage:          "There is not enough money on this card. Try another card.",
		StolenMessage:           "This card cannot be used. Try another card.",
		TestCardMessage:         "This card is not valid. Try another card.",
		NotAuthenticatedMessage: "Your bank could not confirm that it is you. Try again, or use another card.",
		WalletRefusedMessage:    "The payment was refused in the wallet. Try again, or choose another way to pay.",
	}
}

func englishOutcome() outcomeWords {
	return outcomeWords{
		Complete:      "Payment complete",
		CompleteText:  "Thank you. There is nothing more to do here.",
		Reserved:      "Payment reserved",
		ReservedText:  "The amount is reserved. The shop takes it later.",
		Cancelled:     "Payment cancelled",
		CancelledText: "Nothing was paid.",
		Expired:       "The time to pay is over",
		ExpiredText:   "Nothing was paid. Start again in the shop.",
		Strange:       "This payment cannot be made now",
		StrangeText:   "Its status is %s.",
		BackToShop:    "Back to the shop",

		Bank:         "Test Bank",
		Confirmation: "Card security check",
		Confirm:      "Confirm your payment",
		ConfirmText:  "Your bank wants to know that it is you who pays. Enter the code it sent you.",
		Code:         "Code",
		ConfirmDo:    "Confirm",
		RefuseDo:     "Cancel this payment",
		NoCodeSent:   "A sandbox sends no code. Use one of these:",
		WrongCode:    "This code is wrong.",
		TriesLeft:    "Tries left: %s",
		Waiting:      "Your bank waits for you to confirm a payment.",
		WaitingText:  "Confirm it, or pay another way below.",
		Continue:     "Continue the confirmation",

		Unreadable:     "This form could not be read",
		UnreadableText: "Please try again.",
		Broken:         "Something went wrong",
		BrokenText:     "Please try again.",
		NoOrder:        "There is no such payment",
		NoOrderText:    "Check the address, or go back to the shop and start again.",
	}
}
