# How set-up speaks: one line for each thing installed, one sentence when something cannot be had.

# say WHAT WHY
say() { printf 'setup: installing %s: %s\n' "$1" "$2"; }

note() { printf 'setup: %s\n' "$1"; }

stop() {
  printf 'setup: stopped. %s\n' "$1" >&2
  exit 1
}
