// A machine for the tests: its PATH holds stand-ins for the tools that install things. They record their calls. Of the
// real machine it has only the small tools that every system has.

import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const SMALL_TOOLS = "awk bash basename cat chmod dirname env grep ls mkdir mv rm sed touch tr uname".split(" ");

const CARGO = `case "$1" in
    install) crate=$2; shift; while [ "$1" != --root ]; do [ "$1" != --version ] || version=\${2#=}; shift; done
      mkdir -p "$2/bin"
      names=$crate; [ $crate != wasm-bindgen-cli ] || names="wasm-bindgen wasm-bindgen-test-runner"
      for name in $names; do
        printf '#!/bin/bash\\necho "wasm-bindgen %s"\\n' "$version" >"$2/bin/$name"; chmod +x "$2/bin/$name"
      done ;;
  esac`;

/** The stand-ins. Each is the body of a bash script; `$CALLS` is the file of calls, `$MACHINE` the machine's folder. */
export const STAND_INS = {
  rustc: `case "$*" in
    --version) echo "rustc 1.99.0 (stand-in)" ;;
    "--print sysroot") echo "$MACHINE/sysroot" ;;
    "--print target-libdir"*) echo "$MACHINE/wasm-lib" ;;
  esac`,
  cargo: CARGO,
  cargoOfLaggingRegistry: `[[ "$*" != install*--locked ]] || { echo "error: failed to select a version" >&2; exit 101; }
  ${CARGO}`,
  cargoWithoutNetwork: `[ "$1" != install ] || { echo "error: failed to fetch" >&2; exit 101; }`,
  rustup: `case "$1" in
    target) mkdir -p "$MACHINE/wasm-lib"; touch "$MACHINE/wasm-lib/libstd-0.rlib" ;;
    component) mkdir -p "$MACHINE/sysroot/lib/rustlib/src/rust/library/std" ;;
  esac`,
  rustupWithoutNetwork: `echo "error: could not download file" >&2; exit 1`,
  "apt-get": `[ "$1" = install ] || exit 0
    for package; do touch "$MACHINE/packages/$package"; done
    # What the packages bring.
    for name in chromium chromedriver firefox-esr wasm-ld clang-14 llvm-ar-14; do
      printf '#!/bin/bash\\necho "Version 150.1"\\n' >"$MACHINE/bin/$name"; chmod +x "$MACHINE/bin/$name"
    done`,
  aptGetWithoutNetwork: `[ "$1" != install ] || { echo "E: Unable to locate package" >&2; exit 100; }`,
  "dpkg-query": `[ -e "$MACHINE/packages/\${@: -1}" ] && echo installed`,
  sudo: `exec "$@"`,
  id: `echo 0`,
  idOfUser: `echo 1000`,
  cc: ``,
  clang: ``,
  "llvm-ar": ``,
  chromium: `echo "Chromium 150.1"`,
  chromedriver: `echo "ChromeDriver 150.1"`,
  firefox: `echo "Mozilla Firefox 150.1"`,
  geckodriver: `echo "geckodriver 0.99.0"`,
  olderChromedriver: `echo "ChromeDriver 149.1"`,
};

/** A fresh machine with these stand-ins (name on PATH -> key of STAND_INS) on it. */
export async function machine(t, { os, tools }) {
  const root = await mkdtemp(join(tmpdir(), "setup-test-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const folder of ["bin", "home", "packages", "tools"]) await mkdir(join(root, folder));
  await writeFile(join(root, "os-release"), `ID=${os}\n`);
  for (const tool of SMALL_TOOLS) await symlink(await which(tool), join(root, "tools", tool));
  await symlink(process.execPath, join(root, "tools", "node"));
  const it = {
    root,
    async add(name, key = name) {
      const file = join(root, "bin", name);
      const body = `#!/bin/bash\nprintf '%s\\n' "${name} $*" >>"$CALLS"\n${STAND_INS[key]}\n`;
      await writeFile(file, body);
      await chmod(file, 0o755);
    },
    /** Runs scripts/setup.sh. Returns its exit code, its output, and the calls that install something. */
    async setup(parts, environment = {}) {
      await writeFile(join(root, "calls"), "");
      const outcome = await run(parts, root, environment);
      const calls = (await readFile(join(root, "calls"), "utf8")).split("\n").filter(Boolean);
      return { ...outcome, calls, installs: calls.filter((call) => /^(apt-get|rustup|sudo|cargo install|npm)/.test(call)) };
    },
    file: (name) => readFile(join(root, "target/setup", name), "utf8"),
  };
  for (const [name, key] of Object.entries(tools)) await it.add(name, key);
  return it;
}

function run(parts, root, environment) {
  const env = {
    PATH: `${join(root, "bin")}:${join(root, "tools")}`,
    HOME: join(root, "home"),
    MACHINE: root,
    CALLS: join(root, "calls"),
    CARGO_TARGET_DIR: join(root, "target"),
    OS_RELEASE: join(root, "os-release"),
    ...environment,
  };
  return new Promise((resolve) => {
    execFile(join(root, "tools/bash"), ["scripts/setup.sh", ...parts], { cwd: repository, env }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, said: stdout + stderr });
    });
  });
}

function which(tool) {
  return new Promise((resolve, reject) => {
    execFile("bash", ["-c", `type -P ${tool}`], (error, stdout) => (error ? reject(error) : resolve(stdout.trim())));
  });
}
