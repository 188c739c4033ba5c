// SPDX-License-Identifier: LGPL-2.1-only
// Opens the page of the test server and uses it, case by case; at https when
// the build has TLS.
//
// Usage: node main.js BUILD_DIR BROWSER
'use strict';
const fs = require('fs');
const drawing = require('./drawing.js');
const extensions = require('./extensions.js');
const looks = require('./looks.js');
const numbers = require('./numbers.js');
const { Bench } = require('./harness.js');
const secure = require('./secure.js');

const GROUPS = [numbers.counting, drawing.drawing, extensions.extensions,
  numbers.outage, looks.looks, numbers.externalPoll];

const SECURE_GROUPS = [secure.safety, numbers.counting, drawing.drawing,
  numbers.outage];

async function main() {
  const tls = secure.hasTls(process.argv[2]);
  const bench = new (tls ? secure.SecureBench : Bench)(process.argv[2],
    process.argv[3]);
  for (const name of ['test-server', 'test-client']) {
    if (!fs.existsSync(bench.program(name))) {
      await bench.case('the programs are built', () => {
        throw new Error(`no ${bench.program(name)}`);
      });
      bench.finish();
    }
  }
  let browser;
  await bench.case('Chromium starts', async () => {
    browser = await bench.launch();
  });
  if (!browser) {
    bench.finish();
  }
  for (const group of tls ? SECURE_GROUPS : GROUPS) {
    try {
      await group(bench, browser);
    } catch (error) {
      await bench.case(`the group ${group.name} runs to its end`, () => {
        throw error;
      });
    }
  }
  await browser.close();
  bench.finish();
}

main();
