// The step Review: frames of the model's masks, the least certain first; accept, reject or correct them.

import * as api from './api.js';
import { button, element } from './elements.js';
import { isOpen } from './jobs.js';
import { about, summary } from './jumps.js';
import { attempt, say } from './messages.js';
import { goToId, on, place, project, stateOf, takeState } from './project.js';
import { Rows } from './rows.js';
import { show as showStep, shown } from './steps.js';
import { choose, mayDraw } from './toolbox.js';
import { change } from './undo.js';

const ROW = 56; // pixels, as in the style sheet

const panel = document.getElementById('review');
const now = element('section', { class: 'card', 'aria-label': 'This frame' });
const words = element('p', {});
const jumping = element('div', { id: 'jumping' });
const scroller = element('div', {
  id: 'queue',
  class: 'scroller',
  role: 'list',
  'aria-label': 'Frames to review, least certain first',
  tabindex: 0,
});
let queue = [];
let rows = null;

export function start() {
  panel.append(
    now,
    element(
      'p',
      { class: 'line' },
      button('Accept', () => attempt(accept), {
        'data-action': 'accept',
        class: 'main',
        'aria-keyshortcuts': 'a',
        title: 'Accept (A): the mask becomes the annotation',
      }),
      button('Correct', () => attempt(correct), {
        'data-action': 'correct',
        'aria-keyshortcuts': 'c',
        title: 'Correct (C): the mask becomes the start of an annotation',
      }),
      button('Reject', () => attempt(reject), {
        'data-action': 'reject',
        'aria-keyshortcuts': 'r',
        title: 'Reject (R): the mask is not used',
      }),
    ),
    element('h3', {}, 'To review'),
    words,
    jumping,
    scroller,
  );
  rows = new Rows(scroller, ROW, row);
  scroller.addEventListener('click', (event) => {
    const number = event.target.closest('[data-number]')?.dataset.number;
    if (number !== undefined) goToId(queue[Number(number)].id, queue[Number(number)].t);
  });
  on('step', () => shown() === 'review' && attempt(ask));
  on('project', () => {
    showNow();
    if (shown() === 'review') attempt(ask);
  });
  on('job', (job) => job.kind === 'segment' && !isOpen(job) && attempt(ask));
  on('place', () => {
    showNow();
    rows.show(queue.length);
  });
  on('state', ({ id, t, state }) => {
    if (state.review || state.annotated === 'finished') leaveOut(id, t);
    showNow();
  });
  showNow();
}

/** The model's mask is right: it becomes the annotation, and the next one comes up. */
export async function accept() {
  await judge('accepted');
}

export async function reject() {
  await judge('rejected');
}

/** The model's mask is nearly right: go on with it by hand. */
export async function correct() {
  if (!ensureMask() || !mayDraw()) return;
  const { image, t } = place;
  const [, state] = await change(place, [
    ['start', { from: 'prediction' }],
    ['state', { review: 'corrected' }],
  ]);
  takeState(image.id, t, state);
  showStep('annotate');
  choose('brush');
  say('Correct the mask with brush and eraser, then press F: finished.');
}

async function judge(review) {
  const pixels = review === 'accepted';
  if (!ensureMask() || (pixels && !mayDraw())) return;
  const { image, t } = place;
  const at = queue.findIndex((entry) => entry.id === image.id && entry.t === t);
  const [state] = await change(place, [['state', { review }]], { pixels });
  takeState(image.id, t, state); // it leaves the queue
  const next = queue[Math.min(Math.max(at, 0), queue.length - 1)];
  if (next) goToId(next.id, next.t);
}

function ensureMask() {
  if (stateOf(place).predicted) return true;
  say('There is no mask of a model here yet. Train one, then choose Segment all.');
  return false;
}

async function ask() {
  queue = await api.get('/api/queue');
  fill();
}

function leaveOut(id, t) {
  queue = queue.filter((entry) => entry.id !== id || entry.t !== t);
  fill();
}

function fill() {
  words.textContent = queue.length
    ? `${queue.length} ${queue.length === 1 ? 'frame' : 'frames'}, the least certain first.`
    : project.images.some(({ states }) => states.some(({ predicted }) => predicted))
      ? 'All masks are reviewed.'
      : 'Nothing to review yet. Train a model, then choose Segment all.';
  rows.show(queue.length);
}

function row(number) {
  const { id, t, expected, low, high, reason } = queue[number];
  const image = project.images.find((each) => each.id === id);
  const here = place.image?.id === id && place.t === t;
  const name = image ? image.name + (image.frames > 1 ? `, frame ${t + 1}` : '') : 'an image that is gone';
  return element(
    'div',
    { class: 'entry', role: 'listitem', title: reason },
    element(
      'button',
      {
        type: 'button',
        class: here ? 'entry-button here' : 'entry-button',
        'data-number': number,
        'aria-current': here ? 'true' : null,
      },
      element('span', { class: 'entry-name' }, name),
      bar(expected, low, high),
      element('span', { class: 'aside entry-why' }, reason),
    ),
  );
}

function showNow() {
  const state = stateOf(place);
  const parts = [];
  if (state.predicted) {
    parts.push(...judgement('Expected IoU', state));
    for (const [name, { iou, low, high }] of Object.entries(state.classes))
      parts.push(...judgement(name, { expected: iou, low, high }));
    if (state.flags.length)
      parts.push(element('ul', { class: 'sentences' }, ...state.flags.map((flag) => element('li', {}, flag))));
    if (state.review && !state.interpolated) parts.push(element('p', {}, `You ${state.review} this mask.`));
    parts.push(...about(place));
  } else {
    parts.push(element('p', { class: 'aside' }, 'No mask of a model in this frame.'));
  }
  now.replaceChildren(...parts);
  jumping.replaceChildren(...[summary()].filter(Boolean));
  for (const action of ['accept', 'correct', 'reject'])
    panel.querySelector(`[data-action="${action}"]`).disabled = !state.predicted;
}

/** What is judged, how good it probably is, and the same as a picture. */
function judgement(name, { expected, low, high }) {
  return [
    element('p', { class: 'card-head' }, element('b', {}, name), element('span', {}, said({ expected, low, high }))),
    bar(expected, low, high),
  ];
}

/** How good a mask probably is, with the interval in which the truth lies nine times of ten. */
function bar(expected, low, high) {
  const words = expected === null ? 'not known' : said({ expected, low, high });
  const made = element('span', {
    class: 'expected',
    role: 'img',
    'aria-label': `Expected IoU: ${words}`,
    title: `Expected IoU: ${words}`,
  });
  if (expected === null) return made;
  const fill = element('i', { class: expected < 0.8 ? 'level poor' : 'level' });
  fill.style.width = `${100 * expected}%`;
  made.append(fill);
  if (low !== null && high !== null) {
    const whisker = element('i', { class: 'interval' });
    whisker.style.left = `${100 * low}%`;
    whisker.style.width = `${100 * (high - low)}%`;
    made.append(whisker);
  }
  return made;
}

function said({ expected, low, high }) {
  if (expected === null) return 'not known';
  return low === null || high === null
    ? expected.toFixed(2)
    : `${expected.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}
