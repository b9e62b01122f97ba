// How numbers become brightness: limits and gamma of each channel, which channels are shown, and the sheet that sets them.

import * as api from './api.js';
import { button, element, field } from './elements.js';
import { attempt } from './messages.js';
import { on, place, tell } from './project.js';

const STEPS = 1000; // of a slider
const WAIT = 80; // ms of rest before tiles are asked for anew

const looks = new Map(); // by image
const before = new Map();
const sheet = document.getElementById('contrast');
let waiting = 0;

/** The part of a tile's address that says how it is shown; empty as long as the server may choose. */
export function lookOf(image) {
  return looks.get(image.id)?.address ?? '';
}

/** The looks in which a tile may stand in for one that has not come yet, the best first. */
export function looksOf(image) {
  return [lookOf(image), before.get(image.id) ?? ''];
}

/** The channels of an image that are shown, as an address has them; empty as long as the server may choose. */
export function shownIn(image) {
  const look = looks.get(image.id);
  return look?.address ? look.shown.join(',') || 'none' : '';
}

export function start() {
  on('place', (news) => news?.other !== false && !sheet.hidden && show());
  on('place', () => holdStill());
}

/** Open or close the sheet; returns whether it is open. */
export function toggle() {
  sheet.hidden = !sheet.hidden;
  if (!sheet.hidden) attempt(show);
  return !sheet.hidden;
}

/** The limits of the first frame hold for all frames of a movie: automatic ones would make it flicker. */
async function holdStill() {
  const { image } = place;
  if (!image || image.problem || image.frames * image.slices === 1 || looks.has(image.id)) return;
  await attempt(() => known(image));
}

async function known(image) {
  if (looks.has(image.id)) return looks.get(image.id);
  const { limits, range } = await api.get(
    `/api/images/${image.id}/limits?t=${place.image === image ? place.t : 0}&z=${place.z}`,
  );
  const look = { limits, range, gamma: 1, shown: firstShown(image), address: '' };
  looks.set(image.id, look);
  if (image.frames * image.slices > 1) apply(image, look);
  return look;
}

function firstShown(image) {
  return image.channels.map((_, number) => number);
}

async function show() {
  const { image } = place;
  sheet.replaceChildren();
  if (!image || image.problem) return;
  const look = await known(image);
  if (place.image !== image) return;
  const parts = image.channels.map((channel, number) => channelPart(image, look, channel, number));
  const gamma = slider(Math.log2(look.gamma), -2, 2, 0.05, 'Gamma', (value) => {
    look.gamma = 2 ** value;
    changed(image, look);
  });
  const auto = button('Auto', () => attempt(() => automatic(image, look)), { 'data-action': 'auto-contrast' });
  sheet.replaceChildren(...parts, field('Gamma', gamma), auto);
}

function channelPart(image, look, channel, number) {
  const [least, most] = look.range[number];
  const step = (most - least) / STEPS || 1;
  const part = element('fieldset', {}, element('legend', {}, channel.name));
  if (image.channels.length > 1) {
    const shown = element('input', { type: 'checkbox', 'aria-label': `Show ${channel.name}`, 'data-channel': number });
    shown.checked = look.shown.includes(number);
    shown.addEventListener('change', () => {
      look.shown = image.channels
        .map((_, each) => each)
        .filter((each) => (each === number ? shown.checked : look.shown.includes(each)));
      changed(image, look);
    });
    const swatch = element('i', { class: 'swatch' });
    swatch.style.background = channel.colour;
    part.firstChild.prepend(shown, swatch);
  }
  for (const [end, words] of [
    [0, 'Dark below'],
    [1, 'Bright above'],
  ]) {
    part.append(
      field(
        words,
        slider(look.limits[number][end], least, most, step, `${words}, ${channel.name}`, (value) => {
          look.limits[number][end] = value;
          changed(image, look);
        }),
      ),
    );
  }
  return part;
}

function slider(value, least, most, step, words, set) {
  const made = element('input', { type: 'range', min: least, max: most, step, 'aria-label': words });
  made.value = value;
  made.addEventListener('input', () => set(Number(made.value)));
  return made;
}

async function automatic(image, look) {
  const { limits, range } = await api.get(`/api/images/${image.id}/limits?t=${place.t}&z=${place.z}`);
  Object.assign(look, { limits, range, gamma: 1 });
  apply(image, look);
  await show();
}

function changed(image, look) {
  clearTimeout(waiting);
  waiting = setTimeout(() => apply(image, look), WAIT);
}

function apply(image, look) {
  before.set(image.id, look.address);
  const limits = look.limits.map(([low, high]) => `${brief(low)}:${brief(Math.max(high, low))}`).join(',');
  look.address = `limits=${limits}&gamma=${look.gamma.toFixed(2)}&shown=${look.shown.join(',') || 'none'}`;
  tell('look');
}

function brief(number) {
  return Number(number.toPrecision(6));
}
