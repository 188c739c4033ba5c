// SPDX-License-Identifier: LGPL-2.1-only
// A server on Node's ws for our clients; server_python.py is its twin.
//
// Usage: node node_server.js [refuse|wrong-protocol|plain|strict]
//
// Speaks dumb-increment-protocol and lws-mirror-protocol; without subprotocol
// the path says what happens.  Every event is one line of JSON on stdout.
'use strict';
const { WebSocketServer, WebSocket } = require('ws');

const INCREMENT = 'dumb-increment-protocol';
const MIRROR = 'lws-mirror-protocol';
const mode = process.argv[2] || '';
const mirrors = new Set();
let ids = 0;

function tell(facts) {
  process.stdout.write(JSON.stringify(facts) + '\n');
}

function increment(ws) {
  let number = 0;
  const timer = setInterval(() => ws.send(String(number++)), 50);
  ws.on('message', (data) => tell({ event: 'increment-message',
    text: String(data) }));
  ws.on('close', () => clearInterval(timer));
}

function mirror(ws, id) {
  mirrors.add(ws);
  ws.on('message', (data, isBinary) => {
    tell({ event: 'drawing', id, text: String(data).slice(0, 200) });
    for (const one of mirrors) {
      if (one.readyState === WebSocket.OPEN) {
        one.send(data, { binary: isBinary });
      }
    }
  });
  ws.on('close', () => mirrors.delete(ws));
}

// messages, or lists of fragments, that must come back as they are
function samples() {
  const list = [];
  for (const length of [0, 1, 125, 126, 127, 4096, 65535, 65536, 1 << 20]) {
    list.push('t'.repeat(length));
    list.push(Buffer.from(Array.from({ length }, (_, n) => n & 255)));
  }
  list.push('\u00e5\u20ac\u{1f600}'.repeat(3000));
  list.push(['one', '', '\u00e5'.repeat(50000), 'three']);
  list.push([Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(50000),
    Buffer.from('three')]);
  return list;
}

function bytes(sample) {
  const parts = Array.isArray(sample) ? sample : [sample];
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

function isText(sample) {
  return typeof (Array.isArray(sample) ? sample[0] : sample) === 'string';
}

function sendSample(ws, sample) {
  const parts = Array.isArray(sample) ? sample : [sample];
  parts.forEach((part, n) => ws.send(part, { binary: !isText(sample),
    fin: n === parts.length - 1 }));
}

function versa(ws) {
  const left = samples();
  sendSample(ws, left[0]);
  ws.on('message', (data, isBinary) => {
    const want = left.shift();
    if (isBinary === isText(want) || !bytes(want).equals(data)) {
      tell({ event: 'versa', ok: false,
        why: `${bytes(want).length} bytes came back as ${data.length}` });
      ws.terminate();
    } else if (left.length) {
      sendSample(ws, left[0]);
    } else {
      ws.ping('well?');
    }
  });
  ws.on('pong', (data) => {
    if (String(data) === 'well?') {
      ws.on('close', (code) => tell({ event: 'versa', ok: true, code }));
      ws.close(3001, 'that was all');
    }
  });
}

function hello(ws) {
  ws.on('message', (data, isBinary) => {
    tell({ event: 'hello', text: String(data) });
    ws.send(data, { binary: isBinary });
  });
}

function leave(ws) {
  ws.on('message', (data) => {
    tell({ event: 'hello', text: String(data) });
    ws.close(1001);
  });
}

function masked(ws) {
  ws._socket.write(Buffer.from('818101020304' + '60', 'hex'));
  ws.on('close', (code) => tell({ event: 'masked', code }));
}

const paths = { '/hello': hello, '/versa': versa, '/leave': leave,
  '/masked': masked };

const options = {
  host: '127.0.0.1',
  port: 0,
  maxPayload: 1 << 26,
  handleProtocols: (offered) => {
    if (mode === 'wrong-protocol') {
      return 'never-offered';
    }
    return [INCREMENT, MIRROR].find((name) => offered.has(name)) || false;
  },
};

if (mode === 'plain') {  // has no opinion about subprotocols
  delete options.handleProtocols;
}
if (mode === 'strict') {  // refuses who offers any
  options.verifyClient = (info, done) =>
    done(!info.req.headers['sec-websocket-protocol'], 400);
}
if (mode === 'refuse') {
  options.verifyClient = (info, done) => done(false, 403, 'not today');
}

const server = new WebSocketServer(options, () => {
  tell({ event: 'listening', port: server.address().port });
});

server.on('connection', (ws, request) => {
  const id = ++ids;
  tell({ event: 'open', id, protocol: ws.protocol || null, path: request.url,
    host: request.headers.host, origin: request.headers.origin,
    version: request.headers['sec-websocket-version'],
    key: request.headers['sec-websocket-key'] });
  ws.on('error', (error) => tell({ event: 'trouble', id,
    why: String(error) }));
  ws.on('close', (code) => tell({ event: 'close', id,
    protocol: ws.protocol || null, code }));
  if (ws.protocol === INCREMENT) {
    increment(ws);
  } else if (ws.protocol === MIRROR) {
    mirror(ws, id);
  } else {
    (paths[request.url] || hello)(ws);
  }
});

process.on('SIGINT', () => process.exit(0));
