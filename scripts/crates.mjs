// The crates of Cargo.lock, as cargo describes them.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What `cargo metadata` prints, with these further options. */
export function metadata(...options) {
  const locked = process.env.CI ? ["--locked"] : [];
  const printed = execFileSync("cargo", ["metadata", "--format-version", "1", ...locked, ...options], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(printed);
}

/** Whether the SPDX expression can be met with the licences allowed. `/` is an old form of OR. */
export function isAllowed(expression, allowed) {
  const tokens = expression.replaceAll("/", " OR ").match(/[()]|[^\s()]+/g);
  const either = () => {
    let met = all();
    while (tokens[0] === "OR") met = [tokens.shift(), all()][1] || met;
    return met;
  };
  const all = () => {
    let met = one();
    while (tokens[0] === "AND") met = [tokens.shift(), one()][1] && met;
    return met;
  };
  const one = () => {
    const token = tokens.shift();
    if (token !== "(") {
      // A licence with an exception is allowed only where it is named with it.
      const licence = tokens[0] === "WITH" ? [token, ...tokens.splice(0, 2)].join(" ") : token;
      return allowed.includes(licence);
    }
    const met = either();
    tokens.shift();
    return met;
  };
  return either();
}
