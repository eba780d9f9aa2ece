// The link to RQ's own view of its queues, shown while that optional service runs.

import { read } from "./gateway.js";

const LOOK_MS = 5000;

let lookedAt = -Infinity;

/** Show or hide the link; looks at most once in a few seconds, and never while the gateway is away. */
export async function showDashboard(seen) {
  if (!seen.reached || performance.now() - lookedAt < LOOK_MS) return;
  lookedAt = performance.now();
  const { up, data } = await read("/rq/status");
  document.getElementById("dashboard").hidden = !up || data.status !== "up";
}
