// The step Measure: the table of objects beside their plot, and what can be taken along.

import * as api from './api.js';
import { chosen } from './chosen.js';
import { button, element } from './elements.js';
import * as figures from './figures.js';
import { begin, card, isOpen, latestOf } from './jobs.js';
import { attempt, say } from './messages.js';
import { ask as askTable, isChosen, isHere, open, placeOf, table, titleOf } from './measurements.js';
import { on } from './project.js';
import { brief } from './plot.js';
import { Rows } from './rows.js';
import { shown } from './steps.js';
import { many } from './words.js';

const ROW = 28; // pixels, as in the style sheet
const EXPORTS = [
  ['measurements.csv', 'Table (CSV)'],
  ['masks.zip', 'Masks'],
  ['rois.zip', 'ROIs'],
  ['report.html', 'Report'],
  ['everything.zip', 'Everything'],
];
const SHORT = new Set(['frame', 'object']); // names of columns with short numbers
/** What may not have been made yet: a browser would say only that a download failed. */
const ASKED_FIRST = new Set(['measurements.csv', 'rois.zip', 'report.html']);

const panel = document.getElementById('measure');
const head = element('div', { class: 'table-head', role: 'row' });
const scroller = element('div', { class: 'scroller table', tabindex: 0, role: 'rowgroup', 'aria-label': 'Rows' });
const box = element(
  'div',
  { role: 'table', class: 'table-box', 'aria-label': 'Measurements' },
  element('div', { role: 'rowgroup', class: 'head-group' }, head),
  scroller,
);
const found = element('div', { class: 'stack grow', hidden: true });
const stale = element('p', { class: 'aside', id: 'stale', hidden: true }, 'Masks have changed since. Measure again.');
const measureButton = button('Measure', () => attempt(() => begin('measure')), {
  class: 'main',
  'data-action': 'measure',
});

let outdated = true;
let order = []; // numbers of rows, as they are sorted
let columns = []; // numbers of columns, as they are shown
let sorted = { by: null, down: false }; // by the name of a column
let rows = null;

export function start() {
  const links = EXPORTS.map(([what, words]) => {
    const link = element('a', { href: `/api/export/${what}`, download: '', 'data-export': what }, words);
    link.addEventListener('click', (event) => ASKED_FIRST.has(what) && takeAlong(event, what));
    return link;
  });
  found.append(stale, ...figures.parts(showPlotted), box);
  panel.append(
    element(
      'p',
      { class: 'with-button' },
      measureButton,
      'Size, shape and brightness of every object in every mask. What you corrected counts as you left it.',
    ),
    card('measure', (job) =>
      job.state === 'done' ? element('p', {}, `${many(job.result.objects, 'object')} measured.`) : null,
    ),
    element('p', { class: 'line links' }, element('span', { class: 'aside' }, 'Take along'), ...links),
    found,
  );
  rows = new Rows(scroller, ROW, row);
  scroller.addEventListener(
    'scroll',
    () => {
      head.style.transform = `translateX(${-scroller.scrollLeft}px)`;
    },
    { passive: true },
  );
  scroller.addEventListener('click', (event) => {
    const number = event.target.closest('[data-number]')?.dataset.number;
    if (number !== undefined) open(order[Number(number)]);
  });
  scroller.addEventListener('keydown', keys);
  on('step', () => shown() === 'measure' && outdated && attempt(ask));
  on('job', (job) => {
    measureButton.disabled = isOpen(latestOf('measure'));
    if (job.kind === 'measure' && job.state === 'done' && shown() === 'measure') attempt(ask);
    else if (job.kind === 'measure') outdated = true;
    if (job.kind === 'report' && reportWanted && !isOpen(job)) {
      reportWanted = false;
      if (job.state === 'done') download('report.html');
    }
  });
  on('place', () => {
    if (!table.file || shown() !== 'measure') return;
    figures.draw();
    rows.show(order.length);
  });
  on('chosen', showChosen);
}

function showChosen() {
  if (!table.file || shown() !== 'measure') return;
  figures.draw();
  rows.show(order.length);
  const at = order.findIndex(isChosen);
  if (at >= 0) rows.bringIntoSight(at);
  else if (chosen) say('This object is not in the table. Masks have changed since: measure again.');
}

