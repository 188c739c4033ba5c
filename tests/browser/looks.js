// SPDX-License-Identifier: LGPL-2.1-only
// The page by day, by night and on a phone.
'use strict';
const { hardToRead } = require('./contrast.js');
const { check, until } = require('./harness.js');
const { Window } = require('./window.js');

const PHONE = { viewport: { width: 360, height: 640 }, hasTouch: true,
  isMobile: true, deviceScaleFactor: 2 };

async function looks(bench, browser) {
  const server = await bench.server('test-server');
  await schemes(bench, browser, server);
  await phone(bench, browser, server);
  await bench.case('the server of the phone ends cleanly on ^C',
    async () => check(await bench.stop(server) === 0, 'its status is not 0'));
}

async function schemes(bench, browser, server) {
  const seen = {};
  const windows = [];
  for (const scheme of ['light', 'dark']) {
    const window = await Window.open(browser, server.url,
      { colorScheme: scheme });
    windows.push(window);
    await bench.case(`every text is readable in the ${scheme} scheme`,
      async () => {
        await window.waitOpen();
        await readable(window);
        seen[scheme] = await window.page.evaluate(() =>
          getComputedStyle(document.body).color);
      });
  }
  await bench.case('the schemes differ', async () => {
    check(seen.light && seen.light !== seen.dark,
      `text is ${seen.light} in both`);
  });
  await bench.case('a closed connection is readable in both', async () => {
    const old = await bench.server('test-server');
    for (const scheme of ['light', 'dark']) {
      const window = await Window.open(browser, old.url,
        { colorScheme: scheme });
      await window.waitOpen();
      windows.push(window);
    }
    await bench.stop(old);
    for (const window of windows.slice(2)) {
      await window.waitClosed();
      await readable(window);
    }
  });
  for (const window of windows) {
    await window.close();
  }
}

async function readable(window) {
  const bad = await window.page.evaluate(hardToRead);
  check(bad.length === 0, `contrast ${bad.join(', ')}`);
}

async function phone(bench, browser, server) {
  const hand = await Window.open(browser, server.url, PHONE);
  const desk = await Window.open(browser, server.url);
  await bench.case('the page fits a phone without scrolling sideways',
    async () => {
      await hand.waitOpen();
      const [wide, room] = await hand.page.evaluate(() =>
        [document.scrollingElement.scrollWidth, innerWidth]);
      check(room <= PHONE.viewport.width + 1, `it is laid out for ${room}`);
      check(wide <= room, `it is ${wide} wide in ${room}`);
      const box = await hand.page.locator('#wslm_drawing canvas')
        .boundingBox();
      check(box.x >= 0 && box.x + box.width <= room + 1,
        'the canvas is cut off');
    });
  await bench.case('the button is large enough for a finger', async () => {
    const box = await hand.page.locator('#offset').boundingBox();
    check(box.width >= 44 && box.height >= 32,
      `it is ${box.width} by ${box.height}`);
    await hand.waitNumber((n) => n > 40, 'the number is above 40');
    await hand.page.tap('#offset');
    await hand.waitNumber((n) => n < 30, 'the number is small', 1500);
  });
  await bench.case('a finger draws, and the desk sees it', async () => {
    await desk.waitOpen();
    await hand.page.selectOption('#color', '#0000ff');
    await hand.place(100, 100);	// scrolls there
    const before = await hand.page.evaluate(() => scrollY);
    await hand.drawWithFinger([[100, 60], [100, 100], [100, 150], [100, 200],
      [200, 240]]);
    await until(() => desk.ink([100, 130], [0, 0, 255]),
      'the line is there at the desk');
    check(await hand.page.evaluate(() => scrollY) === before,
      'the page scrolled away under the finger');
  });
  await bench.case('phone and desk have the same lines', async () => {
    await until(() => hand.ink([100, 130], [0, 0, 255]),
      'the line is there in the hand');
    hand.checkQuiet();
    desk.checkQuiet();
  });
  await hand.close();
  await desk.close();
}

module.exports = { looks };
