// SPDX-License-Identifier: LGPL-2.1-only
// Is every text on the page readable?  Runs inside the page.
'use strict';

// All visible texts whose contrast with what lies behind them is below what
// WCAG 2 asks: 4.5 to 1, and 3 to 1 where the letters are large.
function hardToRead() {
  function channels(colour) {
    const parts = (colour.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
    return parts.length < 4 ? [...parts, 1] : parts;
  }

  function over(front, back) {
    const [red, green, blue, alpha] = front;
    return [red, green, blue].map((part, n) => part * alpha
      + back[n] * (1 - alpha)).concat(1);
  }

  // Letters cut out of a gradient have its colours, all of them.
  function isCutOut(style) {
    return style.backgroundImage !== 'none'
      && (style.backgroundClip || style.webkitBackgroundClip) === 'text';
  }

  function inks(style) {
    return isCutOut(style) ? style.backgroundImage.match(/rgba?\([^)]*\)/g)
      : [style.color];
  }

  // The colour behind; of a gradient there counts the colour it lies on.
  function behind(element) {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      layers.push(isCutOut(style) ? [0, 0, 0, 0]
        : channels(style.backgroundColor));
      if (layers[layers.length - 1][3] === 1) {
        break;
      }
    }
    const dark = getComputedStyle(document.documentElement).colorScheme
      .includes('dark') && matchMedia('(prefers-color-scheme: dark)').matches;
    return layers.reverse().reduce((below, layer) => over(layer, below),
      dark ? [18, 18, 18, 1] : [255, 255, 255, 1]);
  }

  function light([red, green, blue]) {
    const linear = [red, green, blue].map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92
        : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  }

  function contrast(ink, back) {
    const pair = [light(over(channels(ink), back)), light(back)];
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  }

  function isLarge(style) {
    const size = parseFloat(style.fontSize);
    return size >= 24 || (size >= 18.6 && Number(style.fontWeight) >= 700);
  }

  const bad = [];
  for (const element of document.body.querySelectorAll('*')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3
      && node.textContent.trim());
    const style = getComputedStyle(element);
    if (!own || !element.checkVisibility()
      || ['SCRIPT', 'STYLE', 'OPTION'].includes(element.tagName)) {
      continue;
    }
    const back = behind(element);
    const ratio = Math.min(...inks(style).map((ink) => contrast(ink, back)));
    if (ratio < (isLarge(style) ? 3 : 4.5)) {
      bad.push(`${ratio.toFixed(1)} "${element.textContent.trim()
        .slice(0, 30)}"`);
    }
  }
  return bad;
}

module.exports = { hardToRead };
