// The tabs of the panel: Annotate, Train, Review, Measure, Check.

import { element } from './elements.js';
import { tell } from './project.js';

const STEPS = { annotate: 'Annotate', train: 'Train', review: 'Review', measure: 'Measure', check: 'Check' };

const tabs = document.getElementById('steps');
let now = 'annotate';

export function start() {
  for (const [name, words] of Object.entries(STEPS)) {
    const tab = element(
      'button',
      { type: 'button', role: 'tab', id: `step-${name}`, 'data-step': name, 'aria-controls': name },
      words,
    );
    tab.addEventListener('click', () => show(name));
    tabs.append(tab);
  }
  tabs.addEventListener('keydown', walk);
  show(now);
}

/** Which step is shown. */
export function shown() {
  return now;
}

export function show(name) {
  now = name;
  document.documentElement.dataset.step = name;
  for (const tab of tabs.children) {
    const chosen = tab.dataset.step === name;
    tab.setAttribute('aria-selected', chosen);
    tab.tabIndex = chosen ? 0 : -1;
    document.getElementById(tab.dataset.step).hidden = !chosen;
  }
  tell('step');
}

function walk(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  const names = Object.keys(STEPS);
  show(names[(names.indexOf(now) + step + names.length) % names.length]);
  document.getElementById(`step-${now}`).focus();
}
