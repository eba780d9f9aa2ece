// Talking to the gateway: reads with ETags, and commands.

// A gateway that takes longer is as good as down; a command may wait for a database of its own.
const READ_PATIENCE_MS = 5000;
const COMMAND_PATIENCE_MS = 20000;

const remembered = new Map();

/**
 * GET a path; what has not changed since the last time is not sent again.
 * Returns { reached, up, data, now }: whether the gateway answered, whether the service did, the last data
 * that is known, and the gateway's clock in ms.
 */
export async function read(path) {
  const known = remembered.get(path);
  const headers = known?.etag ? { "If-None-Match": known.etag } : {};
  try {
    const response = await fetch(path, { headers, cache: "no-store", signal: AbortSignal.timeout(READ_PATIENCE_MS) });
    const now = clock(response);
    if (response.status === 304) return { reached: true, up: true, data: known.data, now };
    if (!response.ok) return { reached: true, up: false, data: known?.data, now };
    const data = await response.json();
    remembered.set(path, { etag: response.headers.get("ETag"), data });
    return { reached: true, up: true, data, now };
  } catch {
    return { reached: false, up: false, data: known?.data, now: Date.now() };
  }
}

/** Whether an app serves: OPTIONS changes nothing, and the app itself answers it. */
export async function serves(path) {
  try {
    const response = await fetch(path, { method: "OPTIONS", signal: AbortSignal.timeout(READ_PATIENCE_MS) });
    return { reached: true, up: response.ok };
  } catch {
    return { reached: false, up: false };
  }
}

/** Send a command. Returns { request, method, path, body, status, answer, ms }; status 0 where nothing answered. */
export async function command(method, path, body, headers = {}) {
  const request = `console-${[...crypto.getRandomValues(new Uint8Array(5))].map((n) => n.toString(16).padStart(2, "0")).join("")}`;
  const sent = { request, method, path, body };
  const started = performance.now();
  try {
    const response = await fetch(path, {
      method,
      headers: { "Content-Type": "application/json", "X-Request-ID": request, ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(COMMAND_PATIENCE_MS),
    });
    const answer = await response.json();
    return { ...sent, status: response.status, answer, ms: performance.now() - started };
  } catch {
    return { ...sent, status: 0, answer: null, ms: performance.now() - started };
  }
}

// The Date header has whole seconds: a clock that agrees with it is the better one.
function clock(response) {
  const told = Date.parse(response.headers.get("Date"));
  const here = Date.now();
  return Number.isNaN(told) || Math.abs(told - here) < 2000 ? here : told;
}
