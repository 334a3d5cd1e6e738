//go:build !profile

package main

import "net/http"

// addProfiles does nothing: a service has no profiles for anybody to read.
func addProfiles(*http.ServeMux) {}
