// SPDX-License-Identifier: LGPL-2.1-only
// Node's ws as a client that compresses, against an echo.
//
// Usage: node node_deflate.js PORT OPTIONS
//
// OPTIONS are the members of perMessageDeflate as JSON.  Prints one line of
// JSON: why something has not come back, if so, and the extension in the
// server's answer.
'use strict';
const WebSocket = require('ws');
const { exchange } = require('./node_samples.js');

const ws = new WebSocket(`ws://127.0.0.1:${process.argv[2]}/`,
  { perMessageDeflate: JSON.parse(process.argv[3]), maxPayload: 1 << 26 });
let end = { why: 'the server has closed' };
let agreed;

ws.on('upgrade', (response) => {
  agreed = response.headers['sec-websocket-extensions'];
});
ws.on('open', () => exchange(ws, (why) => {
  const inUse = ws.extensions.includes('permessage-deflate');
  end = { agreed,
    why: inUse === Boolean(agreed) ? why : 'ws does not use it' };
  ws.close(1000);
}));
ws.on('error', (error) => {
  end = { why: String(error) };
});
ws.on('close', () => console.log(JSON.stringify(end)));
