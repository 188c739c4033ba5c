// SPDX-License-Identifier: LGPL-2.1-only
// What the cases of the page share: the score, programs that are always
// stopped, waiting with an end, and what Chromium is started with.
'use strict';
const childProcess = require('child_process');
const fs = require('fs');
const net = require('net');
const os = require('os');
const path = require('path');
const { chromium } = require('playwright-core');

// No sandbox, since the tests may run as root in a container; nothing that
// would talk to anybody but our server.
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic',
  '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--no-proxy-server'];

const LIMIT = 45000;	// of a case, in milliseconds

function check(condition, why) {
  if (!condition) {
    throw new Error(why);
  }
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// Ask again until the answer is truthy; it, or an error that says @what.
async function until(ask, what, within = 10000) {
  const end = Date.now() + within;
  for (;;) {
    const answer = await ask();
    if (answer) {
      return answer;
    }
    check(Date.now() < end, `${what}: not within ${within / 1000} s`);
    await sleep(50);
  }
}

function freePort() {
  return childProcess.execFileSync('python3',
    [path.join(__dirname, '..', 'peers', 'ports.py')]).toString().trim();
}

function accepts(port) {
  return new Promise((resolve) => {
    const probe = net.connect(port, '127.0.0.1');
    probe.on('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', () => resolve(false));
  });
}

class Bench {
  constructor(build, browser) {
    this.build = path.resolve(build);
    this.pages = path.resolve(__dirname, '../../test-server');
    this.browserPath = browser;
    this.scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'lws-browser-'));
    this.programs = [];
    this.passed = 0;
    this.failed = 0;
    process.on('exit', () => this.cleanUp());
    for (const name of ['SIGINT', 'SIGTERM']) {
      process.on(name, () => process.exit(130));
    }
  }

  cleanUp() {
    for (const program of this.programs) {
      if (program.exitCode === null && program.signalCode === null) {
        program.kill('SIGKILL');
      }
    }
    fs.rmSync(this.scratch, { recursive: true, force: true });
  }

  // One test: its line says whether @body came to its end.
  async case(name, body) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error('took too long')), LIMIT);
    });
    try {
      await Promise.race([body(), late]);
      this.passed++;
      console.log(`ok - ${name}`);
    } catch (error) {
      this.failed++;
      const why = String(error.message || error).replace(/\s+/g, ' ');
      console.log(`not ok - ${name}: ${why.slice(0, 300)}`);
    }
    clearTimeout(timer);
  }

  finish() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    process.exit(this.failed ? 1 : 0);
  }

  program(name) {
    return path.join(this.build, 'test-server', `libwebsockets-${name}`);
  }

  run(name, ...options) {
    const log = fs.openSync(path.join(this.scratch,
      `log-${this.programs.length}`), 'w');
    const env = Object.fromEntries(Object.entries(process.env)
      .filter(([key]) => !/_proxy$/i.test(key)));
    const program = childProcess.spawn(this.program(name), options,
      { stdio: ['ignore', log, log], env });
    program.on('error', () => {});	// it shows as not listening
    fs.closeSync(log);
    this.programs.push(program);
    return program;
  }

  // Was the build configured with extensions?
  hasExtensions() {
    return !/^#define LWS_NO_EXTENSIONS/m.test(fs.readFileSync(
      path.join(this.build, 'lib/lws_config.h'), 'utf8'));
  }

  // A server that listens; on @port, when given.
  async server(name, port, ...options) {
    const where = port || freePort();
    const program = this.run(name, `--port=${where}`,
      `--resource_path=${this.pages}`, ...options);
    await until(async () => {
      check(program.exitCode === null, `${name} has ended at once`);
      return accepts(where);
    }, `${name} listens`);
    program.port = where;
    program.url = `http://127.0.0.1:${where}/`;
    return program;
  }

  // Stop a program by its pid; how it ended.
  async stop(program, signal = 'SIGINT') {
    program.kill(signal);
    await until(() => program.exitCode !== null || program.signalCode,
      `it ends on ${signal}`);
    return program.exitCode;
  }

  launch(...more) {
    return chromium.launch({ executablePath: this.browserPath,
      args: [...ARGUMENTS, ...more], headless: true, timeout: 30000 });
  }
}

module.exports = { Bench, check, sleep, until };
