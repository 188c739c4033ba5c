// SPDX-License-Identifier: LGPL-2.1-only
// One window on the page, as a user has it: what can be read, clicked and
// drawn, and everything that went wrong in it.
'use strict';
const { check, until } = require('./harness.js');

const OPEN = 'rgb(64, 255, 64)';
const CLOSED = 'rgb(255, 64, 64)';

class Window {
  constructor(page) {
    this.page = page;
    this.troubles = [];
    this.sent = [];
    this.received = [];
    this.serverIsDown = false;
    page.setDefaultTimeout(10000);
    page.on('pageerror', (error) => this.troubles.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !this.serverIsDown) {
        this.troubles.push(message.text());
      }
    });
    page.on('requestfailed', (request) => this.troubles.push(
      `${request.url()} ${request.failure() && request.failure().errorText}`));
    page.on('response', (response) => {
      if (response.status() >= 400) {
        this.troubles.push(`${response.url()} is ${response.status()}`);
      }
    });
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => this.sent.push(
        String(payload)));
      socket.on('framereceived', ({ payload }) => this.received.push(
        String(payload)));
    });
  }

  static async open(browser, url, options) {
    const context = await browser.newContext(options);
    const window = new Window(await context.newPage());
    await window.page.goto(url);
    return window;
  }

  close() {
    return this.page.context().close();
  }

  text(id) {
    return this.page.textContent(`#${id}`);
  }

  background(id) {
    return this.page.$eval(`#${id}`,
      (element) => getComputedStyle(element).backgroundColor);
  }

  // Does this connection's cell say so, in words and colour?
  async shows(name, words, colour) {
    return (await this.text(`${name}_status`)).includes(words)
      && await this.background(`${name}_statustd`) === colour;
  }

  async waitOpen(within) {
    for (const name of ['wsdi', 'wslm']) {
      await until(() => this.shows(name, 'websocket connection opened', OPEN),
        `${name} shows an open connection`, within);
    }
  }

  async waitClosed(within) {
    for (const name of ['wsdi', 'wslm']) {
      await until(() => this.shows(name, 'websocket connection CLOSED',
        CLOSED), `${name} shows a closed connection`, within);
    }
  }

  // The number on show; NaN while there is none.
  async number() {
    return parseInt(await this.text('number'), 10);
  }

  waitNumber(wanted, what, within) {
    return until(async () => wanted(await this.number()), what, within);
  }

  // Where a point of the canvas is on the screen.
  async place(x, y) {
    const canvas = this.page.locator('#wslm_drawing canvas');
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    return { x: box.x + x * box.width / 480, y: box.y + y * box.height / 300 };
  }

  async drawWithMouse(points) {
    const places = [];
    for (const [x, y] of points) {
      places.push(await this.place(x, y));
    }
    await this.page.mouse.move(places[0].x, places[0].y);
    await this.page.mouse.down();
    for (const { x, y } of places.slice(1)) {
      await this.page.mouse.move(x, y, { steps: 10 });
    }
    await this.page.mouse.up();
  }

  async drawWithFinger(points) {
    const wire = await this.page.context().newCDPSession(this.page);
    const touch = async (type, point) => wire.send('Input.dispatchTouchEvent',
      { type, touchPoints: point ? [point] : [] });
    await touch('touchStart', await this.place(...points[0]));
    for (const [x, y] of points.slice(1)) {
      await touch('touchMove', await this.place(x, y));
    }
    await touch('touchEnd');
    await wire.detach();
  }

  // How many pixels near a point of the canvas have about this colour.
  ink([x, y], [red, green, blue], around = 4) {
    return this.page.evaluate(([left, top, size, colour]) => {
      const canvas = document.querySelector('#wslm_drawing canvas');
      const scale = canvas.width / 480;
      const { data } = canvas.getContext('2d').getImageData(left * scale,
        top * scale, size * scale, size * scale);
      let found = 0;
      for (let n = 0; n < data.length; n += 4) {
        const apart = colour.reduce((sum, part, channel) => sum
          + Math.abs(data[n + channel] - part), 0);
        found += data[n + 3] > 100 && apart < 120;
      }
      return found;
    }, [x - around, y - around, 2 * around, [red, green, blue]]);
  }

  // The whole drawing, to be compared with another window's.
  picture() {
    return this.page.$eval('#wslm_drawing canvas',
      (canvas) => canvas.toDataURL());
  }

  drawings() {
    return this.sent.filter((text) => /^[dc] /.test(text));
  }

  checkQuiet() {
    check(this.troubles.length === 0, this.troubles.join(' | '));
  }
}

module.exports = { Window, CLOSED, OPEN };
