# Node.js runs the scripts and the page's tests; npm brings the few packages of tests and benchmarks.

NODE_MINIMUM=18.17

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

setup_npm() { npm_packages tests/page "they drive a browser, check types and shrink the wasm module"; }

setup_adapters() { npm_packages tests/adapters "they are the frameworks that the package has adapters for"; }

setup_matrix() {
  npm_packages tests/matrix "the package is tried in them"
  npm_packages tests/node "they are runtimes in which the package is tried"
  # No scripts of packages are run. Bun's puts its program, which npm has installed beside it, in its place.
  tests/node/node_modules/.bin/bun --version >/dev/null 2>&1 || (cd tests/node/node_modules/bun && node install.js)
}

setup_site() {
  npm_packages examples/docs-site "the documentation becomes a site with them"
  npm_packages scripts/docs-site "the reference is made with them"
}

setup_vendor() { npm_packages scripts/vendor "the page draws PDFs with them"; }

setup_peers() { npm_packages benches/browser "they are the engines that ours is compared with"; }

# npm_packages FOLDER WHY: those of the folder's lock file.
npm_packages() {
  local folder=$1 why=$2
  setup_node
  # npm writes the second file last, so an interrupted install is repeated.
  [ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] && return
  have npm || stop "npm is not on this machine: install it beside Node.js, then start again."
  say "the npm packages of $folder" "$why"
  (cd "$folder" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error </dev/null >/dev/null) ||
    stop "npm could not install the packages of $folder: see what it says above."
  touch "$folder/node_modules/.package-lock.json"
}
