// SPDX-License-Identifier: LGPL-2.1-only
// What the connections have agreed on: as the script sees it, as the page says
// it, and as the browser's developer tools and a relay have it on the wire.
'use strict';
const net = require('net');
const { check, until } = require('./harness.js');
const { Window } = require('./window.js');

const KINDS = { wsdi: 'dumb-increment-protocol', wslm: 'lws-mirror-protocol' };
const OFFER = 'permessage-deflate; client_max_window_bits';
const ANSWER = 'permessage-deflate; server_no_context_takeover';

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

// A field of the heads that the developer tools show; '' when it is not there.
function field(headers, name) {
  const found = Object.entries(headers).find(([key]) =>
    key.toLowerCase() === name);
  return found ? found[1] : '';
}

// A window whose handshakes the developer tools write down.
async function watched(browser, url) {
  const window = new Window(await (await browser.newContext()).newPage());
  const tools = await window.page.context().newCDPSession(window.page);
  const shakes = [];
  tools.on('Network.webSocketHandshakeResponseReceived', ({ response }) =>
    shakes.push({
      protocol: field(response.headers, 'sec-websocket-protocol'),
      offered: field(response.requestHeaders, 'sec-websocket-extensions'),
      answered: field(response.headers, 'sec-websocket-extensions') }));
  await tools.send('Network.enable');
  await window.page.goto(url);
  await window.waitOpen();
  return { window, shakes };
}

// The page's own two connections: all that say what they have agreed on.
async function sameEverywhere(window, shakes, wanted) {
  for (const [id, protocol] of Object.entries(KINDS)) {
    const shown = await window.text(`${id}_extensions`);
    check(shown === `extensions: ${wanted || 'none'}`, `it shows "${shown}"`);
    const scripted = await agreed(window, protocol);
    check(scripted === wanted, `socket.extensions is "${scripted}"`);
    await until(() => shakes.some((one) => one.protocol === protocol),
      `the tools show a handshake of ${protocol}`);
    for (const one of shakes.filter((any) => any.protocol === protocol)) {
      check(one.offered === OFFER, `the offer is "${one.offered}"`);
      check(one.answered === wanted, `the answer is "${one.answered}"`);
    }
  }
}

async function draws(window, y) {
  await window.waitNumber((n) => n > 5, 'it counts');
  await window.page.selectOption('#color', '#0000ff');
  await window.drawWithMouse([[50, y], [200, y], [200, y + 50]]);
  await until(() => window.ink([200, y + 25], [0, 0, 255]), 'it draws');
  window.checkQuiet();
}

// Counts the octets that go to the server on @port and come from it.
function relay(port) {
  const count = { up: 0, down: 0 };
  const server = net.createServer((client) => {
    const onward = net.connect(port, '127.0.0.1');
    client.on('data', (data) => { count.up += data.length; });
    onward.on('data', (data) => { count.down += data.length; });
    client.pipe(onward).pipe(client);
    for (const end of [client, onward]) {
      end.on('error', () => [client, onward].forEach((one) => one.destroy()));
    }
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1',
    () => resolve({ server, count, port: server.address().port })));
}

// A hundred drawings of 4000 letters each, through the relay and back.
function manyDrawings(window, port) {
  return window.page.evaluate(({ where, name }) => new Promise(
    (resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${where}/`, name);
      const text = 'd #000000 1 1 2 2;'.repeat(230).slice(0, 4000);
      let left = 100;
      socket.onopen = () => socket.send(text);
      socket.onerror = () => reject(new Error('no connection'));
      socket.onmessage = ({ data }) => {
        if (data !== text) {
          reject(new Error(`${data.length} letters came back, or changed`));
        } else if (--left) {
          socket.send(text);
        } else {
          socket.onclose = resolve;
          socket.close();
        }
      };
    }), { where: port, name: KINDS.wslm });
}

async function onTheWire(window, server) {
  const { server: listener, count, port } = await relay(server.port);
  await manyDrawings(window, port);
  listener.close();
  return count;
}

async function compressed(bench, browser) {
  const server = await bench.server('test-server');
  const { window, shakes } = await watched(browser, server.url);
  await bench.case(`page, script and tools say: ${ANSWER}`,
    () => sameEverywhere(window, shakes, ANSWER));
  await bench.case('numbers and drawings come with that',
    () => draws(window, 50));
  await bench.case('drawings are small on the wire', async () => {
    const { up, down } = await onTheWire(window, server);
    check(up < 40000 && down < 40000, `${up} octets up, ${down} down`);
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
}

async function plain(bench, browser, options, name) {
  const server = await bench.server('test-server', 0, ...options);
  const { window, shakes } = await watched(browser, server.url);
  await bench.case(`${name}: page, script and tools say none`,
    () => sameEverywhere(window, shakes, ''));
  await bench.case(`${name}: numbers and drawings come all the same`,
    () => draws(window, 150));
  await bench.case(`${name}: drawings are as long as they are`, async () => {
    const { up, down } = await onTheWire(window, server);
    check(up > 400000 && down > 400000, `${up} octets up, ${down} down`);
    window.checkQuiet();
  });
  await window.close();
  await bench.stop(server);
}

async function extensions(bench, browser) {
  if (bench.hasExtensions()) {
    await compressed(bench, browser);
    await plain(bench, browser, ['--no-compress'], '--no-compress');
  } else {
    await plain(bench, browser, [], 'a build without extensions');
  }
}

module.exports = { extensions };
