# The output of set-up: one line for each thing that is installed, one sentence for one that is not available.

# say WHAT WHY
say() { printf 'setup: installing %s: %s\n' "$1" "$2"; }

note() { printf 'setup: %s\n' "$1"; }

stop() {
  printf 'setup: stopped. %s\n' "$1" >&2
  exit 1
}
