package main

import "testing"

func TestSecretShowsOnlyWhetherItIsSet(t *testing.T) {
	for _, tt := range []struct {
		name string
		s    secret
		want string
	}{
		{"zero", secret{}, ""},
		{"empty", newSecret(""), ""},
		{"set", newSecret(testKey), "[set]"},
	} {
		text, err := tt.s.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		for way, got := range map[string]string{
			"String":      tt.s.String(),
			"GoString":    tt.s.GoString(),
			"LogValue":    tt.s.LogValue().String(),
			"MarshalText": string(text),
		} {
			if got != tt.want {
				t.Errorf("%s secret: %s gives %q, want %q", tt.name, way, got, tt.want)
			}
		}
	}
	if got := newSecret(testKey).reveal(); got != testKey {
		t.Errorf("reveal gives %q, want %q", got, testKey)
	}
}
