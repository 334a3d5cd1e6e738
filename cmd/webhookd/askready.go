package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// askReady asks the service whose admin listener has this address, on this machine, whether it is ready. The report
// has one line a check, and the verdict as the last.
func askReady(ctx context.Context, adminAddr string) (ready bool, report string, err error) {
	addr, err := onThisMachine(adminAddr)
	if err != nil {
		return false, "", fmt.Errorf("ADMIN_ADDR: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz?verbose", nil)
	if err != nil {
		return false, "", err
	}
	direct := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // not by way of a proxy
	res, err := direct.Do(req)
	if err != nil {
		return false, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 4096))
	if err != nil {
		return false, "", err
	}
	return res.StatusCode == http.StatusOK, string(body), nil
}
