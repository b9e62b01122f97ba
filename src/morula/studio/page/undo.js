// Undo and redo without limit: for each frame, what each stroke changed, as runs before and after in boxes,
// `{ box, before, after }` for each of its parts; and what the server changed at once, by the names that it gave.

import * as api from './api.js';
import { annotation } from './labels.js';
import { attempt } from './messages.js';
import { forgetNumbers } from './numbers.js';
import { TAB, goTo, on, place, takeState, tell } from './project.js';
import { rewrite } from './runs.js';
import { inTurn, settled } from './saving.js';
import { mayDraw } from './toolbox.js';

const histories = new Map(); // by frame: what was done, and what was taken back
let last = null; // what the server was asked to take back, until it answers: the next step waits for it

export function start() {
  on('stroke', ({ frame, parts }) => keep({ frame, parts }));
}

export function undo() {
  const { done, undone } = historyOf(place);
  return move(done, undone, 'before');
}

export function redo() {
  const { done, undone } = historyOf(place);
  return move(undone, done, 'after');
}

/**
 * Have the server change much of a frame at once, so that it is taken back in one step.
 *
 * @param requests `[what, body]` each: the end of the address, and what is sent
 * @param pixels whether labels change, and not only what is said of the frame
 * @returns the answers
 */
export async function change({ image, t }, requests, { pixels = true } = {}) {
  await settled();
  const entry = { frame: { image, t }, pixels, changes: [] };
  keep(entry);
  const ask = () =>
    Promise.all(
      requests.map(([what, body]) => {
        const answer = inTurn(() => api.post(`/api/images/${image.id}/${what}`, { t, tab: TAB, ...body }));
        entry.changes.push(answer.then(({ change: name }) => name).catch(() => ''));
        return answer;
      }),
    );
  try {
    return await (pixels ? held(entry.frame, ask) : ask());
  } finally {
    if (!(await Promise.all(entry.changes)).some(Boolean)) forget(entry); // nothing changed
  }
}

function keep(entry) {
  const { done, undone } = historyOf(entry.frame);
  done.push(entry);
  undone.length = 0;
}

function forget(entry) {
  const histories = historyOf(entry.frame);
  for (const side of ['done', 'undone']) {
    const at = histories[side].indexOf(entry);
    if (at >= 0) histories[side].splice(at, 1);
  }
}

function move(from, to, side) {
  if (last) {
    last.then(() => move(from, to, side));
    return true;
  }
  const entry = from.at(-1);
  if (!entry) return false;
  if (entry.parts && !mayDraw(entry.frame)) return true;
  to.push(from.pop());
  if (entry.changes) {
    last = attempt(() => makeAgain(entry, side === 'before')).finally(() => {
      last = null;
    });
    return true;
  }
  if (entry.frame.z !== place.z) goTo({ t: place.t, z: entry.frame.z });
  for (const part of entry.parts) rewrite(entry.frame, { box: part.box, runs: part[side] });
  return true;
}

async function makeAgain({ frame, pixels, changes }, back) {
  const { image, t } = frame;
  const ask = async () => {
    for (const name of back ? [...changes].reverse() : changes) {
      await inTurn(async () => {
        const known = await name;
        if (!known) return;
        const { state } = await api.post(`/api/images/${image.id}/changes`, { change: known, back, tab: TAB });
        takeState(image.id, t, state);
      });
    }
  };
  await (pixels ? held(frame, ask) : ask());
}

/** Nobody draws in a frame while it is changed. */
async function held(frame, act) {
  try {
    return await annotation.hold(frame, act);
  } finally {
    forgetNumbers(frame);
    tell('labels');
  }
}

function historyOf({ image, t }) {
  const key = `${image?.id}/${t}`;
  if (!histories.has(key)) histories.set(key, { done: [], undone: [] });
  return histories.get(key);
}
