// Looking at the suite again and again, as long as somebody looks at this page.

import { read, serves } from "./gateway.js";

export const SERVICES = ["users", "products", "orders"];

const QUIET_MS = 1000;
const BUSY_MS = 250; // while messages travel
const NEWEST = "?limit=50&order=desc";

let timer = null;
let running = false;
let again = false;
let commandsAt = -Infinity;
let commands = {};
let last = null;

/** Everything that the panels show, read once. */
async function look() {
  // A gateway that is away is asked one thing, not fourteen.
  if (last && !last.reached && !(await read("/healthz")).reached) return { ...last, now: Date.now() };
  const paths = SERVICES.flatMap((service) => [
    `/api-queries/${service}${NEWEST}`,
    `/api-queries/${service}/streams`,
    `/api-queries/${service}/journeys?limit=60`,
  ]);
  paths.push(`/api-queries/orders/replicas/users${NEWEST}`, `/api-queries/orders/replicas/products${NEWEST}`);
  const [answers] = await Promise.all([Promise.all(paths.map(read)), lookAtCommands()]);
  const services = {};
  SERVICES.forEach((service, n) => {
    const [list, streams, journeys] = answers.slice(3 * n, 3 * n + 3);
    services[service] = {
      list,
      streams,
      journeys,
      commands: commands[service],
      queries: { reached: list.reached, up: list.up },
    };
  });
  const [users, products] = answers.slice(-2);
  const reached = answers.some((answer) => answer.reached);
  last = { reached, now: Math.max(...answers.map((answer) => answer.now)), services, replicas: { users, products } };
  return last;
}

async function lookAtCommands() {
  if (performance.now() - commandsAt < QUIET_MS) return;
  commandsAt = performance.now();
  const found = await Promise.all(SERVICES.map((service) => serves(`/api-commands/${service}`)));
  commands = Object.fromEntries(SERVICES.map((service, n) => [service, found[n]]));
}

/** Whether a message is on its way. */
export function isMoving(seen) {
  return SERVICES.some((service) =>
    seen.services[service].streams.data?.outgoing.some((stream) => stream.last > stream.acknowledged),
  );
}

/** Look now, and then again and again; `show` is given what is seen. Stops while the page is hidden. */
export function watch(show) {
  async function round() {
    clearTimeout(timer);
    if (document.hidden) return;
    if (running) {
      again = true;
      return;
    }
    running = true;
    const seen = await look();
    running = false;
    timer = setTimeout(round, again ? 0 : isMoving(seen) ? BUSY_MS : QUIET_MS);
    again = false;
    show(seen);
  }
  document.addEventListener("visibilitychange", round);
  round();
  return round;
}
