// Work that takes long: how it is begun, stopped and gone on with, and the card that says how far it is.

import * as api from './api.js';
import { button, element } from './elements.js';
import { attempt, say } from './messages.js';
import { on, project, tell } from './project.js';
import { settled } from './saving.js';

const PRESSED = 200; // ms

const latest = new Map(); // by kind: the newest job of each

const VERBS = {
  train: 'Training',
  segment: 'Segmenting',
  measure: 'Measuring',
  check: 'Checking',
  suggest: 'Suggesting',
  report: 'Writing the report',
};
const STATES = {
  waiting: ': waiting for its turn',
  running: '',
  stopped: ': stopped',
  done: ': done',
  failed: ': failed',
};

export async function start() {
  on('project', () => project.job && take(project.job));
  const jobs = await attempt(() => api.get('/api/jobs'));
  for (const job of [...(jobs ?? [])].reverse()) take(job);
}

/** News of a job, from wherever they come. */
export function take(job) {
  const before = latest.get(job.kind);
  if (before && before.id > job.id) return;
  latest.set(job.kind, job);
  if (before?.id === job.id && isOpen(before) && job.state === 'failed')
    say(`${VERBS[job.kind]} failed. ${job.error ?? ''}`, { wrong: true });
  if (before?.id === job.id && isOpen(before) && job.state === 'done') say(`${VERBS[job.kind]}: done.`);
  tell('job', job);
}

export function latestOf(kind) {
  return latest.get(kind) ?? null;
}

export function isOpen(job) {
  return job?.state === 'waiting' || job?.state === 'running';
}

/** Begin work, once all that was drawn is on disk. */
export async function begin(kind, more = {}) {
  await settled();
  take(await api.post('/api/jobs', { kind, ...more }));
}

/** A card that says how the newest job of a kind stands, and stays up to date. `more` fills what follows the words. */
export function card(kind, more = () => null) {
  const box = element('section', { class: 'card', 'data-job': kind, 'aria-label': VERBS[kind] });
  const show = () => {
    if (box.matches(':active'))
      setTimeout(show, PRESSED); // else what is being pressed would be gone before it is released
    else fillCard(box, latestOf(kind), more);
  };
  on('job', (job) => job.kind === kind && show());
  show();
  return box;
}

/** Seconds as one says them. */
function duration(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

function fillCard(box, job, more) {
  box.hidden = !job;
  if (!job) return;
  box.dataset.state = job.state;
  const focused = box.contains(document.activeElement) && document.activeElement.dataset.action;
  const head = element(
    'p',
    { class: 'card-head' },
    element('b', {}, VERBS[job.kind] + STATES[job.state]),
    timeWords(job),
  );
  const told = job.sentences.length ? [sentencesOf(job, box.querySelector('details')?.open)] : [];
  box.replaceChildren(head, ...parts(job), ...[more(job)].flat().filter(Boolean), ...told, ...foot(job));
  if (focused) box.querySelector(`[data-action="${focused}"]`)?.focus();
}

function parts(job) {
  const found = [];
  if (isOpen(job)) found.push(bar(job));
  if (isOpen(job) && job.words) found.push(element('p', { class: 'aside' }, job.words));
  if (job.error) found.push(element('p', { class: 'wrong', role: 'alert' }, job.error));
  return found;
}

/** What was found out on the way: the latest in sight, the rest on request. */
function sentencesOf(job, open = false) {
  const { sentences } = job;
  if (sentences.length === 1) return element('p', { class: 'said' }, sentences[0]);
  return element(
    'details',
    { open },
    element(
      'summary',
      { 'data-action': 'sentences' },
      job.state === 'running' ? sentences.at(-1) : `What it said (${sentences.length})`,
    ),
    element('ul', { class: 'sentences' }, ...sentences.map((sentence) => element('li', {}, sentence))),
  );
}

function bar(job) {
  const known = job.total > 0;
  const made = element(
    'div',
    {
      class: known ? 'progress' : 'progress unknown',
      role: 'progressbar',
      'aria-label': VERBS[job.kind],
      'aria-valuemin': 0,
      'aria-valuemax': known ? job.total : null,
      'aria-valuenow': known ? job.done : null,
    },
    element('i'),
  );
  if (known) made.firstChild.style.width = `${(100 * job.done) / job.total}%`;
  return made;
}

function timeWords(job) {
  if (job.state === 'running')
    return element('span', {}, job.left === null ? duration(job.seconds) : `${duration(job.left)} left`);
  return element('span', {}, job.seconds ? `took ${duration(job.seconds)}` : '');
}

function foot(job) {
  const made = [];
  if (isOpen(job))
    made.push(
      button('Stop', () => attempt(async () => take(await api.post(`/api/jobs/${job.id}/stop`))), {
        'data-action': 'stop',
      }),
    );
  if (job.state === 'stopped' || job.state === 'failed')
    made.push(
      button('Go on', () => attempt(async () => take(await api.post(`/api/jobs/${job.id}/resume`))), {
        'data-action': 'resume',
      }),
    );
  if (job.command)
    made.push(
      button('Copy as command', () => copy(job.command), {
        class: 'quiet',
        'data-action': 'copy-command',
        title: job.command,
      }),
    );
  return made.length ? [element('p', { class: 'line' }, ...made)] : [];
}

/** Put words on the clipboard. */
export async function copy(words) {
  try {
    await navigator.clipboard.writeText(words);
    say(`Copied: ${words}`);
  } catch {
    say(words); // a browser that grants no clipboard: then it can be copied from here
  }
}
