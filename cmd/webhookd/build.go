package main

import (
	"cmp"
	"runtime/debug"
)

// build says which program this is.
type build struct {
	Version  string `json:"version"`  // of the module; devel without a tag
	Revision string `json:"revision"` // of the source; unknown if it was not built from a checkout
	Go       string `json:"go"`
}

// readBuild reads what the toolchain put into the binary.
func readBuild() build {
	b := build{Version: "devel", Revision: "unknown", Go: "unknown"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Go = info.GoVersion
	if info.Main.Version != "(devel)" {
		b.Version = cmp.Or(info.Main.Version, b.Version)
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.Revision = s.Value
		}
	}
	return b
}
