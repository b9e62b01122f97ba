// Keys: what each one does, and the page that lists them.

import { flipFinished } from './annotate.js';
import { button, byAction, element } from './elements.js';
import { draws, holdSpace, offerKey } from './gestures.js';
import { flip } from './layers.js';
import { flipLock } from './locks.js';
import { attempt } from './messages.js';
import { throughSlices } from './moments.js';
import * as pen from './pen.js';
import { walkBy } from './project.js';
import { accept, correct, reject } from './review.js';
import { show as showStep, shown } from './steps.js';
import { TOOLS } from './toolbar.js';
import { choose, chooseClass, resize } from './toolbox.js';
import { redo, undo } from './undo.js';
import { fit, panBy, zoomBy } from './view.js';

const BIGGER = 1.25;
const NEARER = 1.4;
const FAR = 80; // pixels of the screen that the view moves by a key
const FIELDS = 'input:not([type=range]):not([type=checkbox]), select, textarea, [contenteditable]';

const dialog = document.getElementById('shortcuts');

/** Keys that work even while something is drawn: they leave the frame and the tool as they are. */
const LOOK = {
  m: () => flip('annotation'),
  v: () => flip('prediction'),
  0: fit,
  '+': () => zoomBy(NEARER),
  '=': () => zoomBy(NEARER),
  '-': () => zoomBy(1 / NEARER),
};

/** Keys that work in every step. */
const ANYWHERE = {
  ...LOOK,
  n: () => walkBy(1),
  p: () => walkBy(-1),
  ArrowRight: () => walkBy(1),
  ArrowLeft: () => walkBy(-1),
  ArrowUp: () => throughSlices(1),
  ArrowDown: () => throughSlices(-1),
  f: () => attempt(flipFinished),
  '?': open,
};

const IN_STEP = {
  annotate: {
    ...Object.fromEntries(Object.entries(TOOLS).map(([name, { key }]) => [key.toLowerCase(), () => choose(name)])),
    ...Object.fromEntries(Array.from({ length: 9 }, (_, at) => [at + 1, () => chooseClass(at + 1)])),
    k: pen.flip,
    l: () => attempt(flipLock),
    '[': () => resize(1 / BIGGER),
    ']': () => resize(BIGGER),
  },
  review: { a: () => attempt(accept), r: () => attempt(reject), c: () => attempt(correct) },
};

const LIST = [
  [
    'Images',
    [
      ['N or →', 'Next frame'],
      ['P or ←', 'Frame before'],
      ['↑ ↓', 'Through the slices of a volume'],
      ['F', 'Mark as finished'],
    ],
  ],
  [
    'View',
    [
      ['Wheel, + or -', 'Zoom'],
      ['0', 'Show all of it'],
      ['Space and drag', 'Move'],
      ['Shift and arrows', 'Move'],
      ['M', 'Annotation on or off'],
      ['V', 'Mask of the model on or off'],
    ],
  ],
  [
    'Annotate',
    [
      ...Object.values(TOOLS).map(({ words, key }) => [key, words]),
      ['1 … 9', 'Class'],
      ['[ and ]', 'Smaller, larger'],
      ['Ctrl Z', 'Undo'],
      ['Ctrl Shift Z', 'Redo'],
      ['Enter', 'Close polygon or outline'],
      ['Backspace', 'Take its last point back'],
      ['Esc', 'Give it up'],
      ['L', 'Lock or unlock a picked object'],
      ['K', 'Draw with the keys: arrows, space'],
    ],
  ],
  [
    'Review',
    [
      ['A', 'Accept'],
      ['C', 'Correct'],
      ['R', 'Reject'],
    ],
  ],
  [
    'Steps',
    [
      ['Alt 1 … 5', 'Annotate, Train, Review, Measure, Check'],
      ['?', 'This page'],
    ],
  ],
];

export function start() {
  addEventListener('keydown', down);
  addEventListener('keyup', (event) => {
    if (event.key === ' ') holdSpace(false);
  });
  addEventListener('blur', () => holdSpace(false));
  for (const each of byAction('shortcuts')) each.addEventListener('click', open);
  dialog.append(
    element('h2', { id: 'shortcuts-title' }, 'Keys'),
    element(
      'div',
      { class: 'keys' },
      ...LIST.map(([words, keys]) =>
        element(
          'section',
          {},
          element('h3', {}, words),
          element(
            'dl',
            {},
            ...keys.flatMap(([key, what]) => [element('dt', {}, element('kbd', {}, key)), element('dd', {}, what)]),
          ),
        ),
      ),
    ),
    element(
      'p',
      { class: 'line end' },
      button('Close', () => dialog.close(), { class: 'main' }),
    ),
  );
}

function open() {
  if (!dialog.open) dialog.showModal();
}

function down(event) {
  if (event.target.closest?.(FIELDS) || document.querySelector('dialog[open]')) return;
  const drawing = draws() || pen.draws();
  if (drawing && (event.ctrlKey || event.metaKey || event.altKey)) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.key.toLowerCase() === 'z' || event.key.toLowerCase() === 'y') {
      event.preventDefault();
      if (event.key.toLowerCase() === 'y' || event.shiftKey) redo();
      else undo();
    }
    return;
  }
  const steps = ['annotate', 'train', 'review', 'measure', 'check'];
  if (event.altKey) {
    const step = steps[Number(event.code.replace('Digit', '')) - 1];
    if (!step) return;
    event.preventDefault();
    showStep(step);
    return;
  }
  const presses = event.target.closest?.('button, a, [role="tab"], summary');
  if (!presses && pen.offer(event)) {
    event.preventDefault();
    return;
  }
  if (event.key === ' ' && !presses) {
    event.preventDefault();
    holdSpace(true);
    return;
  }
  if (presses && (event.key === ' ' || event.key === 'Enter')) return;
  if (
    event.target.matches?.('input[type=range], input[type=checkbox]') &&
    (event.key.startsWith('Arrow') || event.key === ' ')
  )
    return;
  if (event.shiftKey && event.key.startsWith('Arrow')) {
    event.preventDefault();
    panBy(...{ ArrowLeft: [FAR, 0], ArrowRight: [-FAR, 0], ArrowUp: [0, FAR], ArrowDown: [0, -FAR] }[event.key]);
    return;
  }
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (offerKey(event.key)) {
    event.preventDefault();
    return;
  }
  const act = drawing ? LOOK[name] : (IN_STEP[shown()]?.[name] ?? ANYWHERE[name]);
  if (!act) return;
  event.preventDefault();
  act();
}
