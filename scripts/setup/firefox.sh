# A Firefox and the geckodriver that drives it, for the tests of the stores. FIREFOX and GECKODRIVER override those
# found. The outcome is $SETUP_DIR/firefox-env.sh.

setup_firefox() {
  setup_node
  local firefox driver
  find_firefox >/dev/null || ! on_debian ||
    debian_install "storage is tested in a second browser" firefox-esr ||
    stop "apt-get could not install firefox-esr: its words are in $SETUP_DIR/apt-get.log."
  firefox=$(find_firefox) ||
    stop "The tests need Firefox: install it, or name it in FIREFOX, then start again."
  find_geckodriver >/dev/null || install_geckodriver
  driver=$(find_geckodriver) ||
    stop "The tests need geckodriver: put it on PATH, or name it in GECKODRIVER, then start again."
  write_firefox_env "$firefox" "$driver"
}

find_firefox() {
  [ -z "${FIREFOX:-}" ] || { command -v "$FIREFOX"; return; }
  local name
  for name in firefox-esr firefox /Applications/Firefox.app/Contents/MacOS/firefox; do
    command -v "$name" && return
  done
  return 1
}

find_geckodriver() {
  [ -z "${GECKODRIVER:-}" ] || { command -v "$GECKODRIVER"; return; }
  command -v geckodriver || command -v "${CARGO_HOME:-$HOME/.cargo}/bin/geckodriver"
}

# The newest one works with every supported Firefox.
install_geckodriver() {
  # A named driver is not replaced.
  [ -z "${GECKODRIVER:-}" ] || return 0
  setup_rust
  say "geckodriver (cargo install, a few minutes)" "it drives Firefox"
  # It passes messages on, so that it need not be fast.
  CARGO_PROFILE_RELEASE_OPT_LEVEL=0 cargo_install "${CARGO_HOME:-$HOME/.cargo}" geckodriver ||
    stop "cargo could not install geckodriver: see what it says above."
}

write_firefox_env() {
  {
    echo "# Written by scripts/setup/firefox.sh."
    echo "export FIREFOX=$(printf %q "$1") GECKODRIVER=$(printf %q "$2")"
    echo "export WASM_BINDGEN_TEST_WEBDRIVER_JSON=$(printf %q "$(cd "$SETUP_DIR" && pwd)/webdriver-firefox.json")"
  } >"$SETUP_DIR/firefox-env.sh"
  write_webdriver_options moz:firefoxOptions "$1" webdriver-firefox.json
}
