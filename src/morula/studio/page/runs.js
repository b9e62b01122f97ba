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

/** Write runs over a box of a frame, here and on disk. */
export function rewrite(frame, { box, runs }) {
  const [x0, y0, x1, y1] = box;
  const width = x1 - x0;
  const busy = [];
  for (let y = y0 >> 8; y <= (y1 - 1) >> 8; y += 1) {
    for (let x = x0 >> 8; x <= (x1 - 1) >> 8; x += 1) {
      annotation.when(frame, x, y, (tile) => {
        writeRuns(tile, runs, x0, y0, width, new Set(stateOf(frame).locked));
        tell('labels', { box });
      });
      const tile = annotation.tile(frame, 0, x, y);
      if (tile) busy.push(tile);
    }
  }
  for (const tile of busy) tile.busy += 1;
  save(frame, { box, runs }, (error) => {
    for (const tile of busy) tile.busy -= 1;
    if (error) reloadRefused(frame);
  });
}

/** The server did not take what was drawn here: show what is there. */
export function reloadRefused({ image, t }) {
  annotation.reload(image.id, t);
  tell('labels');
}

function writeRuns(tile, runs, x0, y0, width, locked) {
  const [left, top] = [tile.x * SIDE, tile.y * SIDE];
  const numbers = tile.writable;
  let at = 0;
  for (let run = 0; run < runs.length; run += 2) {
    const end = at + runs[run + 1];
    if (runs[run] === LEAVE) at = end;
    while (at < end) {
      const row = Math.floor(at / width);
      const y = y0 + row - top;
      const rowEnd = Math.min(end, (row + 1) * width);
      if (y >= 0 && y < SIDE) {
        const start = Math.max(0, x0 + at - row * width - left);
        const stop = Math.min(SIDE, x0 + rowEnd - row * width - left);
        if (start < stop) fillUnlocked(numbers, runs[run], y * SIDE + start, y * SIDE + stop, locked);
      }
      at = rowEnd;
    }
  }
  tile.edited = true;
}

/** Write a number, but not over locked objects. */
export function fillUnlocked(numbers, number, start, end, locked) {
  if (!locked.size) numbers.fill(number, start, end);
  else for (let at = start; at < end; at += 1) if (!locked.has(numbers[at])) numbers[at] = number;
}
