// How the page asks the server: JSON there and back, and errors in words for a person.

const OURS = { 'X-Morula': '1' };
const LARGEST_THAT_OUTLIVES = 60_000; // bytes, as browsers grant
const SILENT = 'The studio does not answer. Is `morula studio` still running in its window?';
const ANEW = 'The studio was started anew. Open its new link in this browser; keep this page open until then.';

/** What the server said no to, in its own words; `status` is 0 where it did not answer at all. */
export class Refused extends Error {
  constructor(words, status) {
    super(words);
    this.status = status;
  }

  /** Whether the same request may well succeed later: once the server is there again, has room, or lets this page in. */
  get passes() {
    return this.status === 0 || this.status === 401 || this.status >= 500;
  }
}

export function get(path, { signal } = {}) {
  return ask(path, { signal });
}

/** A request that is small outlives the page: what was drawn last is not lost when it is closed. */
export function post(path, body = {}) {
  const text = JSON.stringify(body);
  return ask(path, {
    method: 'POST',
    headers: { ...OURS, 'Content-Type': 'application/json' },
    body: text,
    keepalive: text.length < LARGEST_THAT_OUTLIVES,
  });
}

export function put(path, body) {
  return ask(path, {
    method: 'PUT',
    headers: { ...OURS, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** One file as it is. */
export function upload(path, file) {
  return ask(path, { method: 'POST', headers: { ...OURS, 'Content-Type': 'application/octet-stream' }, body: file });
}

/** Raw bytes with what the headers say of them; null where there is nothing. */
export async function bytes(path, { signal } = {}) {
  const answer = await fetched(path, { signal });
  if (answer.status === 204) return null;
  return { buffer: await answer.arrayBuffer(), header: (name) => Number(answer.headers.get(name)) };
}

export async function picture(path, { signal } = {}) {
  const answer = await fetched(path, { signal });
  return createImageBitmap(await answer.blob());
}

/** Make sure that something can be downloaded, without doing so. */
export async function available(path) {
  const controller = new AbortController();
  await fetched(path, { signal: controller.signal });
  controller.abort();
}

/** The words of an error, or nothing for one that only says that nobody waits any more. */
export function wordsOf(error) {
  return error.name === 'AbortError' ? '' : error.message;
}

async function ask(path, options) {
  return (await fetched(path, options)).json();
}

async function fetched(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refused(SILENT, 0);
  }
  if (!answer.ok) throw new Refused(await said(answer), answer.status);
  return answer;
}

async function said(answer) {
  if (answer.status === 401) return ANEW;
  const text = await answer.text();
  try {
    const { detail } = JSON.parse(text);
    if (typeof detail === 'string') return detail;
  } catch {
    // plain words
  }
  return answer.status < 500 && text.length < 300 && text ? text : `Something went wrong (${answer.status}).`;
}
