// The commands that this page has sent, and sending many at once.

import { command } from "./gateway.js";

// Each service's last commands; what is older is of no interest to who compares.
const KEPT = 3;
const AT_ONCE = 8;

const sent = { users: [], products: [], orders: [] };

function keep(service, entry) {
  sent[service] = [entry, ...sent[service]].slice(0, KEPT);
}

/** The last commands to a service, the newest first. */
export function lastCommands(service) {
  return sent[service];
}

/** Send one command and remember its answer. */
export async function send(service, method, body, id = null) {
  const path = `/api-commands/${service}${id === null ? "" : `/${id}`}`;
  const done = await command(method, path, body);
  keep(service, { ...done, times: 1 });
  return done;
}

/** Send the same POST many times. Returns how many were accepted, the first refusal, and the time in ms. */
export async function sendMany(service, body, times) {
  const started = performance.now();
  let left = times;
  let ok = 0;
  let refusal = null;
  let last = null;
  async function sender() {
    while (left > 0) {
      left -= 1;
      last = await command("POST", `/api-commands/${service}`, body);
      if (last.status === 200) ok += 1;
      else refusal ??= last;
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  const ms = performance.now() - started;
  keep(service, { ...(refusal ?? last), times, ms });
  return { ok, refusal, ms };
}
