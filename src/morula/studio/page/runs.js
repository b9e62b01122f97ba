// Runs: numbers row by row through a box, as strokes travel, and as they are taken back.

import { annotation } from './labels.js';
import { stateOf, tell } from './project.js';
import { save } from './saving.js';
import { SIDE } from './tiles.js';

export const LEAVE = -1; // a pixel that stays as it is

/** Number, length, number, length and so on. */
export class Runs {
  list = [];

  add(number, length) {
    const { list } = this;
    if (list.length && list[list.length - 2] === number) list[list.length - 1] += length;
    else list.push(number, length);
  }
}

/**
 * Write runs over a box of a frame, here and on disk, where pixels are what they were expected to be.
 *
 * @param part `{ box, runs, over }`: `over` is what they are expected to be, as runs
 * @returns a promise of how many were not, or are locked
 */
export function rewrite(frame, { box, runs, over }) {
  const [x0, y0, x1, y1] = box;
  const busy = []; // not before they are written: one that is loaded anew does not know more than the server
  const written = [];
  let saved = false;
  for (let y = y0 >> 8; y <= (y1 - 1) >> 8; y += 1) {
    for (let x = x0 >> 8; x <= (x1 - 1) >> 8; x += 1) {
      const write = (tile) => {
        const left = writeRuns(tile, { box, runs, over }, new Set(stateOf(frame).locked));
        if (!saved) {
          tile.busy += 1;
          busy.push(tile);
        }
        tell('labels', { box });
        return left;
      };
      written.push(new Promise((resolve) => annotation.when(frame, x, y, (tile) => resolve(write(tile)))));
    }
  }
  save(frame, { box, runs, over }, (error) => {
    saved = true;
    for (const tile of busy) tile.busy -= 1;
    if (error) reloadRefused(frame);
  });
  return Promise.all(written).then((left) => left.reduce((sum, each) => sum + each, 0));
}

/** The server did not take what was drawn here: show what is there. */
export function reloadRefused({ image, t }) {
  annotation.reload(image.id, t);
  tell('labels');
}

/** The runs of both lists cut where either has an end: calls back with number, expected number, start and end. */
function together(runs, over, act) {
  let [at, next, run, other, end, otherEnd] = [0, 0, 0, 0, runs[1], over[1]];
  while (run < runs.length && other < over.length) {
    next = Math.min(end, otherEnd);
    act(runs[run], over[other], at, next);
    at = next;
    if (end === at) end += runs[(run += 2) + 1];
    if (otherEnd === at) otherEnd += over[(other += 2) + 1];
  }
}

/** Returns how many pixels were neither what was expected nor what they become, or are locked. */
function writeRuns(tile, { box, runs, over }, locked) {
  const [x0, y0, x1] = box;
  const width = x1 - x0;
  const [left, top] = [tile.x * SIDE, tile.y * SIDE];
  const numbers = tile.writable;
  let others = 0;
  together(runs, over, (number, expected, from, end) => {
    for (let at = from; number !== LEAVE && at < end;) {
      const row = Math.floor(at / width);
      const y = y0 + row - top;
      const rowEnd = Math.min(end, (row + 1) * width);
      const start = Math.max(0, x0 + at - row * width - left);
      const stop = y >= 0 && y < SIDE ? Math.min(SIDE, x0 + rowEnd - row * width - left) : 0;
      for (let pixel = y * SIDE + start; pixel < y * SIDE + stop; pixel += 1) {
        if (numbers[pixel] === expected && !locked.has(expected)) numbers[pixel] = number;
        else if (numbers[pixel] !== number) others += 1; // else the server was quicker
      }
      at = rowEnd;
    }
  });
  tile.edited = true;
  return others;
}

/** Write a number, but not over locked objects. */
export function fillUnlocked(numbers, number, start, end, locked) {
  if (!locked.size) numbers.fill(number, start, end);
  else for (let at = start; at < end; at += 1) if (!locked.has(numbers[at])) numbers[at] = number;
}
