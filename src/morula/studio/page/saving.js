// Strokes on their way to the disk: in the order in which they were drawn, again and again until they are there; and what
// else changes a frame, in its turn among them.

import * as api from './api.js';
import { say } from './messages.js';
import { TAB, tell } from './project.js';

const FIRST_WAIT = 500; // ms before a stroke that did not arrive is sent again
const LONGEST_WAIT = 8000;
const LARGEST = 2 ** 24; // pixels of a box

const queue = [];
const words = document.getElementById('saved');
let unfinished = 0; // strokes that are drawn, or wait for what lies under them
let sending = false;
let wait = FIRST_WAIT;
let isBehind = false;
let warned = ''; // why saving is behind, as it was said last
let takeWarningAway = () => {};
const form = []; // who waits until strokes are known
const settle = []; // who waits until they are on disk

export function start() {
  mark();
  addEventListener('beforeunload', (event) => {
    if (isBehind) event.preventDefault();
  });
  addEventListener('pagehide', () => {
    for (const { path, body } of queue.slice(sending ? 1 : 0)) if (path) api.post(path, body).catch(() => {});
  });
}

/**
 * Send numbers for a box of a frame: `part` is `{ box, runs }`, and maybe `over`: what pixels must be to be changed.
 * `done` is called once it is on disk, or was refused.
 */
export function save({ image, t, z }, part, done = () => {}) {
  queue.push({
    path: `/api/images/${image.id}/strokes`,
    body: { t, z, tab: TAB, ...part },
    done,
  });
  mark();
  send();
}

/**
 * Ask for something after all strokes before it, and before all after it; once only. `asks` is called when its turn has
 * come. Resolves with what it returns.
 */
export function inTurn(asks) {
  return new Promise((resolve, reject) => {
    queue.push({ asks: () => asks().then(resolve, reject) });
    mark();
    send();
  });
}

/** A stroke has begun: until it has ended and was sent, not all is saved. */
export function strokeBegins() {
  unfinished += 1;
  mark();
}

export function strokeEnds() {
  unfinished -= 1;
  mark();
  settleIfDone();
}

/** Resolves as soon as every stroke that has ended is known, though maybe not on disk yet. */
export function formed() {
  return unfinished ? new Promise((resolve) => form.push(resolve)) : Promise.resolve();
}

/** Resolves as soon as everything that was drawn is on disk. */
export function settled() {
  return queue.length || unfinished ? new Promise((resolve) => settle.push(resolve)) : Promise.resolve();
}

/** Cut a box into such as may be sent at once. */
export function pieces([x0, y0, x1, y1]) {
  const rows = Math.max(1, Math.floor(LARGEST / (x1 - x0)));
  const found = [];
  for (let y = y0; y < y1; y += rows) found.push([x0, y, x1, Math.min(y + rows, y1)]);
  return found;
}

async function send() {
  if (sending) return;
  sending = true;
  while (queue.length) {
    const { path, body, done, asks } = queue[0];
    if (asks) {
      await asks();
      queue.shift();
      mark();
      continue;
    }
    try {
      await api.post(path, body);
      wait = FIRST_WAIT;
      queue.shift();
      done();
    } catch (error) {
      if (error.passes) {
        const rest = wait;
        wait = Math.min(wait * 2, LONGEST_WAIT);
        mark();
        warn(error.message);
        await new Promise((resolve) => setTimeout(resolve, rest));
      } else {
        wait = FIRST_WAIT;
        queue.shift();
        done(error);
        say(`A stroke could not be saved. ${error.message}`, { wrong: true });
      }
    }
    if (wait === FIRST_WAIT) mark();
  }
  sending = false;
  settleIfDone();
  tell('saved');
}

function settleIfDone() {
  if (!unfinished) for (const resolve of form.splice(0)) resolve();
  if (!queue.length && !unfinished) for (const resolve of settle.splice(0)) resolve();
}

/** Say how saving stands. */
function mark() {
  document.documentElement.dataset.saved = queue.length || unfinished ? 'no' : 'yes';
  isBehind = queue.length > 0 && wait > FIRST_WAIT;
  if (!isBehind) warn('');
  words.textContent = isBehind
    ? 'Saving is behind. Keep this page open.'
    : queue.length || unfinished
      ? 'Saving …'
      : 'All saved';
  words.classList.toggle('wrong', isBehind);
}

/** Say why saving is behind, once for each reason; nothing is said any more once it is not. */
function warn(why) {
  if (why === warned) return;
  warned = why;
  takeWarningAway();
  if (why)
    takeWarningAway = say(`Saving is behind: what you draw is kept here and sent again. ${why}`, { wrong: true });
}
