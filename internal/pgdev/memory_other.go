//go:build !linux

package pgdev

// memoryRoots is empty: there is no folder for files in memory that every machine has.
func memoryRoots() []string { return nil }
