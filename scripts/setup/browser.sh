# A Chromium and the ChromeDriver that drives it, for the tests. CHROME and CHROMEDRIVER override those found.
# The outcome is $SETUP_DIR/browser-env.sh.

setup_browser() {
  setup_node
  local chrome driver
  if ! { chrome=$(find_chrome) && driver=$(find_chromedriver); } && on_debian; then
    debian_install "the tests run in a real browser" chromium chromium-driver ||
      stop "apt-get could not install chromium and chromium-driver: its words are in $SETUP_DIR/apt-get.log."
  fi
  chrome=$(find_chrome) ||
    stop "The tests need Chrome or Chromium: install one, or name it in CHROME, then start again."
  driver=$(find_chromedriver) ||
    stop "The tests need ChromeDriver of the browser's version: put chromedriver on PATH, or name it in CHROMEDRIVER, then start again."
  same_major_version "$chrome" "$driver"
  write_browser_env "$chrome" "$driver"
}

find_chrome() {
  [ -z "${CHROME:-}" ] || { command -v "$CHROME"; return; }
  local name
  for name in chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" /Applications/Chromium.app/Contents/MacOS/Chromium; do
    command -v "$name" && return
  done
  return 1
}

find_chromedriver() { command -v "${CHROMEDRIVER:-chromedriver}"; }

same_major_version() {
  local chrome driver
  chrome=$("$1" --version 2>/dev/null | sed 's/[^0-9]*\([0-9]*\).*/\1/')
  driver=$("$2" --version 2>/dev/null | sed 's/[^0-9]*\([0-9]*\).*/\1/')
  [ "$chrome" = "$driver" ] ||
    stop "The browser is version ${chrome:-unknown} and ChromeDriver is version ${driver:-unknown}: install the ChromeDriver of the browser's version, or name it in CHROMEDRIVER, then start again."
}

write_browser_env() {
  {
    echo "# Written by scripts/setup/browser.sh."
    echo "export CHROME=$(printf %q "$1") CHROMEDRIVER=$(printf %q "$2")"
    echo "export WASM_BINDGEN_TEST_WEBDRIVER_JSON=$(printf %q "$(cd "$SETUP_DIR" && pwd)/webdriver.json")"
  } >"$SETUP_DIR/browser-env.sh"
  write_webdriver_options goog:chromeOptions "$1" webdriver.json
}

# write_webdriver_options KEY BROWSER NAME: this browser's part of webdriver.json as $SETUP_DIR/NAME. Drivers look for a
# browser in few places, so they get the path of this one.
write_webdriver_options() {
  node -e '
    const fs = require("node:fs");
    const [key, binary, file] = process.argv.slice(1);
    const options = { ...JSON.parse(fs.readFileSync("webdriver.json", "utf8"))[key], binary };
    fs.writeFileSync(file, JSON.stringify({ [key]: options }, null, 2) + "\n");
  ' "$1" "$2" "$SETUP_DIR/$3"
}
