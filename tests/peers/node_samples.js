// SPDX-License-Identifier: LGPL-2.1-only
// Messages, or lists of fragments, that must come back as they are.
'use strict';

const LENGTHS = [0, 1, 125, 126, 127, 4096, 65535, 65536, 1 << 20];

// Octets without any order that are the same each time.
function noise(length, seed) {
  let state = seed;
  return Buffer.from(Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  }));
}

function samples() {
  const list = [];
  for (const length of LENGTHS) {
    list.push('t'.repeat(length));
    list.push(Buffer.from(Array.from({ length }, (_, n) => n & 255)));
  }
  list.push(noise(65537, 1));
  list.push('\u00e5\u20ac\u{1f600}'.repeat(3000));
  list.push(['one', '', '\u00e5'.repeat(50000), 'three']);
  list.push([Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(50000),
    Buffer.from('three')]);
  // short only for who remembers 8000 octets of earlier messages
  list.push(noise(8000, 2), noise(8000, 2));
  return list;
}

function bytes(sample) {
  const parts = Array.isArray(sample) ? sample : [sample];
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

function isText(sample) {
  return typeof (Array.isArray(sample) ? sample[0] : sample) === 'string';
}

function send(ws, sample) {
  const parts = Array.isArray(sample) ? sample : [sample];
  parts.forEach((part, n) => ws.send(part, { binary: !isText(sample),
    fin: n === parts.length - 1 }));
}

// Send one after the other, each when the one before has come back; @done gets
// what went wrong, or nothing.
function exchange(ws, done) {
  const left = samples();
  send(ws, left[0]);
  ws.on('message', (data, isBinary) => {
    const want = left.shift();
    if (want === undefined || isBinary === isText(want)
      || !bytes(want).equals(data)) {
      done(`${bytes(want || []).length} bytes came back as ${data.length}`);
    } else if (left.length) {
      send(ws, left[0]);
    } else {
      done();
    }
  });
}

module.exports = { exchange };
