// Undo and redo without limit: for each frame, what each stroke changed, as
// runs before and after in boxes: `{ box, before, after }` for each of its parts.

import { goTo, on, place } from './project.js';
import { rewrite } from './strokes.js';

const histories = new Map(); // by frame: strokes done, and strokes taken back

export function start() {
  on('stroke', ({ frame, parts }) => {
    const { done, undone } = historyOf(frame);
    done.push({ frame, parts });
    undone.length = 0;
  });
}

export function undo() {
  const { done, undone } = historyOf(place);
  return move(done, undone, 'before');
}

export function redo() {
  const { done, undone } = historyOf(place);
  return move(undone, done, 'after');
}

function move(from, to, side) {
  const stroke = from.pop();
  if (!stroke) return false;
  if (stroke.frame.z !== place.z) goTo({ t: place.t, z: stroke.frame.z });
  for (const part of stroke.parts) rewrite(stroke.frame, { box: part.box, runs: part[side] });
  to.push(stroke);
  return true;
}

function historyOf({ image, t }) {
  const key = `${image?.id}/${t}`;
  if (!histories.has(key)) histories.set(key, { done: [], undone: [] });
  return histories.get(key);
}
