// How far behind each stream is: a number, and a plot over the last minutes.

import { draw, h, s } from "./dom.js";
import { SERVICES } from "./poll.js";
import { span, t } from "./words.js";

const SHOWN_MS = 180_000;
const WIDTH = 240;
const HEIGHT = 44;

const history = new Map(); // stream → [[time in ms, messages behind], …]

/** All streams, and how many messages went to the dead letters. */
export function showStreams(seen) {
  const streams = [];
  const letters = [];
  for (const service of SERVICES) {
    const { up, data } = seen.services[service].streams;
    for (const stream of data?.outgoing ?? []) {
      const name = `${service} → ${stream.receiver}`;
      const behind = stream.last - stream.acknowledged;
      const { points, most } = plot(name, seen.now, behind);
      streams.push({ ...stream, service, name, behind, points, most, stale: !up });
    }
    if (data?.dead_letters) letters.push([service, data.dead_letters]);
  }
  draw(document.querySelector("#streams .content"), { streams, letters }, (all) => [
    h("ul", {}, all.streams.map(card)),
    ...all.letters.map(([service, n]) => h("p", { class: "bad" }, t("dead_letters", { service, n }))),
  ]);
}

/** The stream's history as the points of a line; a flat one is the same at any time. */
function plot(name, now, behind) {
  const kept = (history.get(name) ?? []).filter(([at]) => at > now - SHOWN_MS);
  const last = kept.at(-1);
  // Where nothing changes, two points tell as much as many.
  if (kept.length > 1 && last[1] === behind && kept.at(-2)[1] === behind) kept.pop();
  kept.push([now, behind]);
  history.set(name, kept);
  const most = Math.max(...kept.map((point) => point[1]));
  if (most === 0) return { points: `0,${HEIGHT - 2} ${WIDTH},${HEIGHT - 2}`, most };
  const x = (at) => (WIDTH * (1 - (now - at) / SHOWN_MS)).toFixed(1);
  const y = (value) => (HEIGHT - 2 - ((HEIGHT - 6) * value) / most).toFixed(1);
  return { points: kept.map(([at, value]) => `${x(at)},${y(value)}`).join(" "), most };
}

function card(stream) {
  const gaps = { stream: stream.name, now: stream.behind, most: stream.most };
  const waits = stream.oldest_age === null ? t("nothing_waits") : t("oldest", { time: span(stream.oldest_age) });
  return h(
    "li",
    { class: ["stream", stream.behind && "late", stream.stale && "stale"].filter(Boolean).join(" ") },
    h(
      "p",
      { class: "way" },
      h("b", { class: stream.service }, stream.service),
      " → ",
      h("b", { class: stream.receiver }, stream.receiver),
    ),
    h("p", { class: "behind" }, h("strong", {}, String(stream.behind)), ` ${t("behind")}`),
    s(
      "svg",
      {
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        preserveAspectRatio: "none",
        class: "plot",
        role: "img",
        "aria-label": t("plot", gaps),
      },
      s("polygon", {
        class: "area",
        points: `${stream.points.split(",")[0]},${HEIGHT} ${stream.points} ${WIDTH},${HEIGHT}`,
      }),
      s("polyline", { points: stream.points, "vector-effect": "non-scaling-stroke" }),
    ),
    h("p", { class: "hint" }, `${t("applied_of", { applied: stream.acknowledged, last: stream.last })} · ${waits}`),
  );
}
