// SPDX-License-Identifier: LGPL-2.1-only
// Node's ws as the client of test-echo and test-server.
//
// Usage: node node_client.js ECHO_PORT SERVER_PORT [deflate]
//
// With deflate every connection has to compress, without none may.
// Prints one line for each case and "all cases have run" at the end.
'use strict';
const assert = require('assert');
const crypto = require('crypto');
const WebSocket = require('ws');

const echoPort = process.argv[2];
const serverPort = process.argv[3];
const compresses = process.argv[4] === 'deflate';
const who = compresses ? 'Node, compressed' : 'Node';
const LIMIT = 15000;

// A connection whose messages can be awaited one after the other.
class Peer {
  constructor(port, protocols, options) {
    this.ws = new WebSocket(`ws://127.0.0.1:${port}/`, protocols || [],
      { perMessageDeflate: compresses && { threshold: 0 },
        handshakeTimeout: 5000, ...options });
    this.arrived = [];
    this.waiting = [];
    const hand = (event) => {
      const taker = this.waiting.shift();
      return taker ? taker(event) : this.arrived.push(event);
    };
    this.ws.on('message', (data, binary) => hand({ data, binary }));
    this.ws.on('pong', (data) => hand({ pong: String(data) }));
    this.ws.on('close', (code, reason) => hand({ code,
      reason: String(reason) }));
    this.ws.on('error', (error) => hand({ error: String(error) }));
  }

  static open(port, protocols, options) {
    const peer = new Peer(port, protocols, options);
    return new Promise((resolve, reject) => {
      peer.ws.on('open', () => {
        const agreed = peer.ws.extensions.includes('permessage-deflate');
        return agreed === compresses ? resolve(peer)
          : reject(new Error(`the extensions are "${peer.ws.extensions}"`));
      });
      peer.ws.on('error', reject);
    });
  }

  next() {
    if (this.arrived.length) {
      return Promise.resolve(this.arrived.shift());
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  async text() {
    const event = await this.next();
    assert.ok(event.data, 'no message but ' + JSON.stringify(event));
    assert.strictEqual(event.binary, false, 'the message is binary');
    return String(event.data);
  }
}

async function testCase(name, body) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('took too long')), LIMIT);
  });
  try {
    await Promise.race([body(), late]);
    console.log(`ok - ${who}: ${name}`);
  } catch (error) {
    const why = String(error.message || error).replace(/\s+/g, ' ');
    console.log(`not ok - ${who}: ${name}: ${why.slice(0, 200)}`);
  }
  clearTimeout(timer);
}

async function echo(message, options) {
  const binary = Buffer.isBuffer(message);
  const peer = await Peer.open(echoPort, [], options);
  peer.ws.send(message);
  const event = await peer.next();
  assert.ok(event.data, 'no message but ' + JSON.stringify(event));
  assert.strictEqual(event.binary, binary, 'came back as another kind');
  assert.strictEqual(event.data.length, Buffer.byteLength(message), 'length');
  assert.ok(Buffer.from(message).equals(event.data), 'content differs');
  peer.ws.close(1000);
  assert.strictEqual((await peer.next()).code, 1000, 'the close code');
}

async function echoes() {
  for (const length of [0, 1, 125, 126, 127, 65535, 65536, 1 << 20]) {
    await testCase(`a text of ${length} bytes is echoed`,
      () => echo('n'.repeat(length)));
    await testCase(`a binary of ${length} bytes is echoed`,
      () => echo(crypto.randomBytes(length)));
  }
  await testCase('text of every UTF-8 length is echoed',
    () => echo('\u00e5\u07ff\u0800\ufffd\u{10000}\u{10ffff}'.repeat(5000)));
}

async function framesAndPings() {
  await testCase('a message in fragments is echoed', async () => {
    const peer = await Peer.open(echoPort);
    const parts = ['one', '', '\u00e5'.repeat(60000), 'four'];
    parts.forEach((part, n) => peer.ws.send(part, { fin: n === 3 }));
    assert.strictEqual(await peer.text(), parts.join(''));
    peer.ws.terminate();
  });
  await testCase('a ping between fragments gets its pong', async () => {
    const peer = await Peer.open(echoPort);
    peer.ws.send('one', { fin: false });
    peer.ws.ping('are you there');
    peer.ws.send('two', { fin: true });
    assert.deepStrictEqual(await peer.next(), { pong: 'are you there' });
    assert.strictEqual(await peer.text(), 'onetwo');
    peer.ws.terminate();
  });
  await testCase('1000 messages at once come back in order', async () => {
    const peer = await Peer.open(echoPort);
    for (let n = 0; n < 1000; n++) {
      peer.ws.send(String(n));
    }
    for (let n = 0; n < 1000; n++) {
      assert.strictEqual(await peer.text(), String(n));
    }
    peer.ws.terminate();
  });
}

async function closes() {
  for (const [code, reason] of [[1000, ''], [1001, 'off'],
    [3000, '\u00e5'.repeat(61)], [4999, 'x'.repeat(123)]]) {
    await testCase(`close ${code} is answered with ${code}`, async () => {
      const peer = await Peer.open(echoPort);
      peer.ws.close(code, reason);
      assert.strictEqual((await peer.next()).code, code);
    });
  }
  await testCase('a close without code is answered without one', async () => {
    const peer = await Peer.open(echoPort);
    peer.ws.close();
    assert.strictEqual((await peer.next()).code, 1005);
  });
}

async function numbers() {
  await testCase('numbers count up from 0', async () => {
    const peer = await Peer.open(serverPort, 'dumb-increment-protocol');
    assert.strictEqual(peer.ws.protocol, 'dumb-increment-protocol');
    for (let n = 0; n < 20; n++) {
      assert.strictEqual(await peer.text(), String(n));
    }
    peer.ws.terminate();
  });
  await testCase('reset sets the number to 0', async () => {
    const peer = await Peer.open(serverPort, 'dumb-increment-protocol');
    for (let n = 0; n < 5; n++) {
      await peer.text();
    }
    peer.ws.send('reset\n');
    const got = [];
    for (let n = 0; n < 8; n++) {
      got.push(await peer.text());
    }
    assert.ok(got.includes('0'), `the numbers were ${got}`);
    peer.ws.terminate();
  });
}

async function mirror() {
  await testCase('the mirror gives a drawing to all, the sender included',
    async () => {
      const peers = [];
      for (let n = 0; n < 5; n++) {
        peers.push(await Peer.open(serverPort, 'lws-mirror-protocol'));
      }
      for (let n = 0; n < 20; n++) {
        peers[n % 5].ws.send(`c #802020 ${n} ${n} 12;`);
        for (const peer of peers) {
          assert.strictEqual(await peer.text(), `c #802020 ${n} ${n} 12;`);
        }
      }
      peers.forEach((peer) => peer.ws.terminate());
    });
  await testCase('the first subprotocol that the server knows is agreed',
    async () => {
      const peer = await Peer.open(serverPort,
        ['unheard-of', 'lws-mirror-protocol', 'dumb-increment-protocol']);
      assert.strictEqual(peer.ws.protocol, 'lws-mirror-protocol');
      peer.ws.terminate();
    });
  await testCase('only unknown subprotocols are refused with 400',
    async () => {
      const peer = new Peer(serverPort, ['unheard-of']);
      assert.match((await peer.next()).error, /400/);
    });
}

(async () => {
  await echoes();
  await framesAndPings();
  await closes();
  await numbers();
  await mirror();
  console.log('all cases have run');
  process.exit(0);
})();
