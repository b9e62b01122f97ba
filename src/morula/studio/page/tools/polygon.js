// A polygon, corner by corner; it fills when it is closed.

import { place } from '../project.js';
import { Stroke } from '../strokes.js';
import { inside } from '../spans.js';
import { numberAt, toolbox } from '../toolbox.js';
import { camera } from '../view.js';

const TWICE = 350; // ms between the clicks of a double click
const NEAR = 12; // pixels of the screen between them

let corners = [];
let hover = null;
let number = 0;
let clicked = -Infinity;

export const tool = {
  clicks: true,

  down(point) {
    const now = performance.now();
    if (now - clicked < TWICE && corners.length > 2 && isNear(point, corners.at(-1))) {
      close();
      clicked = -Infinity;
      return;
    }
    clicked = now;
    if (!corners.length) number = numberAt(point);
    corners.push(point);
  },

  move() {},

  hover(point) {
    hover = point;
  },

  up() {},

  cancel() {
    corners = [];
  },

  /** Take back what the last press did. */
  back() {
    corners.pop();
    clicked = -Infinity;
  },

  /** Keys while it is open; true if one was meant for it. */
  key(name) {
    if (!corners.length) return false;
    if (name === 'Enter') close();
    else if (name === 'Backspace') corners.pop();
    else if (name === 'Escape') corners = [];
    else return false;
    return true;
  },

  draft() {
    return corners.length ? { points: hover ? [...corners, hover] : corners, closed: true, corners } : null;
  },
};

function isNear([x, y], [otherX, otherY]) {
  return Math.hypot(x - otherX, y - otherY) * camera.scale < NEAR;
}

function close() {
  if (corners.length > 2) {
    const stroke = new Stroke(place, number, { kept: toolbox.kept });
    stroke.paint(inside(corners));
    stroke.end();
  }
  corners = [];
}
