// SPDX-License-Identifier: LGPL-2.1-only
// A server on Node's ws for our clients; server_python.py is its twin.
//
// Usage: node node_server.js [--deflate=OPTIONS]
//                            [refuse|wrong-protocol|plain|strict]
//
// OPTIONS are the members of perMessageDeflate as JSON; without there is none.
// Speaks dumb-increment-protocol and lws-mirror-protocol; without subprotocol
// the path says what happens.  Every event is one line of JSON on stdout.
'use strict';
const { WebSocketServer, WebSocket } = require('ws');
const { exchange } = require('./node_samples.js');

const INCREMENT = 'dumb-increment-protocol';
const MIRROR = 'lws-mirror-protocol';
const ANSWER = 'Sec-WebSocket-Extensions: ';
const DEFLATE = '--deflate=';
const deflate = process.argv.find((word) => word.startsWith(DEFLATE));
const mode = process.argv.slice(2).find((word) => word !== deflate) || '';
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

function versa(ws) {
  exchange(ws, (why) => {
    if (why) {
      tell({ event: 'versa', ok: false, why });
      ws.terminate();
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
  perMessageDeflate: deflate ? JSON.parse(deflate.slice(DEFLATE.length))
    : false,
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

server.on('headers', (lines, request) => {
  request.answered = lines;
});

server.on('connection', (ws, request) => {
  const id = ++ids;
  tell({ event: 'open', id, protocol: ws.protocol || null, path: request.url,
    host: request.headers.host, origin: request.headers.origin,
    version: request.headers['sec-websocket-version'],
    key: request.headers['sec-websocket-key'],
    offered: request.headers['sec-websocket-extensions'] || null,
    agreed: (request.answered.find((line) => line.startsWith(ANSWER))
      || '').slice(ANSWER.length) || null });
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
