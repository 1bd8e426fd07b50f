#!/usr/bin/env node
// Runs the program of the package for this platform. Hooks that `dtguard install` writes
// name that program itself, so a commit starts no Node.js.
"use strict";

const { spawnSync } = require("node:child_process");
const os = require("node:os");

const name = `dtguard-${process.platform}-${process.arch}`;
let program;
try {
  program = require.resolve(`${name}/bin/dtguard${process.platform === "win32" ? ".exe" : ""}`);
} catch {
  console.error(`dtguard: the package ${name} is missing: nothing was scanned.`);
  console.error("npm leaves it out with --omit=optional, or where node_modules was copied from another platform.");
  console.error("Install again on this machine:  npm install");
  process.exit(2);
}

const ran = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (ran.error) {
  console.error(`dtguard: cannot run ${program}: ${ran.error.message}: nothing was scanned.`);
  process.exit(2);
}
process.exit(ran.signal ? 128 + os.constants.signals[ran.signal] : ran.status);
