#!/bin/sh
# Holds the sandbox gateway against an official SDK, unmodified: starts a gateway, has the SDK use the whole of its API
# against it, and ends the gateway. Prints one line for each step; exits non-zero at the first that is wrong.
#
#   internal/sandbox/sdkcheck/run.sh php  PATH-OF-THE-PHP-SDK
#   internal/sandbox/sdkcheck/run.sh ruby PATH-OF-THE-RUBY-SDK
#
# Needs go, and php with curl or ruby.
set -eu

if [ $# -ne 2 ]; then
	echo "usage: $0 php|ruby PATH-OF-THE-SDK" >&2
	exit 2
fi
language=$1
sdk=$(cd "$2" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
case $language in
php) driver=driver.php ;;
ruby) driver=driver.rb ;;
*)
	echo "$0: no driver for $language" >&2
	exit 2
	;;
esac

key=sdkcheck-key
dir=$(mktemp -d)
pid=
finish() {
	if [ -n "$pid" ]; then
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	fi
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' INT TERM

(cd "$here/../../.." && go build -o "$dir/sandbox" ./cmd/sandbox)
"$dir/sandbox" -listen 127.0.0.1:0 -key "$key" >"$dir/out" 2>"$dir/err" &
pid=$!

# The greeting has the address. It comes as soon as the gateway listens, or never.
base=
tries=0
while [ -z "$base" ] && [ $tries -lt 100 ] && kill -0 "$pid" 2>/dev/null; do
	base=$(sed -n 's|.*\(http://127\.0\.0\.1:[0-9][0-9]*\).*|\1|p' "$dir/out" | head -n 1)
	tries=$((tries + 1))
	[ -n "$base" ] || sleep 0.1
done
if [ -z "$base" ]; then
	echo "$0: the gateway did not start" >&2
	cat "$dir/err" >&2
	exit 1
fi

"$language" "$here/$driver" "$base" "$key" "$sdk"
