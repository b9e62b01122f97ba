// The first steps: five short cards that point at what comes next. Shown once, and again whenever somebody asks.

import { button, byAction, element } from './elements.js';
import { on, project } from './project.js';
import { show as showStep } from './steps.js';

const SEEN = 'morula-walk-seen';
const CARDS = [
  { step: 'annotate', at: '#tools', title: 'Draw around a few', words: 'Draw around what you study, with the mouse or a pen. It fills when you let go. The eraser takes away, the background brush says: nothing here.' },
  { step: 'annotate', at: '[data-action="finished"]', title: 'Mark the frame as finished', words: 'Then all that you did not draw counts as background. N takes you to the next frame. Five frames are a good start. All is saved by itself.' },
  { step: 'train', at: '[data-action="train"]', title: 'Train a model', words: 'One minute is often enough. You may go on drawing meanwhile, or close the page.' },
  { step: 'train', at: '[data-action="segment"]', title: 'Segment all', words: 'The model draws a mask of every frame, and says which ones it is not sure of.' },
  { step: 'review', at: '#step-review', title: 'Review, then measure', words: 'Accept, correct or reject what is doubtful. What you correct teaches the next model. Measure makes the table.' },
];

const box = document.getElementById('walk');
let now = 0;

export function start() {
  for (const each of byAction('walk')) each.addEventListener('click', () => open(0));
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close();
    event.stopPropagation();
  });
  on('project', () => project.walk && project.images.length && offer());
  on('drawn', offer);
}

/** Once, it begins by itself. */
function offer() {
  if (box.hidden && !localStorage.getItem(SEEN)) open(0, { focus: false });
}

function open(number, { focus = true } = {}) {
  now = number;
  const { step, at, title, words } = CARDS[now];
  showStep(step);
  const last = now === CARDS.length - 1;
  const next = button(last ? 'Done' : 'Next', () => (last ? close() : open(now + 1)), { class: 'main', 'data-action': 'walk-next' });
  box.replaceChildren(
    element('p', { class: 'aside' }, `${now + 1} of ${CARDS.length}`), element('h2', {}, title), element('p', {}, words),
    element('p', { class: 'line end' }, button('Close', close, { class: 'quiet', 'data-action': 'walk-close' }), now > 0 && button('Back', () => open(now - 1)), next));
  for (const each of document.querySelectorAll('.pointed')) each.classList.remove('pointed');
  document.querySelector(at)?.classList.add('pointed');
  box.hidden = false;
  if (focus) next.focus();
}

function close() {
  box.hidden = true;
  localStorage.setItem(SEEN, 'yes');
  for (const each of document.querySelectorAll('.pointed')) each.classList.remove('pointed');
  document.getElementById('view').focus();
}
