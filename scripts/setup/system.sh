# What kind of machine this is, and its package manager.

SETUP_DIR=${CARGO_TARGET_DIR:-target}/setup
# The file that names the system; tests point it elsewhere.
OS_RELEASE=${OS_RELEASE:-/etc/os-release}

have() { command -v "$1" >/dev/null 2>&1; }

# Debian proper: its derivatives answer apt-get too, but lack the packages named here or name them differently.
on_debian() { [ -r "$OS_RELEASE" ] && grep -qx 'ID="\?debian"\?' "$OS_RELEASE" && have apt-get; }

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    stop "'$*' needs root, and there is no sudo here: run it as root, then start again."
  fi
}

# debian_install WHY PACKAGE…: only the packages that are not installed.
debian_install() {
  local why=$1 missing=() package
  shift
  for package in "$@"; do
    debian_has "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "Debian's ${missing[*]}" "$why"
  # The package list may be out of date or missing.
  as_root apt-get update -qq </dev/null >"$SETUP_DIR/apt-get.log" 2>&1 || note "apt-get update failed; trying with the list there is"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    </dev/null >>"$SETUP_DIR/apt-get.log" 2>&1
}

debian_has() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}
