package pgdev

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports are picked below those that Linux (32768 on) and macOS (49152 on) give to outgoing connections, so that
// none of these can sit on the port while a crashed server is down.
const (
	firstPort = 15_000
	lastPort  = 32_767
)

// freePort picks at random, since several test binaries look for a port at the same time.
func freePort(ctx context.Context) (int, error) {
	for range 100 {
		if port := firstPort + rand.IntN(lastPort-firstPort+1); isFree(ctx, port) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("find a free port: 100 ports from %d to %d are taken", firstPort, lastPort)
}

func isFree(ctx context.Context, port int) bool {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}
