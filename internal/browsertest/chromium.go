package browsertest

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// install is what is said where there is no Chromium.
const install = "no Chromium or Chrome was found: run `make tools`, which installs it on Debian and Ubuntu, " +
	"or install it yourself, or name its program in CHROMIUM"

// programs are the names and places of Chromium and of its relatives.
func programs() []string {
	return []string{
		"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
		"/Applications/Chromium.app/Contents/MacOS/Chromium",
	}
}

// find returns the path of a Chromium: the one that CHROMIUM names, or the first that is installed. Its error says what
// to do.
func find() (string, error) {
	if named := strings.TrimSpace(os.Getenv("CHROMIUM")); named != "" {
		path, err := exec.LookPath(named)
		if err != nil {
			return "", fmt.Errorf("CHROMIUM names no program: %w", err)
		}
		return path, nil
	}
	for _, name := range programs() {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s", install)
}
