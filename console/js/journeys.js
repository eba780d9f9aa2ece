// The way of each message: committed, in the outbox, sent, applied.

import { draw, h, s } from "./dom.js";
import { SERVICES } from "./poll.js";
import { span, t } from "./words.js";

const SHOWN = 6;

// The command whose own message this is.
const COMMANDS = {
  "orders.sender.send_user": "POST /api-commands/users",
  "orders.sender.send_product": "POST /api-commands/products",
  "orders.putter.put_product": "PUT /api-commands/products",
  "orders.base.process_order": "POST /api-commands/orders",
};

/** The last commands with their messages, the newest first. */
export function showJourneys(seen) {
  const found = journeys(seen);
  const moving = found.some((journey) => journey.end === null);
  const data = { found, now: moving ? seen.now / 1000 : null };
  draw(document.querySelector("#journeys .content"), data, ({ found: list, now }) =>
    list.length
      ? h(
          "ol",
          {},
          list.map((journey) => block(journey, now)),
        )
      : h("p", { class: "hint" }, t("no_journeys")),
  );
}

/** [{ request, start, end, hops }]: the end is null while a message is on its way. */
function journeys(seen) {
  const byRequest = new Map();
  for (const sender of SERVICES) {
    const { journeys: told, streams } = seen.services[sender];
    for (const message of told.data?.messages ?? []) {
      const stream = streams.data?.outgoing.find((one) => one.receiver === message.receiver);
      const hop = { sender, ...message, state: state(message, stream) };
      byRequest.set(message.request_id, [...(byRequest.get(message.request_id) ?? []), hop]);
    }
  }
  const all = [...byRequest].map(([request, hops]) => {
    hops.sort((a, b) => a.created_at - b.created_at || a.seq - b.seq);
    const moving = hops.some((hop) => hop.state === "waiting" || hop.state === "under_way");
    const end = moving ? null : Math.max(...hops.map((hop) => hop.acknowledged_at ?? hop.created_at));
    return { request, start: hops[0].created_at, end, hops };
  });
  return all.sort((a, b) => b.start - a.start).slice(0, SHOWN);
}

function state(message, stream) {
  if (message.acknowledged_at !== null) return "applied";
  if (stream && message.seq <= stream.acknowledged) return "forgotten";
  return message.sent_at === null ? "waiting" : "under_way";
}

function block(journey, now) {
  const end = journey.end ?? now;
  const first = journey.hops[0];
  const time = span(Math.max(0, end - journey.start));
  return h(
    "li",
    { class: journey.end === null ? "journey moving" : "journey" },
    h(
      "p",
      { class: "journey-head" },
      h("strong", {}, COMMANDS[first.handler] ?? first.handler),
      h("code", {}, journey.request.slice(0, 20)),
      h("span", { class: "time" }, journey.end === null ? t("so_far", { time }) : t("total", { time })),
    ),
    h(
      "ol",
      { class: "hops" },
      journey.hops.map((hop) => hopRow(hop, journey.start, end)),
    ),
  );
}

function hopRow(hop, start, end) {
  return h(
    "li",
    { class: `hop ${hop.state}` },
    h(
      "span",
      { class: "way" },
      h("b", { class: hop.sender }, hop.sender),
      " → ",
      h("b", { class: hop.receiver }, hop.receiver),
      ` ${hop.handler.split(".").pop()} #${hop.seq}`,
    ),
    bar(hop, start, end),
    h("span", { class: "steps" }, steps(hop, end)),
  );
}

function steps(hop, end) {
  const since = (from) => span(Math.max(0, end - from));
  const between = (from, to) => span(Math.max(0, to - from));
  if (hop.state === "forgotten") return t("forgotten");
  if (hop.state === "waiting") return t("waiting", { time: since(hop.created_at) });
  const waited = t("in_outbox", { time: between(hop.created_at, hop.sent_at) });
  const then =
    hop.state === "applied"
      ? t("to_applied", { time: between(hop.sent_at, hop.acknowledged_at) })
      : t("under_way", { time: since(hop.sent_at) });
  return `${waited} · ${then}`;
}

/** When the message waited and when it was on its way, on the time axis of its journey. */
function bar(hop, start, end) {
  const width = Math.max(end - start, 0.001);
  const x = (at) => (100 * Math.min(Math.max(at - start, 0), width)) / width;
  const piece = (name, from, to) =>
    s("rect", { class: name, x: x(from), y: 0, width: Math.max(x(to) - x(from), 0.6), height: 8 });
  const sent = hop.sent_at ?? (hop.state === "forgotten" ? hop.created_at : end);
  return s(
    "svg",
    { viewBox: "0 0 100 8", preserveAspectRatio: "none", class: "bar", "aria-hidden": "true" },
    piece("in-outbox", hop.created_at, sent),
    hop.sent_at !== null &&
      piece(hop.state === "applied" ? "delivered" : "on-its-way", sent, hop.acknowledged_at ?? end),
  );
}
