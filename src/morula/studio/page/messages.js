// Short words at the foot of the page, read aloud by screen readers as well.

import { button, element } from './elements.js';
import { wordsOf } from './api.js';

const FOR_A_MOMENT = 8000; // ms
const list = document.getElementById('messages');

/** Say something that goes away by itself, or, if it is an error, when it is dismissed. Returns what takes it away. */
export function say(words, { wrong = false } = {}) {
  if (!words) return () => {};
  for (const line of [...list.children]) {
    if (!line.classList.contains('wrong') || line.firstChild.textContent === words) line.remove();
  }
  const line = element('div', { class: wrong ? 'message wrong' : 'message' }, element('span', {}, words));
  line.append(button('Close', () => line.remove(), { class: 'quiet' }));
  list.append(line);
  while (list.children.length > 3) list.firstChild.remove();
  if (!wrong) takeAwayLater(line);
  return () => line.remove();
}

/** What is pointed at or has the focus may still be read, or be about to be closed: it stays. */
function takeAwayLater(line) {
  setTimeout(() => (line.matches(':hover, :focus-within') ? takeAwayLater(line) : line.remove()), FOR_A_MOMENT);
}

/** Run what a person asked for, and say so if it fails. */
export async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    const words = wordsOf(error);
    if (words) say(words, { wrong: true });
    return undefined;
  }
}
