// SPDX-License-Identifier: LGPL-2.1-only
// Makes Node's ws speak TLS: to be required before a script that uses it.
//
// Clients ask for wss where the script says ws; servers show the certificate
// that LWS_TEST_CERT and LWS_TEST_KEY name.  The version of TLS is an option of
// Node, trust is NODE_EXTRA_CA_CERTS.
'use strict';
const fs = require('fs');
const https = require('https');
const Module = require('module');

const load = Module._load;

function secure(ws) {
  class Client extends ws.WebSocket {
    constructor(url, ...rest) {
      super(url && url.replace(/^ws:/, 'wss:'), ...rest);
    }
  }

  class Server extends ws.WebSocketServer {
    constructor({ host, port, ...options }, listening) {
      const server = https.createServer({
        cert: fs.readFileSync(process.env.LWS_TEST_CERT),
        key: fs.readFileSync(process.env.LWS_TEST_KEY),
      });
      super({ ...options, server });
      server.listen(port, host, listening);
    }
  }

  return Object.assign(Client, { WebSocket: ws.WebSocket,
    WebSocketServer: Server });
}

let made;

Module._load = function loadSecure(request, ...rest) {
  const found = load.call(this, request, ...rest);
  if (request !== 'ws') {
    return found;
  }
  made = made || secure(found);
  return made;
};
