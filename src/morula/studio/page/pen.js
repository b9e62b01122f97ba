// A pen for those who do not use a pointer: the arrow keys move it, space presses and lifts it.

import { say } from './messages.js';
import { on, place } from './project.js';
import { begin, pointAt, tool } from './gestures.js';
import { camera } from './view.js';

const STEP = 4; // pixels of the screen
const FAR = 24;
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

let point = null; // of the image; null while it is put away
let held = null; // the tool that is down

export function start() {
  on('place', putAway);
  on('step', putAway);
  on('toolbox', lift);
}

/** Take the pen, in the middle of the view, or put it away. */
export function flip() {
  if (point) {
    putAway();
    return;
  }
  if (!place.image || place.image.problem) return;
  point = [camera.x, camera.y];
  pointAt(point, true);
  say('Pen: arrow keys move it, space presses and lifts it, Escape puts it away.');
}

/** Whether the pen is down. */
export function draws() {
  return held !== null;
}

/** Offer a key to the pen; true if it took it. */
export function offer({ key, shiftKey }) {
  if (!point) return false;
  if (key === ' ') press();
  else if (key === 'Escape') putAway();
  else if (WAYS[key]) move(WAYS[key], shiftKey ? FAR : STEP);
  else return false;
  return true;
}

function press() {
  const inHand = tool();
  if (inHand.clicks) {
    if (begin(point)) inHand.up();
  } else if (held) lift();
  else if (begin(point)) held = inHand;
  pointAt(point, true);
}

/** What was begun ends with the tool that began it, whichever is in hand by now. */
function lift() {
  const down = held;
  held = null;
  down?.up();
}

function move([across, down], step) {
  const { width, height } = place.image;
  point = [
    Math.min(Math.max(point[0] + (across * step) / camera.scale, 0), width),
    Math.min(Math.max(point[1] + (down * step) / camera.scale, 0), height),
  ];
  if (held) held.move([point]);
  else tool().hover?.(point);
  pointAt(point, true);
}

function putAway() {
  if (!point) return;
  held?.cancel();
  held = null;
  point = null;
  pointAt(null, false);
}
