// SPDX-License-Identifier: LGPL-2.1-only
// What the connections have agreed on, and that the page says so.
'use strict';
const { check, until } = require('./harness.js');
const { Window } = require('./window.js');

const KINDS = { wsdi: 'dumb-increment-protocol', wslm: 'lws-mirror-protocol' };

// What the browser agrees on with the server, on a connection of its own.
function agreed(window, protocol) {
  return window.page.evaluate((name) => new Promise((resolve, reject) => {
    const socket = new WebSocket(location.href.replace(/^http/, 'ws'), name);
    socket.onopen = () => {
      resolve(socket.extensions);
      socket.close();
    };
    socket.onerror = () => reject(new Error('no connection'));
  }), protocol);
}

async function extensions(bench, browser) {
  const server = await bench.server('test-server');
  const window = await Window.open(browser, server.url);
  await bench.case('the page shows what each connection has agreed on',
    async () => {
      await window.waitOpen();
      for (const [id, protocol] of Object.entries(KINDS)) {
        const wanted = await agreed(window, protocol);
        check(wanted.includes('permessage-deflate')
          === bench.hasExtensions(), `the browser has "${wanted}"`);
        const shown = await window.text(`${id}_extensions`);
        check(shown === `extensions: ${wanted || 'none'}`,
          `it shows "${shown}", not "${wanted}"`);
      }
    });
  await bench.case('numbers and drawings come with that', async () => {
    await window.waitNumber((n) => n > 5, 'it counts');
    await window.page.selectOption('#color', '#0000ff');
    await window.drawWithMouse([[50, 50], [200, 50], [200, 200]]);
    await until(() => window.ink([200, 120], [0, 0, 255]), 'it draws');
    window.checkQuiet();
  });
  await bench.case('without a connection it shows none', async () => {
    window.serverIsDown = true;
    await bench.stop(server);
    await window.waitClosed(5000);
    for (const id of Object.keys(KINDS)) {
      const shown = await window.text(`${id}_extensions`);
      check(shown === '', `it shows "${shown}"`);
    }
  });
  await window.close();
  await bench.case('--no-compress keeps everything as it is', async () => {
    const plain = await bench.server('test-server', 0, '--no-compress');
    const other = await Window.open(browser, plain.url);
    await other.waitOpen();
    for (const id of Object.keys(KINDS)) {
      const shown = await other.text(`${id}_extensions`);
      check(shown === 'extensions: none', `it shows "${shown}"`);
    }
    other.checkQuiet();
    await other.close();
    await bench.stop(plain);
  });
}

module.exports = { extensions };
