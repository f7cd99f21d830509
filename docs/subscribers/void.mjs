// The void rule: what an entry must be to count as an event. contracts/schemas/README.md tells it in words, and
// contracts/vectors/void.json has a case for each line.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";
import formats from "ajv-formats";

const FOLDER = new URL("../../contracts/schemas/", import.meta.url);
const AJV = formats(new Ajv({ strict: false }));
for (const name of readdirSync(FOLDER).filter((name) => /^(landbuch|envelope)\..*json$/.test(name))) {
  AJV.addSchema(JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")));
}
const schemaOf = (name) => AJV.getSchema(`urn:landbuch:schema:${name}`);

export const GENESIS = "0".repeat(64);

// The hash by which the next entry names this one: RFC 6962, over subject, line feed and bytes.
export function leafOf(subject, payload) {
  const ascii = subject.replace(/[^\x00-\x7f]+/g, "?");
  return createHash("sha256").update(`\0${ascii}\n`).update(payload).digest("hex");
}

// Gives { event } for what counts, and { reason } for what is void.
export function judge(subject, payload, position, prevhash) {
  if (payload.length > 60_000) return { reason: "too_large" };
  const event = parsed(payload);
  if (event === undefined) return { reason: "not_canonical" };
  const holds = schemaOf(event.type) ?? schemaOf("envelope.v1");
  if (!holds(event)) return { reason: "bad_schema" };
  const [name] = event.type.slice("landbuch.".length).split(".");
  const [, , canton, service] = event.source.split(":");
  const writers = schemaOf(`landbuch.${name}.v1`)?.schema.properties.source.pattern ?? "";
  const belongs = `book.${event.canton}.${event.phase}.${service}.${name}`;
  if (subject !== belongs || canton !== event.canton || !new RegExp(writers).test(event.source)) {
    return { reason: "foreign_subject" };
  }
  if (event.position !== position) return { reason: "wrong_position" };
  const sums = {};
  for (const [account, amount] of event.data.lines ?? []) {
    const layer = account.split(":")[0];
    sums[layer] = (sums[layer] ?? 0) + amount;
  }
  if (Object.values(sums).some((sum) => sum !== 0)) return { reason: "unbalanced" };
  return event.prevhash === prevhash ? { event } : { reason: "wrong_predecessor" };
}

// The value in a payload; undefined where the bytes are not exactly those that RFC 8785 demands.
function parsed(payload) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload);
    const value = JSON.parse(text);
    return canonical(value, 1) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

function canonical(value, depth) {
  if (depth > 33) throw new RangeError("more than 32 levels");
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join()}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.keys(value).sort().map((key) => {
      if (!/^[\x01-\x7f]*$/.test(key)) throw new RangeError("a key beyond ASCII");
      return `${JSON.stringify(key)}:${canonical(value[key], depth + 1)}`;
    });
    return `{${fields.join()}}`;
  }
  const fine =
    typeof value === "boolean" || Number.isSafeInteger(value) ||
    (typeof value === "string" && !/[\0\p{Surrogate}]/u.test(value));
  if (!fine) throw new RangeError("null, a float, or a text that is none");
  return JSON.stringify(value);
}
