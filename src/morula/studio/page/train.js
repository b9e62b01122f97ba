// The step Train: one button, the curve while a model learns, what came of it, and then all images at once.

import * as api from './api.js';
import { cleaning } from './cleaning.js';
import { button, element, field } from './elements.js';
import * as emerging from './emerging.js';
import { frameItems } from './frames.js';
import { begin, card, isOpen, latestOf } from './jobs.js';
import { attempt } from './messages.js';
import { awaitsReview, change, entries, on, project, stateOf } from './project.js';
import { linePlot } from './plot.js';
import * as suggest from './suggest.js';
import { many } from './words.js';

const SMOOTHED = 40; // parts of a curve that are told apart
const OFTEN = 1500; // ms between two questions for the curve of a running training

const panel = document.getElementById('train');
const ready = element('p', {});
const minutes = element('input', {
  type: 'number',
  id: 'minutes',
  min: 0.1,
  max: 600,
  step: 'any',
  inputmode: 'decimal',
});
const trainButton = button('Train', () => attempt(train), { class: 'main', 'data-action': 'train' });
const segmentButton = button('Segment all', () => attempt(() => begin('segment')), { 'data-action': 'segment' });
const builtInButton = button(
  'Outline without training',
  () => attempt(() => begin('segment', { model: project.built_in[0] })),
  { 'data-action': 'built-in' },
);
const builtIn = element(
  'div',
  { class: 'stack', hidden: true },
  element('p', { class: 'line' }, builtInButton),
  element(
    'p',
    { class: 'aside' },
    'For balls of cells (gastruloids, spheroids, organoids) under any microscope: a model that comes with Morula outlines them and what they have shed. Correct a few masks, and train a model of your own on them.',
  ),
);
const curve = element('div', { class: 'curve-box', hidden: true });
const models = element('ul', { class: 'plain', id: 'models' });
const unusual = element('p', { id: 'unusual', hidden: true });

let drawn = ''; // which curve is shown, and how long it is
let asking = false;
let asked = 0;
let next = null; // news that came while the curve was asked for

export function start() {
  minutes.value = project.settings.minutes;
  minutes.addEventListener(
    'change',
    () => Number(minutes.value) > 0 && attempt(() => change({ minutes: Number(minutes.value) })),
  );
  panel.append(
    ready,
    element('div', { class: 'line' }, field('Minutes', minutes), trainButton),
    card('train', (job) => result(job)),
    emerging.picture,
    curve,
    element('h3', {}, 'All images'),
    element('p', {}, 'The model draws a mask of every frame and says how sure it is.'),
    cleaning,
    element('p', { class: 'line' }, segmentButton),
    builtIn,
    card('segment', (job) => (job.state === 'done' ? [element('p', {}, segmented(job)), unusual] : null)),
    ...suggest.section(),
    element('h3', {}, 'Models'),
    models,
  );
  on('project', show);
  on('state', show);
  on('job', (job) => {
    show();
    if (job.kind !== 'train') return;
    emerging.show(job);
    follow(job);
  });
  show();
  if (latestOf('train')) follow(latestOf('train'));
}

async function train() {
  await begin('train', { minutes: Number(minutes.value) || project.settings.minutes });
}

function show() {
  const annotated = entries.filter((entry) => stateOf(entry).annotated !== 'no').length;
  ready.textContent =
    annotated === 0
      ? 'Nothing is annotated yet. Draw in two frames or more; five are a good start.'
      : `${many(annotated, 'frame')} ${annotated === 1 ? 'is' : 'are'} annotated.${annotated < 5 ? ' Five or more make a better model.' : ''}`;
  if (document.activeElement !== minutes) minutes.value = project.settings.minutes;
  trainButton.disabled = annotated === 0 || isOpen(latestOf('train'));
  segmentButton.disabled = !project.models.length || isOpen(latestOf('segment'));
  const flat = project.images.some(({ slices, problem }) => !problem && slices === 1);
  builtIn.hidden = Boolean(project.models.length) || project.settings.objects || !flat || !project.built_in.length;
  builtInButton.disabled = isOpen(latestOf('segment'));
  showUnusual();
  models.replaceChildren(
    ...[...project.models]
      .reverse()
      .map(({ name, made, validation_iou: iou, frames }) =>
        element(
          'li',
          {},
          element('b', {}, name),
          element(
            'span',
            { class: 'aside' },
            [
              iou === null ? null : `IoU ${iou.toFixed(3)}`,
              frames ? many(frames, 'frame') : null,
              made && new Date(made).toLocaleString([], { dateStyle: 'short', timeStyle: 'short' }),
            ]
              .filter(Boolean)
              .join(' · '),
          ),
        ),
      ),
  );
  if (!project.models.length) models.replaceChildren(element('li', { class: 'aside' }, 'None yet.'));
}

