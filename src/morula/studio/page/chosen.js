// The measured object that was chosen in the picture, the table or the plot: its outline and number in the picture.

import * as api from './api.js';
import { drawing } from './elements.js';
import { attempt } from './messages.js';
import { goTo, on, place, tell } from './project.js';
import { shown } from './steps.js';
import { camera, draftTransform, whenMoved } from './view.js';

const ABOVE = 6; // pixels of the screen between an outline and its number

/** The object that was chosen: `{ id, t, number }`, the image's id, its frame, and its number there; or null. */
export let chosen = null;

const lines = drawing('g', {});
const words = drawing('text', { 'text-anchor': 'middle' });
const mark = drawing('g', { id: 'chosen', visibility: 'hidden' }, lines, words);
let known = null; // the outlines as they were fetched: `{ of, z, outlines, top }`

export function start() {
  document.getElementById('draft').append(mark);
  whenMoved(draw);
  on('place', () => attempt(fetchOutlines));
  on('step', draw);
  on('click', ([x, y]) => shown() === 'measure' && attempt(() => chooseAt(Math.floor(x), Math.floor(y))));
}

/** Choose an object: `{ id, t, number }`, or null for none. Its frame should be on screen. */
export function chooseObject(object) {
  if (sameObject(chosen, object)) return;
  chosen = object;
  tell('chosen');
  attempt(fetchOutlines);
}

export function sameObject(one, other) {
  return one === other || Boolean(one && other && keyOf(one) === keyOf(other));
}

async function chooseAt(x, y) {
  const { image, t, z } = place;
  if (!image || image.problem || x < 0 || y < 0 || x >= image.width || y >= image.height) return;
  const found = await api.get(`/api/images/${image.id}/objects/at?t=${t}&z=${z}&x=${x}&y=${y}`);
  if (place.image?.id !== image.id || place.t !== t) return; // another frame was opened meanwhile
  chooseObject(found.number === null ? null : { id: image.id, t, number: found.number });
}

async function fetchOutlines() {
  const object = chosen;
  const { image, t, z } = place;
  draw();
  if (!object || image?.id !== object.id || t !== object.t || object.number === null) return;
  if (known && known.z === z && sameObject(known.of, object)) return;
  const found = await api.get(`/api/images/${object.id}/objects/${object.number}?t=${t}&z=${z}`);
  if (!sameObject(chosen, object) || place.image?.id !== object.id || place.t !== t || place.z !== z) return;
  const isNew = !sameObject(known?.of, object);
  known = { of: object, ...found, top: topOf(found.outlines) };
  lines.replaceChildren(
    ...['casing', 'line'].map((name) => drawing('path', { class: name, d: found.outlines.map(pathOf).join('') })),
  );
  words.textContent = object.number;
  if (found.z !== z && isNew) goTo({ t, z: found.z });
  else draw();
}

function draw() {
  const { image, t, z } = place;
  const here =
    shown() === 'measure' &&
    known?.outlines.length &&
    known.z === z &&
    known.of.t === t &&
    known.of.id === image?.id &&
    sameObject(known.of, chosen);
  mark.setAttribute('visibility', here ? 'visible' : 'hidden');
  if (!here) return;
  lines.setAttribute('transform', draftTransform());
  const [width, height] = [mark.ownerSVGElement.clientWidth, mark.ownerSVGElement.clientHeight];
  const [x, y] = known.top;
  words.setAttribute('x', (x - camera.x) * camera.scale + width / 2);
  words.setAttribute('y', Math.max((y - camera.y) * camera.scale + height / 2 - ABOVE, 16));
}

function pathOf(points) {
  return `M${points.map(([x, y]) => `${x} ${y}`).join('L')}Z`;
}

/** The highest point of some outlines. */
function topOf(outlines) {
  return outlines.flat().reduce((top, point) => (point[1] < top[1] ? point : top), [0, Infinity]);
}

function keyOf({ id, t, number }) {
  return `${id}/${t}/${number}`;
}
