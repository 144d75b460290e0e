'use strict';
// Starts the program beside this file, in the job's own environment. It gets the stage as its name, tokens only by its
// environment, and this process's own standard output and error: what has to be masked is masked before anything is said.
const { spawn } = require('node:child_process');
const { accessSync, chmodSync, constants, existsSync } = require('node:fs');
const { constants: { signals } } = require('node:os');
const { join } = require('node:path');

/** The program for this machine: a release has it here, a checkout where the build puts it. */
function program() {
  const processor = { x64: 'x86_64', arm64: 'aarch64' }[process.arch];
  if (process.platform !== 'linux' || !processor) {
    throw new Error(`This action is for Linux on x86-64 and arm64, and this is ${process.platform} on ${process.arch}: let a job on Linux decide, with this action or the container action org/ghcr-auth@v1, and pass its outputs on.`);
  }
  const found = [join(__dirname, `ghcr-auth-${processor}`), join(__dirname, '../target/release/ghcr-auth')].find(existsSync);
  if (!found) {
    throw new Error('Only the commit of a release carries the program: name a release, such as org/ghcr-auth/host@v1, or run `cargo build --release --locked` in this checkout before this step.');
  }
  try {
    accessSync(found, constants.X_OK);
  } catch {
    // A copy of the repository may have lost the permission.
    chmodSync(found, 0o755);
  }
  return found;
}

/** Runs a stage to its end, and ends as it does. A post stage that cannot start fails no job. */
module.exports = function start(stage) {
  const isPost = stage.endsWith('-post');
  const fail = (error) => {
    console.log(`::${isPost ? 'warning' : 'error'} title=ghcr-auth::${error.message}`);
    process.exitCode = isPost ? 0 : 1;
  };
  try {
    const child = spawn(program(), process.argv.slice(2), { argv0: stage, stdio: 'inherit', env: { ...process.env, GHCR_AUTH_HOST: 'true' } });
    child.on('error', fail);
    child.on('exit', (code, signal) => { process.exitCode = code ?? 128 + signals[signal]; });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => child.kill(signal));
    }
  } catch (error) {
    fail(error);
  }
};

if (require.main === module) {
  module.exports('ghcr-auth');
}
