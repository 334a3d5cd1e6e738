package sandbox

// decline is a no to a payment (CONTRACT 7.3).
type decline struct {
	code    string // of the card scheme
	phrase  string // of the card scheme
	reason  string // machine-readable, for the shop
	brief   func(*words) string
	message func(*words) string // for the customer
}

const (
	reasonRejected         = "ERROR_TRANSACTION_REJECTED_BY_CARD_PROCESSOR"
	reasonFailed           = "ERROR_TRANSACTION_FAILED"
	reasonNotValid         = "ERROR_CARD_NOT_VALID"
	reasonNotAuthenticated = "ERROR_CARD_AUTHENTICATION_FAILURE"
)

func doNotHonor() *decline {
	return &decline{
		"05", "Do not honor", reasonRejected,
		func(w *words) string { return w.DoNotHonor },
		func(w *words) string { return w.DoNotHonorMessage },
	}
}

func insufficientFunds() *decline {
	return &decline{
		"51", "Insufficient funds", reasonRejected,
		func(w *words) string { return w.NoFunds },
		func(w *words) string { return w.NoFundsMessage },
	}
}

func stolenCard() *decline {
	return &decline{
		"43", "Stolen card", reasonRejected,
		func(w *words) string { return w.Stolen },
		func(w *words) string { return w.StolenMessage },
	}
}

// testCardInProduction is the answer of a production website to every test card (CONTRACT 7).
func testCardInProduction() *decline {
	return &decline{
		"14", "Invalid card number", reasonNotValid,
		func(w *words) string { return w.Declined },
		func(w *words) string { return w.TestCardMessage },
	}
}

func notAuthenticated() *decline {
	return &decline{
		"05", "Do not honor", reasonNotAuthenticated,
		func(w *words) string { return w.Declined },
		func(w *words) string { return w.NotAuthenticatedMessage },
	}
}

func refusedInWallet() *decline {
	return &decline{
		"59", "Refused in the wallet", reasonFailed,
		func(w *words) string { return w.Declined },
		func(w *words) string { return w.WalletRefusedMessage },
	}
}