async function ask() {
  await askTable();
  outdated = false;
  found.hidden = !table.file; // nothing measured yet
  stale.hidden = !table.outdated;
  if (!table.file) return;
  figures.offer();
  columns = arranged();
  showSorted();
}

/** What a row is about, then what is plotted, which is in sight so without scrolling, and then all else. */
function arranged() {
  const moves = table.rows.some((cells) => cells[placeOf('frame')] !== 0);
  const about = ['file', moves && 'frame', 'object'].filter(Boolean);
  const first = [...about, ...figures.plotted()].map(placeOf).filter((at) => at >= 0);
  const all = table.columns.map((_, at) => at).filter((at) => moves || at !== placeOf('frame'));
  return [...new Set([...first, ...all])];
}

function showPlotted() {
  columns = arranged();
  scroller.scrollLeft = 0;
  drawHead();
  rows.show(order.length);
}

let reportWanted = false;

function takeAlong(event, what) {
  event.preventDefault();
  attempt(async () => {
    if (what === 'report.html') {
      reportWanted = true;
      await begin('report');
      return;
    }
    await api.available(`/api/export/${what}`);
    download(what);
  });
}

function download(what) {
  element('a', { href: `/api/export/${what}`, download: '' }).click();
}

function sort(by) {
  sorted = { by, down: sorted.by === by && !sorted.down };
  showSorted();
}

/** As it was asked for last, since a table that is read anew is to stay as a person left it. */
function showSorted() {
  const by = placeOf(sorted.by);
  order = table.rows.map((_, number) => number);
  if (by >= 0) order.sort((a, b) => compared(table.rows[a][by], table.rows[b][by]) * (sorted.down ? -1 : 1));
  drawHead();
  rows.show(order.length);
}

function compared(a, b) {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : String(a).localeCompare(String(b), undefined, { numeric: true });
}

/** Cells stay who they are, else what is being pressed would be gone before it is released. */
function drawHead() {
  while (head.children.length > columns.length) head.lastChild.remove();
  while (head.children.length < columns.length) head.append(headCell(head.children.length));
  columns.forEach((number, place) => {
    const cell = head.children[place];
    const words = titleOf(table.columns[number]);
    const sign = sorted.by === table.columns[number].name ? (sorted.down ? ' ▾' : ' ▴') : '';
    cell.className = classOf(number, table.rows[0]?.[number]);
    cell.setAttribute('aria-sort', sign ? (sorted.down ? 'descending' : 'ascending') : 'none');
    cell.firstChild.textContent = words + sign;
    cell.firstChild.title = words;
  });
}

function headCell(place) {
  const press = () => sort(table.columns[columns[place]].name);
  return element('div', { role: 'columnheader' }, button('', press, { class: 'quiet' }));
}

function classOf(column, value) {
  const short = SHORT.has(table.columns[column].name) ? ' short' : '';
  return `cell${typeof value === 'number' ? ' number' : ''}${short}`;
}

function row(number) {
  const cells = table.rows[order[number]];
  const here = isHere(order[number]);
  const own = isChosen(order[number]);
  return element(
    'div',
    {
      role: 'row',
      class: `row${here ? ' here' : ''}${own ? ' chosen' : ''}`,
      'aria-current': own ? 'true' : null,
      'data-number': number,
    },
    ...columns.map((at) => {
      const value = cells[at];
      return element(
        'div',
        { role: 'cell', class: classOf(at, value), title: typeof value === 'string' ? value : null },
        value === null ? '–' : typeof value === 'number' ? brief(value) : String(value),
      );
    }),
  );
}

function keys(event) {
  if (event.key !== 'Enter' && event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  event.preventDefault();
  event.stopPropagation();
  const own = order.findIndex(isChosen);
  const next = own < 0 ? order.findIndex(isHere) : own + { ArrowUp: -1, ArrowDown: 1, Enter: 0 }[event.key];
  const at = Math.min(Math.max(next, 0), order.length - 1);
  open(order[at]);
  rows.bringIntoSight(at);
}
