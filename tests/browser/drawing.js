// SPDX-License-Identifier: LGPL-2.1-only
// The canvas that all windows draw on together.
'use strict';
const { check, sleep, until } = require('./harness.js');
const { Window } = require('./window.js');

const COLOURS = [
  ['Black', '#000000', [0, 0, 0]],
  ['Blue', '#0000ff', [0, 0, 255]],
  ['Green', '#20ff20', [32, 255, 32]],
  ['Dark Red', '#802020', [128, 32, 32]],
];
const LINE = /^d #[0-9a-fA-F]{6}( -?\d+){4};$/;

async function drawing(bench, browser) {
  const server = await bench.server('test-server');
  const one = await Window.open(browser, server.url);
  const two = await Window.open(browser, server.url);
  await bench.case('the canvas is 480 by 300 and the colours are there',
    async () => {
      await one.waitOpen();
      await two.waitOpen();
      const size = await one.page.$eval('#wslm_drawing canvas',
        (canvas) => [canvas.width, canvas.height]);
      check(size[0] >= 480 && size[0] * 300 === size[1] * 480,
        `the canvas is ${size}`);
      const options = await one.page.$$eval('#color option',
        (all) => all.map((option) => [option.textContent.trim(),
          option.value.toLowerCase()]));
      check(JSON.stringify(options) === JSON.stringify(
        COLOURS.map(([name, value]) => [name, value])),
      `the colours are ${JSON.stringify(options)}`);
    });
  await shared(bench, one, two);
  await details(bench, one);
  await circles(bench, server, one, two);
  await clearing(bench, one, two);
  await bench.case('nothing went wrong in the drawing windows', async () => {
    one.checkQuiet();
    two.checkQuiet();
  });
  await one.close();
  await two.close();
  await bench.case('the server of the drawings ends cleanly on ^C',
    async () => check(await bench.stop(server) === 0, 'its status is not 0'));
}

// What one draws both see.
async function shared(bench, one, two) {
  for (const [row, [name, value, colour]] of COLOURS.entries()) {
    await bench.case(`a line drawn in ${name} is seen in both windows`,
      async () => {
        const y = 40 + 50 * row;
        await one.page.selectOption('#color', value);
        await one.drawWithMouse([[50, y], [250, y], [400, y + 20]]);
        for (const window of [one, two]) {
          await until(() => window.ink([150, y], colour),
            `the line is there in ${window === one ? 'its own' : 'the other'}`
            + ' window');
        }
      });
  }
  await bench.case('the second window can draw, too', async () => {
    await two.page.selectOption('#color', '#0000ff');
    await two.drawWithMouse([[440, 20], [440, 280]]);
    await until(() => one.ink([440, 150], [0, 0, 255]), 'the first sees it');
  });
  await bench.case('both windows have the same pixels', async () => {
    await until(async () => await one.picture() === await two.picture(),
      'the pictures are equal', 3000);
  });
}

// What goes over the wire, and what does not.
async function details(bench, window) {
  await bench.case('lines are sent as the mirror protocol has them',
    async () => {
      const texts = window.drawings().flatMap(
        (text) => text.split(/(?<=;)/));
      check(texts.length > 20, `only ${texts.length} lines`);
      const wrong = texts.filter((text) => !LINE.test(text));
      check(wrong.length === 0, `"${wrong[0]}"`);
      const numbers = texts.map((text) => text.match(/-?\d+/g).slice(-4)
        .map(Number));
      check(numbers.every(([a, b, c, d]) => Math.max(a, c) <= 480
        && Math.max(b, d) <= 300 && Math.min(a, b, c, d) >= 0),
      'a coordinate is outside of the canvas');
    });
  await bench.case('a click without a move draws nothing', async () => {
    const before = window.drawings().length;
    const place = await window.place(30, 280);
    await window.page.mouse.move(place.x, place.y);
    await window.page.mouse.down();
    await window.page.mouse.up();
    await window.page.mouse.move(place.x + 50, place.y);
    await sleep(300);
    check(window.drawings().length === before, 'something was sent');
  });
  await bench.case('the mouse let go outside of the canvas draws no further',
    async () => {
      const place = await window.place(400, 290);
      await window.page.mouse.move(place.x, place.y);
      await window.page.mouse.down();
      await window.page.mouse.move(place.x + 5, place.y);
      await window.page.mouse.move(2, 2, { steps: 5 });
      await window.page.mouse.up();
      await sleep(300);
      const before = window.drawings().length;
      await window.page.mouse.move(place.x, place.y);
      await window.page.mouse.move(place.x - 50, place.y, { steps: 5 });
      await sleep(300);
      check(window.drawings().length === before, 'it goes on drawing');
    });
  await bench.case('parts the page does not know are passed over',
    async () => {
      await window.page.evaluate(() => new Promise((resolve, reject) => {
        const socket = new WebSocket(location.href.replace('http', 'ws'),
          'lws-mirror-protocol');
        socket.onerror = reject;
        socket.onopen = () => socket.send('hello; ;d;c #zz;c #000000 1;'
          + 'd #20ff20 20 270 60 270;x 1 2 3;;');
        socket.onmessage = () => {
          socket.close();
          resolve();
        };
      }));
      await until(() => window.ink([40, 270], [32, 255, 32]),
        'the line among them is drawn');
      window.checkQuiet();
    });
}

// Circles from a program.
async function circles(bench, server, one, two) {
  await bench.case("test-client's circles arrive in both windows",
    async () => {
      const before = await one.picture();
      const client = bench.run('test-client', '127.0.0.1',
        `--port=${server.port}`);
      for (const window of [one, two]) {
        await until(() => window.received.some((text) =>
          /^c #[0-9A-F]{6} \d+ \d+ \d+;/.test(text)), 'a circle arrives');
      }
      await until(async () => await one.picture() !== before,
        'the picture changes');
      check(await bench.stop(client) === 0, 'test-client fails');
    });
  await bench.case('the windows are the same again when it has gone',
    async () => {
      await until(async () => await one.picture() === await two.picture(),
        'the pictures are equal', 40000);
    });
}

// A clean sheet is one's own affair.
async function clearing(bench, one, two) {
  await bench.case('Clear empties the canvas of this window alone',
    async () => {
      const before = await two.picture();
      await one.page.click('#clear');
      check(!await one.ink([440, 150], [0, 0, 255]), 'the line is still there');
      check(await two.picture() === before, 'the other window has changed');
      await two.drawWithMouse([[60, 20], [160, 20]]);
      await until(() => one.ink([110, 20], [0, 0, 255]),
        'new lines arrive on the clean sheet');
    });
}

module.exports = { drawing };
