// The state of each process, as far as it can be told through the gateway.

import { draw, h } from "./dom.js";
import { SERVICES } from "./poll.js";
import { span, t } from "./words.js";

// A stream at rest says hello every 10 s; one that has been quiet for longer has lost somebody.
const QUIET_SECONDS = 16;
// A batch takes some milliseconds; one that takes longer is noticed after about a second.
const LATE_SECONDS = 2;
const GONE_SECONDS = 6;

const RECEIVERS = ["products", "orders"];

const up = () => ({ state: "up" });
const lagging = (why, gaps) => ({ state: "lagging", why, gaps });
const down = (why, gaps) => ({ state: "down", why, gaps });
const unknown = (why, gaps) => ({ state: "unknown", why, gaps });

/** Every process with its state. */
export function showProcesses(seen) {
  const now = seen.now / 1000;
  const contacts = SERVICES.flatMap((sender) => contactsOf(sender, seen));
  const groups = [
    ["nginx", seen.reached ? up() : down("p_gateway")],
    ["redis", redis(contacts, now)],
  ];
  const all = { "": groups };
  for (const service of SERVICES) {
    const { commands, queries } = seen.services[service];
    all[service] = [
      [`${service}-commands`, app(commands, seen.reached)],
      [`${service}-queries`, app(queries, seen.reached)],
      [
        `${service}-relay`,
        relay(
          contacts.filter((contact) => contact.sender === service),
          now,
        ),
      ],
    ];
    if (RECEIVERS.includes(service)) {
      all[service].push([
        `worker-${service}`,
        worker(
          contacts.filter((contact) => contact.receiver === service),
          now,
        ),
      ]);
    }
  }
  const told = Object.entries(all).map(([service, list]) => [
    service,
    list.map(([name, found]) => [name, found.state, reason(found)]),
  ]);
  draw(document.querySelector("#processes .content"), told, (groupsTold) => groupsTold.map(group));
}

/** Each stream of a sender; `known` is false while its queries cannot be read. */
function contactsOf(sender, seen) {
  const { journeys, streams } = seen.services[sender];
  return (journeys.data?.contacts ?? []).map((contact) => {
    const stream = streams.data?.outgoing.find((one) => one.receiver === contact.receiver);
    return { ...contact, sender, known: journeys.up && streams.up, waits: stream?.oldest_age ?? null };
  });
}

function app(found, reached) {
  if (!reached || !found) return unknown();
  return found.up ? up() : down("p_does_not");
}

const isOpen = (contact) => contact.sent_at > (contact.answered_at ?? 0);

function relay(contacts, now) {
  if (!contacts.length || !contacts.every((contact) => contact.known)) return unknown();
  const quiet = now - Math.max(...contacts.map((contact) => contact.sent_at));
  const waits = Math.max(0, ...contacts.map((contact) => (isOpen(contact) ? 0 : contact.waits)));
  if (quiet > QUIET_SECONDS && !contacts.some(isOpen)) return down("p_silent", { time: quiet });
  return waits > LATE_SECONDS ? lagging("p_unsent", { time: waits }) : up();
}

function worker(contacts, now) {
  const known = contacts.filter((contact) => contact.known);
  if (!known.length) return unknown();
  const since = now - Math.max(...known.map((contact) => contact.answered_at ?? 0));
  const open = known.filter(isOpen);
  const waiting = open.length ? now - Math.min(...open.map((contact) => contact.sent_at)) : 0;
  if (waiting > LATE_SECONDS) {
    const answersOthers = since < waiting - GONE_SECONDS;
    return (waiting > GONE_SECONDS && !answersOthers ? down : lagging)("p_unanswered", { time: waiting });
  }
  return since > QUIET_SECONDS ? unknown("p_not_asked", { time: since }) : up();
}

function redis(contacts, now) {
  const known = contacts.filter((contact) => contact.known);
  if (!known.length) return unknown();
  const since = now - Math.max(...known.map((contact) => Math.max(contact.answered_at ?? 0, contact.sent_at ?? 0)));
  return since > QUIET_SECONDS ? down("p_redis_silent", { time: since }) : up();
}

/** Why the state is what it is; of one that is up, times would only flicker, and an outage tells itself. */
function reason({ state, why, gaps }) {
  if (!why) return "";
  return t(why, gaps && { time: span(Math.floor(gaps.time)) });
}

function group([service, list]) {
  return h(
    "ul",
    { class: service || "shared" },
    list.map(([name, state, why]) =>
      h(
        "li",
        { class: `process ${state}`, id: `process-${name}` },
        h("span", { class: "dot", "aria-hidden": "true" }),
        h("b", {}, name),
        h("span", { class: "state" }, t(state)),
        why && h("small", {}, why),
      ),
    ),
  );
}
