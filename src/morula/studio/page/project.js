// What the page knows of the project, which frame is on screen, and who is told when either changes.

import * as api from './api.js';

const listeners = new Map();

/** This page among those that are open on the project. */
export const TAB = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) =>
  byte.toString(16).padStart(2, '0'),
).join('');

export const project = {
  name: '',
  folder: '',
  settings: { classes: [], objects: false, minutes: 1 },
  images: [],
  models: [],
  built_in: [],
  job: null,
  walk: false,
};

/** Every frame of every image, in order: what the gallery lists and the arrow keys walk through. */
export let entries = [];

/** The frame on screen; `image` is null while there is none. */
export const place = { image: null, t: 0, z: 0 };

/** Have a listener called with the news of a topic: project, place, state, labels, look, layers, toolbox, step, stroke,
 * draft, job, saved, drawn, click, chosen. */
export function on(topic, listener) {
  if (!listeners.has(topic)) listeners.set(topic, new Set());
  listeners.get(topic).add(listener);
}

export function tell(topic, news) {
  for (const listener of listeners.get(topic) ?? []) listener(news);
}

/** What the server says now; a page that opens has it already, asked for by `index.html` before all else. */
export async function load() {
  take(await api.get('/api/project'));
}

/** Take what the server says of the whole project; the frame on screen stays, if it is still there. */
export function take(facts) {
  Object.assign(project, facts);
  entries = project.images.flatMap((image) =>
    Array.from({ length: image.problem ? 1 : image.frames }, (_, t) => ({ image, t })),
  );
  const still = place.image && project.images.find((image) => image.id === place.image.id);
  place.image = still ?? null;
  tell('project');
  if (!still && entries.length) goTo(entries[0]);
  else if (!entries.length) tell('place');
}

export async function change(settings) {
  project.settings = await api.put('/api/settings', { ...project.settings, ...settings });
  tell('project');
}

/** Show a frame: `{ image, t, z }`, where what is left out stays or begins at its usual value. */
export function goTo({ image = place.image, t = 0, z }) {
  if (!image) return;
  const other = image !== place.image;
  const slice =
    z ?? (other && !(place.image && place.image.slices === image.slices) ? Math.floor(image.slices / 2) : place.z);
  place.image = image;
  place.t = Math.min(Math.max(t, 0), Math.max(image.frames - 1, 0));
  place.z = Math.min(Math.max(slice, 0), image.slices - 1);
  tell('place', { other });
}

/** Show a frame by the id of its image; false where there is no such image. */
export function goToId(id, t = 0) {
  const image = project.images.find((each) => each.id === id);
  if (image) goTo({ image, t });
  return Boolean(image);
}

export function indexOf({ image, t }) {
  return entries.findIndex((entry) => entry.image === image && entry.t === t);
}

export function walkBy(count) {
  const next = entries[indexOf(place) + count];
  if (next) goTo(next);
}

const UNKNOWN = {
  annotated: 'no',
  predicted: false,
  review: null,
  expected: null,
  low: null,
  high: null,
  classes: {},
  flags: [],
  locked: [],
  interpolated: false,
};

export function stateOf({ image, t }) {
  return image?.states[t] ?? UNKNOWN;
}

export function takeState(id, t, state) {
  const image = project.images.find((each) => each.id === id);
  if (!image) return;
  const before = image.states[t];
  image.states[t] = state;
  tell('state', { id, t, state, before });
}

/** Whether a frame in such a state is listed in Review. */
export function awaitsReview({ predicted, review, annotated }) {
  return predicted && !review && annotated !== 'finished';
}

/** The number of pixels that nobody annotated. */
export function nothing() {
  return project.settings.objects ? 65535 : 255;
}

export function kindOfNumbers() {
  return project.settings.objects ? Uint16Array : Uint8Array;
}

/** How many µm a pixel of an image is wide; null where nobody knows. */
export function micrometres(image) {
  if (project.settings.pixel_size) return project.settings.pixel_size;
  return image.pixel_size ? image.pixel_size.at(-1) : null;
}