/** As many as Review lists now: frames that were finished or reviewed are not there. */
function showUnusual() {
  const count = entries.map(stateOf).filter((state) => awaitsReview(state) && state.flags.length).length;
  unusual.hidden = !count;
  unusual.textContent = `${many(count, 'frame')} ${count === 1 ? 'looks' : 'look'} unusual: see Review.`;
}

function result(job) {
  if (job.state !== 'done') return null;
  const { validation_iou: iou = null, outlook, second_look: second } = job.result ?? {};
  return [
    iou !== null &&
      element(
        'p',
        { class: 'result' },
        element('b', {}, iou.toFixed(3)),
        ' IoU with your annotation on images that the model had not seen. 1 is a perfect match.',
      ),
    outlook && element('p', { class: 'aside' }, outlook),
    second && element('p', {}, second.words),
    second?.frames.length && element('ul', { class: 'plain', id: 'second-look' }, ...frameItems(second.frames)),
  ];
}

function segmented({ result: made }) {
  const failed = Object.keys(made?.failed ?? {}).length;
  return [
    made?.frames && `${many(made.frames, 'frame')} segmented.`,
    failed > 0 && `${many(failed, 'image')} failed.`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** Keep the curve of a training up to date. */
async function follow(job) {
  const due =
    isOpen(job) && drawn.startsWith(job.id) ? performance.now() - asked > OFTEN : drawn !== `${job.id} ${job.state}`;
  if (!due) return;
  if (asking) {
    next = job;
    return;
  }
  asking = true;
  asked = performance.now();
  try {
    const course = await api.get(`/api/jobs/${job.id}/course`);
    drawn = `${job.id} ${job.state}`;
    draw(course);
  } catch {
    // the curve comes with the next news
  } finally {
    asking = false;
  }
  if (next) {
    const later = next;
    next = null;
    follow(later);
  }
}

function draw({ loss, validation, steps }) {
  curve.hidden = !loss.length;
  if (!loss.length) return;
  const span = [0, Math.max(steps ?? 0, loss.at(-1)[0])];
  const parts = [
    legend('loss', 'Loss: how far the model is from your annotation'),
    linePlot(
      [
        { points: loss, name: 'loss raw' },
        { points: smooth(loss), name: 'loss' },
      ],
      { words: 'Loss by training step', x: 'step', span, range: [0, 0] },
    ),
  ];
  if (validation.length) {
    parts.push(
      legend('validation', 'IoU on images that it has not seen'),
      linePlot([{ points: validation, name: 'validation' }], {
        words: 'Validation IoU by training step',
        x: 'step',
        span,
        range: [Math.min(...validation.map(([, iou]) => iou)), 1],
      }),
    );
  }
  curve.replaceChildren(...parts);
}

/** The mean of the points around each: what each step says alone jumps about. */
function smooth(points) {
  const reach = Math.floor(points.length / SMOOTHED);
  return points.map(([step], at) => {
    const around = points.slice(Math.max(0, at - reach), at + reach + 1);
    return [step, around.reduce((sum, [, value]) => sum + value, 0) / around.length];
  });
}

function legend(name, words) {
  return element('p', { class: 'aside key' }, element('i', { class: `swatch ${name}` }), words);
}
