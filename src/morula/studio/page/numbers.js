// Numbers of new objects. The server hands them out, so that no two pages give the same one. Some are kept ready: then
// no stroke waits.

import * as api from './api.js';
import { on, place, project } from './project.js';

const TOGETHER = 8;
const FEW = 4; // left, when more are asked for

const ready = new Map(); // by frame
const asked = new Map(); // by frame: a promise of more
let forgotten = 0; // how often: what was asked before is not taken

export function start() {
  on('place', prepare);
  on('project', prepare);
}

/** The number of the next new object in a frame; a promise of it where none is ready. */
export function nextNumber(frame) {
  const number = ready.get(keyOf(frame))?.shift();
  if (number === undefined) return more(frame).then(() => nextNumber(frame));
  if (ready.get(keyOf(frame)).length < FEW) more(frame).catch(() => {}); // asked for again by the next stroke
  return number;
}

/** Numbers that are ready may be taken by now: objects came into the frame by another way, or the server began anew. */
export function forgetNumbers(frame) {
  forgotten += 1;
  if (frame) ready.delete(keyOf(frame));
  else ready.clear();
}

function prepare() {
  const { image } = place;
  if (!project.settings.objects || !image || image.problem || ready.get(keyOf(place))?.length) return;
  more({ image, t: place.t }).catch(() => {});
}

function more(frame) {
  const key = keyOf(frame);
  if (!asked.has(key))
    asked.set(
      key,
      ask(frame, key).finally(() => asked.delete(key)),
    );
  return asked.get(key);
}

async function ask({ image, t }, key) {
  const before = forgotten;
  const { numbers } = await api.post(`/api/images/${image.id}/numbers`, { t, count: TOGETHER });
  if (before === forgotten) ready.set(key, [...(ready.get(key) ?? []), ...numbers]);
}

function keyOf({ image, t }) {
  return `${image.id}/${t}`;
}
