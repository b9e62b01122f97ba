// The gallery: every frame of every image with how far it is. Only the rows in sight exist.

import { element } from './elements.js';
import { icon } from './icons.js';
import { awaitsReview, entries, goTo, on, place, stateOf } from './project.js';
import { Rows } from './rows.js';

const ROW = 68; // pixels, as in the style sheet

const list = document.getElementById('gallery');
const filter = document.getElementById('filter');
const count = document.getElementById('count');
const FILTERS = {
  all: () => true,
  open: (state) => state.annotated !== 'finished',
  annotated: (state) => state.annotated !== 'no',
  doubtful: (state) => state.flags.length > 0,
  unreviewed: awaitsReview,
};

const rows = new Rows(list, ROW, row, giveUp);
let listed = [];

export function start() {
  filter.addEventListener('change', show);
  list.addEventListener('keydown', keys);
  list.addEventListener('click', (event) => {
    const number = event.target.closest('[data-number]')?.dataset.number;
    if (number) goTo(listed[Number(number)]);
  });
  on('project', show);
  on('place', follow);
  on('state', ({ id, t }) => {
    const number = listed.findIndex(({ image, t: moment }) => image.id === id && moment === t);
    if (number >= 0) rows.renew(number);
    countThem();
  });
}

function show() {
  listed = filter.value === 'all' ? entries : entries.filter((entry) => FILTERS[filter.value](stateOf(entry)));
  rows.show(listed.length);
  countThem();
  follow();
}

function countThem() {
  const finished = entries.filter((entry) => stateOf(entry).annotated === 'finished').length;
  count.textContent =
    listed.length === entries.length
      ? `${finished} of ${entries.length} finished`
      : `${listed.length} of ${entries.length}`;
}

let chosen = -1;

function follow() {
  const number = listed.findIndex(({ image, t }) => image === place.image && t === place.t);
  const before = chosen;
  chosen = number;
  rows.renew(before);
  if (number < 0) {
    list.removeAttribute('aria-activedescendant');
    return;
  }
  rows.bringIntoSight(number);
  rows.renew(number);
  list.setAttribute('aria-activedescendant', `frame-${number}`);
}

function row(number) {
  const { image, t } = listed[number];
  const state = stateOf(listed[number]);
  const marks = marksOf(image, state);
  const several = image.frames > 1;
  const words = [image.name, several && `frame ${t + 1}`, ...marks.map((mark) => mark.words)]
    .filter(Boolean)
    .join(', ');
  const made = element('div', {
    class: 'frame',
    role: 'option',
    id: `frame-${number}`,
    'data-number': number,
    'data-image': image.id,
    'data-t': t,
    'aria-selected': number === chosen,
    'aria-setsize': listed.length,
    'aria-posinset': number + 1,
    'aria-label': words,
    title: words,
  });
  made.append(
    image.problem ? element('span', { class: 'thumbnail broken' }, icon('cross')) : thumbnail(image, t),
    element(
      'span',
      { class: 'name' },
      element('span', {}, image.name),
      several && element('span', { class: 'aside' }, `frame ${t + 1} of ${image.frames}`),
    ),
    element(
      'span',
      { class: 'marks' },
      ...marks.map(({ name, sign }) => element('span', { class: `mark ${name}` }, icon(sign))),
    ),
  );
  return made;
}

function thumbnail(image, t) {
  return element('img', {
    class: 'thumbnail',
    src: `/api/images/${image.id}/thumbnail?t=${t}`,
    alt: '',
    decoding: 'async',
    fetchpriority: 'low',
    draggable: 'false',
  });
}

/** A thumbnail that has not come before its row left is not waited for: the view needs the line. */
function giveUp(made) {
  const picture = made.querySelector('img');
  if (picture && !picture.complete) picture.removeAttribute('src');
}

/** What is known of a frame, as signs and in words. */
function marksOf(image, state) {
  const marks = [];
  if (image.problem) marks.push({ name: 'bad', sign: 'flag', words: image.problem });
  if (state.annotated === 'finished') marks.push({ name: 'good', sign: 'check', words: 'annotation finished' });
  if (state.annotated === 'partly') marks.push({ name: 'some', sign: 'partly', words: 'partly annotated' });
  if (state.predicted) marks.push({ name: 'model', sign: 'model', words: 'has a mask of the model' });
  if (state.review === 'accepted') marks.push({ name: 'good', sign: 'check', words: 'mask accepted' });
  if (state.review === 'corrected') marks.push({ name: 'good', sign: 'pencil', words: 'mask corrected' });
  if (state.review === 'rejected') marks.push({ name: 'bad', sign: 'cross', words: 'mask rejected' });
  if (state.flags.length) marks.push({ name: 'doubt', sign: 'flag', words: state.flags.join('; ') });
  return marks;
}

function keys(event) {
  const page = Math.max(1, Math.floor(list.clientHeight / ROW));
  const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -listed.length, End: listed.length }[
    event.key
  ];
  if (!step || !listed.length) return;
  event.preventDefault();
  event.stopPropagation();
  goTo(listed[Math.min(Math.max(chosen + step, 0), listed.length - 1)]);
}
