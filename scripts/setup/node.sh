# Node.js runs the scripts and the page's tests; npm brings the tests' few packages.

NODE_MINIMUM=18.17
NPM_DIR=tests/page

setup_node() {
  if ! have node && on_debian; then
    debian_install "it fetches the models, serves the page and runs its tests" nodejs npm || true
  fi
  have node || stop "Node.js is not on this machine: install version $NODE_MINIMUM or newer (https://nodejs.org), then start again."
  local version
  version=$(node --version)
  version_at_least "${version#v}" "$NODE_MINIMUM" ||
    stop "Node.js ${version#v} is older than the $NODE_MINIMUM these scripts need: install a newer one (https://nodejs.org), then start again."
}

setup_npm() {
  setup_node
  # npm writes the second file last, so an install that was broken off is done again.
  [ "$NPM_DIR/node_modules/.package-lock.json" -nt "$NPM_DIR/package-lock.json" ] && return
  have npm || stop "npm is not on this machine: install it beside Node.js, then start again."
  say "the npm packages of $NPM_DIR" "they drive a browser, check types and shrink the wasm module"
  (cd "$NPM_DIR" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error </dev/null >/dev/null) ||
    stop "npm could not install the packages of $NPM_DIR: see what it says above."
  touch "$NPM_DIR/node_modules/.package-lock.json"
}
