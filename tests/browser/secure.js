// SPDX-License-Identifier: LGPL-2.1-only
// The bench with the test server at https, for a build with TLS.
//
// The certificate is made by the openssl command and signed by itself, as the
// one is that comes with the programs.  Chromium is told to believe this key
// and no other.
'use strict';
const childProcess = require('child_process');
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { Bench, check } = require('./harness.js');

const NAME = 'libwebsockets-test-server';

function hasTls(build) {
  try {
    return /^#define LWS_OPENSSL_SUPPORT\b/m.test(
      fs.readFileSync(path.join(build, 'lib', 'lws_config.h'), 'utf8'));
  } catch (error) {
    return false;
  }
}

class SecureBench extends Bench {
  constructor(build, browser) {
    super(build, browser);
    const pages = path.join(this.scratch, 'pages');
    fs.mkdirSync(pages);
    for (const name of fs.readdirSync(this.pages)) {
      if (/\.(html|ico|png|jpg)$/.test(name)) {
        fs.copyFileSync(path.join(this.pages, name), path.join(pages, name));
      }
    }
    this.pages = pages;
    this.certificate = path.join(pages, `${NAME}.pem`);
    childProcess.execFileSync('openssl', ['req', '-x509', '-newkey',
      'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=localhost',
      '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
      '-keyout', path.join(pages, `${NAME}.key.pem`),
      '-out', this.certificate], { stdio: 'ignore' });
  }

  run(name, ...options) {
    return super.run(name, ...options, '--ssl');
  }

  async server(name, port) {
    const program = await super.server(name, port);
    program.url = program.url.replace('http:', 'https:');
    return program;
  }

  // The pin that --ignore-certificate-errors-spki-list wants.
  pin() {
    const { publicKey } = new crypto.X509Certificate(
      fs.readFileSync(this.certificate));
    return crypto.createHash('sha256').update(publicKey.export(
      { type: 'spki', format: 'der' })).digest('base64');
  }

  launch() {
    return super.launch(`--ignore-certificate-errors-spki-list=${this.pin()}`);
  }

  launchStranger() {
    return super.launch();
  }
}

// What only https has.
async function safety(bench, browser) {
  const server = await bench.server('test-server');
  const context = await browser.newContext();
  const page = await context.newPage();
  await bench.case('https: the browser says what has been agreed', async () => {
    const answer = await page.goto(server.url);
    const details = await answer.securityDetails();
    check(details.protocol === 'TLS 1.3', `it is ${details.protocol}`);
    check(details.subjectName === 'localhost', details.subjectName);
    check(await page.evaluate(() => window.isSecureContext),
      'the page is not secure');
  });
  await bench.case('https: the page comes back quickly, again and again',
    async () => {
      for (let turn = 0; turn < 10; turn++) {
        const answer = await page.reload();
        check(answer.status() === 200, `its status is ${answer.status()}`);
      }
    });
  await context.close();
  await bench.case('https: a browser that was not told refuses', async () => {
    const other = await bench.launchStranger();
    const stranger = await other.newPage();
    const why = await stranger.goto(server.url).then(() => 'it was let in',
      (error) => String(error));
    await other.close();
    check(/ERR_CERT_AUTHORITY_INVALID/.test(why), why);
  });
  await bench.case('https: the server is unimpressed and ends cleanly',
    async () => check(await bench.stop(server) === 0, 'its status is not 0'));
}

module.exports = { SecureBench, hasTls, safety };
