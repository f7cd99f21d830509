// Print what was committed to each agreement, and go on after a stop: node subscriber.mjs BL position.json
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { GENESIS, judge, leafOf } from "./void.mjs";

const COMMITTED = /^credit:(?:open|released|used|recovered):[^:]+:[^:]+:([^:]+)$/;

const [canton, memory] = process.argv.slice(2);
const { LANDBUCH_NATS_URL: url, LANDBUCH_NATS_USER: user, LANDBUCH_NATS_PASSWORD: pass } = process.env;
const nc = await connect({ servers: url.split(","), user, pass, inboxPrefix: `_INBOX_${user}`, maxReconnectAttempts: -1 });
const stream = await (await jetstreamManager(nc)).streams.find(`book.${canton}.>`);

let known = existsSync(memory) ? JSON.parse(readFileSync(memory)) : { position: 0, leaf: GENESIS };
const book = await jetstream(nc).consumers.get(stream, { opt_start_seq: known.position + 1 });
for await (const { seq, subject, data } of await book.consume()) {
  if (seq !== known.position + 1) throw new Error(`position ${known.position + 1} is missing: stop, and tell the operator`);
  const { event, reason } = judge(subject, data, seq, known.leaf);
  if (reason === "wrong_predecessor") throw new Error(`the chain breaks at position ${seq}: stop, and verify the book`);
  if (event) lines(event).forEach((line) => console.log(line));
  known = { position: seq, leaf: leafOf(subject, data) };
  writeFileSync(`${memory}.new`, JSON.stringify(known));
  renameSync(`${memory}.new`, memory);
}

// By how much an event changes what is committed.
function lines({ position, bookedon, phase, data }) {
  const committed = new Map();
  for (const [account, amount] of data.lines ?? []) {
    const agreement = COMMITTED.exec(account)?.[1];
    if (agreement) committed.set(agreement, (committed.get(agreement) ?? 0) + amount);
  }
  const changed = [...committed].filter(([, amount]) => amount);
  return changed.map(([name, amount]) => `${position} ${bookedon} ${phase} ${name} ${chf(amount)}`);
}

function chf(amount) {
  return (amount < 0 ? "−" : "") + (Math.abs(amount) / 100).toFixed(2).replace(/\B(?=(\d{3})+\.)/g, "'");
}
