// Undo and redo without limit: for each frame, what each stroke changed, as runs before and after in boxes,
// `{ box, before, after }` for each of its parts; and what the server changed at once, by the names that it gave. What
// others have changed since stays as they left it.

import * as api from './api.js';
import { annotation } from './labels.js';
import { attempt, say } from './messages.js';
import { forgetNumbers } from './numbers.js';
import { TAB, goTo, on, place, takeState, tell } from './project.js';
import { rewrite } from './runs.js';
import { formed, inTurn, settled } from './saving.js';
import { mayDraw } from './toolbox.js';

const histories = new Map(); // by frame: what was done, and what was taken back
let turn = Promise.resolve(); // until the last of what was asked is done: the next waits for it

export function start() {
  on('stroke', ({ frame, parts }) => keep({ frame, parts }));
}

/** Take back what was done last in the frame on screen; resolves with whether there was anything. */
export function undo() {
  return move('done', 'undone', 'before');
}

/** Do again what was taken back last. */
export function redo() {
  return move('undone', 'done', 'after');
}

/**
 * Have the server change much of a frame at once, so that it is taken back in one step.
 *
 * @param requests `[what, body]` each: the end of the address, and what is sent
 * @param pixels whether labels change, and not only what is said of the frame
 * @returns the answers
 */
export function change({ image, t }, requests, { pixels = true } = {}) {
  return inOrder(async () => {
    await settled();
    const entry = { frame: { image, t }, pixels, changes: [] };
    keep(entry);
    const ask = ([what, body]) =>
      inTurn(async () => {
        const answer = await api.post(`/api/images/${image.id}/${what}`, { t, tab: TAB, ...body });
        if (answer.change) entry.changes.push(answer.change);
        return answer;
      });
    const askAll = () => Promise.all(requests.map(ask));
    try {
      return await (pixels ? held(entry.frame, askAll) : askAll());
    } finally {
      if (!entry.changes.length) forget(entry); // nothing changed
    }
  });
}

function inOrder(act) {
  const done = turn.then(act);
  turn = done.catch(() => {});
  return done;
}

function keep(entry) {
  const { done, undone } = historyOf(entry.frame);
  done.push(entry);
  undone.length = 0;
}

function forget(entry) {
  const { done } = historyOf(entry.frame);
  done.splice(done.indexOf(entry), 1);
}

async function move(from, to, side) {
  await formed();
  return inOrder(async () => {
    const history = historyOf(place);
    const entry = history[from].at(-1);
    if (!entry) return false;
    if (entry.parts && !mayDraw(entry.frame)) return true;
    history[to].push(history[from].pop());
    if (entry.changes) await attempt(() => makeAgain(entry, side === 'before'));
    else drawAgain(entry, side);
    return true;
  });
}

function drawAgain({ frame, parts }, side) {
  if (frame.z !== place.z) goTo({ t: place.t, z: frame.z });
  const over = side === 'before' ? 'after' : 'before';
  const written = parts.map((part) => rewrite(frame, { box: part.box, runs: part[side], over: part[over] }));
  Promise.all(written).then((left) => left.some(Boolean) && sayLeft());
}

async function makeAgain({ frame, pixels, changes }, back) {
  const { image, t } = frame;
  const ask = async () => {
    for (const name of back ? [...changes].reverse() : changes) {
      const { state, left } = await inTurn(() =>
        api.post(`/api/images/${image.id}/changes`, { change: name, back, tab: TAB }),
      );
      takeState(image.id, t, state);
      if (left) sayLeft();
    }
  };
  await (pixels ? held(frame, ask) : ask());
}

function sayLeft() {
  say('Some of it was changed since, on another page or by another program, or is locked: that stays as it is.');
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
