// SPDX-License-Identifier: LGPL-2.1-only
// The numbers: counting, resetting, and what happens without a server.
'use strict';
const { check, sleep, until } = require('./harness.js');
const { Window } = require('./window.js');

async function opens(bench, browser, server, who) {
  let window;
  await bench.case(`${who}: both connections open, in words and green`,
    async () => {
      window = await Window.open(browser, server.url);
      await window.waitOpen();
    });
  await bench.case(`${who}: the number counts up`, async () => {
    const first = await window.waitNumber((n) => n >= 0 && [n],
      'a number is shown');
    await window.waitNumber((n) => n >= first[0] + 10, 'ten more', 3000);
  });
  await bench.case(`${who}: the button sets it back`, async () => {
    await window.waitNumber((n) => n > 40, 'the number is above 40');
    await window.page.click('#offset');
    await window.waitNumber((n) => n < 30, 'the number is small', 1500);
    await window.waitNumber((n) => n > 30, 'it counts on', 5000);
  });
  return window;
}

async function counting(bench, browser) {
  const server = await bench.server('test-server');
  const window = await opens(bench, browser, server, 'the page');
  await bench.case('a second window has a number of its own', async () => {
    const other = await Window.open(browser, server.url);
    await other.waitOpen();
    await window.waitNumber((n) => n > 40, 'the number is above 40');
    await other.page.click('#offset');
    await other.waitNumber((n) => n < 30, 'the other is small', 1500);
    check(await window.number() > 40, 'the first has gone back as well');
    other.checkQuiet();
    await other.close();
  });
  await bench.case('the keyboard can press the button', async () => {
    await window.waitNumber((n) => n > 40, 'the number is above 40');
    await window.page.focus('#offset');
    await window.page.keyboard.press('Enter');
    await window.waitNumber((n) => n < 30, 'the number is small', 1500);
  });
  await bench.case('the page names the browser and explains itself',
    async () => {
      const agent = await window.page.evaluate(() => navigator.userAgent);
      const shown = (await window.text('brow')).trim();
      check(shown && (agent.includes(shown) || shown.includes(agent)
        || /Chrom/.test(shown)), `it shows "${shown}"`);
      check((await window.page.textContent('body'))
        .includes('libwebsockets-test-client'), 'no word of test-client');
      equalLabel(await window.text('offset'), 'Reset counter');
    });
  await bench.case('logo, icon and leaf are pictures', async () => {
    const wide = await window.page.$eval(
      'img[src*="libwebsockets.org-logo.png"]', (image) => image.complete
        && image.naturalWidth);
    check(wide > 0, 'the logo is not loaded');
    const icon = await window.page.evaluate(async () => {
      const answer = await fetch('/favicon.ico');
      return answer.ok && (await answer.arrayBuffer()).byteLength;
    });
    check(icon > 100, 'no icon');
    const leaf = await window.page.evaluate(() => new Promise((resolve) => {
      const image = new Image();
      image.onload = () => resolve(image.naturalWidth);
      image.onerror = () => resolve(0);
      image.src = '/leaf.jpg';
    }));
    check(leaf > 100, 'the large picture does not load');
  });
  await beforeItOpens(bench, browser, server);
  await bench.case('nothing went wrong in the window', async () => {
    window.checkQuiet();
  });
  await window.close();
  await bench.case('the server of the browser ends cleanly on ^C',
    async () => check(await bench.stop(server) === 0, 'its status is not 0'));
}

function equalLabel(got, want) {
  check(got.trim() === want, `the label is "${got}"`);
}

// What is there before the first connection opens, seen with sockets that
// never do.
async function beforeItOpens(bench, browser, server) {
  await bench.case('before anything opens the address is shown', async () => {
    const context = await browser.newContext();
    await context.addInitScript(() => {
      window.asked = [];
      window.WebSocket = class extends EventTarget {
        constructor(url, protocols) {
          super();
          this.readyState = 0;
          window.asked.push([url, String(protocols)]);
        }

        send() {
          throw new Error('sent on a socket that is not open');
        }

        close() {}
      };
      Object.assign(window.WebSocket, { CONNECTING: 0, OPEN: 1, CLOSING: 2,
        CLOSED: 3 });
    });
    const silent = new Window(await context.newPage());
    await silent.page.goto(server.url);
    const host = server.url.replace('http', 'ws');
    const number = await silent.text('number');
    check(number.includes(host), `it shows "${number}"`);
    for (const name of ['wsdi', 'wslm']) {
      const status = await silent.text(`${name}_status`);
      check(status.trim() === 'Not initialized', `it shows "${status}"`);
    }
    const asked = await silent.page.evaluate(() => window.asked);
    check(asked.length === 2 && asked.every(([url]) => url.startsWith(host)),
      `it asked for ${JSON.stringify(asked)}`);
    check(asked.map(([, name]) => name).sort().join()
      === 'dumb-increment-protocol,lws-mirror-protocol', 'for other names');
    await silent.page.click('#offset');
    await silent.drawWithMouse([[10, 10], [40, 40]]);
    silent.checkQuiet();
    await context.close();
  });
}

// The server goes away and comes back.
async function outage(bench, browser) {
  let server = await bench.server('test-server');
  const window = await Window.open(browser, server.url);
  await window.waitOpen();
  window.serverIsDown = true;
  await bench.case('without its server the page says CLOSED, in red',
    async () => {
      await bench.stop(server, 'SIGKILL');
      await window.waitClosed(5000);
    });
  await bench.case('button and canvas do no harm meanwhile', async () => {
    await window.page.click('#offset');
    await window.drawWithMouse([[20, 20], [60, 60]]);
    await sleep(2000);
    window.checkQuiet();
  });
  await bench.case('it connects again by itself when the server is back',
    async () => {
      server = await bench.server('test-server', server.port);
      await window.waitOpen(20000);
      window.serverIsDown = false;
      await window.waitNumber((n) => n > 5, 'the number counts again');
    });
  await bench.case('after a restart by ^C it comes back as well', async () => {
    window.serverIsDown = true;
    await bench.stop(server);
    await window.waitClosed(5000);
    server = await bench.server('test-server', server.port);
    await window.waitOpen(20000);
    window.serverIsDown = false;
  });
  await bench.case('there is one connection of each kind afterwards',
    async () => {
      await window.drawWithMouse([[100, 100], [150, 150]]);
      await until(() => window.drawings().length > 0, 'it has drawn');
      await sleep(500);
      const mine = window.drawings();
      const back = window.received.filter((text) => /^d /.test(text));
      check(back.length === mine.length,
        `${mine.length} drawings sent, ${back.length} received`);
      window.checkQuiet();
    });
  await window.close();
  await bench.stop(server);
}

// The same page from the server with a poll loop of its own.
async function externalPoll(bench, browser) {
  const server = await bench.server('test-server-extpoll');
  const window = await opens(bench, browser, server, 'external poll');
  await bench.case('external poll: nothing went wrong', async () => {
    window.checkQuiet();
  });
  await window.close();
  await bench.case('external poll: the server ends cleanly on ^C',
    async () => check(await bench.stop(server) === 0, 'its status is not 0'));
}

module.exports = { counting, externalPoll, outage };
