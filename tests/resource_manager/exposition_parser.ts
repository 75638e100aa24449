/** A strict reader of Prometheus' text format 0.0.4, as its specification words it. */

export interface ParsedSample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface ParsedFamily {
  type: string;
  help: string;
  samples: ParsedSample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*/;
const VALUE = /^(?:[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[+-]Inf|NaN)$/;

/** Families by name; throws on whatever the format does not allow. */
export function parseExposition(text: string): Map<string, ParsedFamily> {
  const families = new Map<string, ParsedFamily>();
  if (!text.endsWith("\n")) throw new Error("the last line has no line feed");
  const seen = new Set<string>();
  let current = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(
      line,
    );
    if (comment !== null) {
      const [, kind, name, rest] = comment;
      if (kind === "HELP") {
        if (families.has(name)) throw new Error(`${name} comes twice`);
        families.set(name, { type: "", help: rest, samples: [] });
        current = name;
      } else {
        const family = families.get(name);
        if (family === undefined || name !== current || family.type !== "") {
          throw new Error(`TYPE of ${name} is out of place`);
        }
        if (!/^(?:counter|gauge|histogram)$/.test(rest)) {
          throw new Error(`${name} has type ${rest}`);
        }
        family.type = rest;
      }
      continue;
    }
    const sample = parseSample(line);
    const family = families.get(current);
    if (family === undefined || family.type === "") {
      throw new Error(`${line}: no TYPE before`);
    }
    const suffix = sample.name.slice(current.length);
    const allowed = family.type === "histogram"
      ? ["_bucket", "_sum", "_count"]
      : [""];
    if (!sample.name.startsWith(current) || !allowed.includes(suffix)) {
      throw new Error(`${line}: does not belong to ${current}`);
    }
    const identity = JSON.stringify([sample.name, sample.labels]);
    if (seen.has(identity)) throw new Error(`${line}: comes twice`);
    seen.add(identity);
    if (family.type === "counter" && !(sample.value >= 0)) {
      throw new Error(`${line}: a counter below 0`);
    }
    family.samples.push(sample);
  }
  for (const [name, family] of families) {
    if (family.type === "histogram") checkHistogram(name, family.samples);
  }
  return families;
}

function parseSample(line: string): ParsedSample {
  const name = NAME.exec(line)?.[0];
  if (name === undefined) throw new Error(`${line}: no name`);
  let at = name.length;
  const labels: Record<string, string> = {};
  if (line[at] === "{") {
    at++;
    while (line[at] !== "}") {
      const label = LABEL_NAME.exec(line.slice(at))?.[0];
      if (label === undefined) throw new Error(`${line}: no label name`);
      if (Object.hasOwn(labels, label)) throw new Error(`${line}: label twice`);
      at += label.length;
      if (!line.startsWith('="', at)) throw new Error(`${line}: no value`);
      const value = /^(?:[^"\\\n]|\\["\\n])*(?=")/.exec(line.slice(at + 2))
        ?.[0];
      if (value === undefined) throw new Error(`${line}: label value`);
      labels[label] = value.replace(
        /\\(.)/g,
        (_, escaped) => escaped === "n" ? "\n" : escaped,
      );
      at += 2 + value.length + 1;
      if (line[at] === ",") at++;
      else if (line[at] !== "}") throw new Error(`${line}: end of labels`);
    }
    at++;
  }
  if (line[at] !== " ") throw new Error(`${line}: no space before the value`);
  const value = line.slice(at + 1);
  if (!VALUE.test(value)) throw new Error(`${line}: value ${value}`);
  return { name, labels, value: Number(value.replace("Inf", "Infinity")) };
}

function checkHistogram(name: string, samples: readonly ParsedSample[]): void {
  const series = new Map<string, ParsedSample[]>();
  for (const sample of samples) {
    const { le: _, ...others } = sample.labels;
    const key = JSON.stringify(others);
    series.set(key, [...series.get(key) ?? [], sample]);
  }
  for (const [key, members] of series) {
    const of = (suffix: string) =>
      members.filter((sample) => sample.name === name + suffix);
    const [sum] = of("_sum");
    const [count] = of("_count");
    if (sum === undefined || count === undefined) {
      throw new Error(`${name}${key}: no _sum or no _count`);
    }
    let bound = -Infinity;
    let below = 0;
    for (const { labels: { le }, value } of of("_bucket")) {
      const next = Number(le.replace("Inf", "Infinity"));
      if (!VALUE.test(le) || !(next > bound)) {
        throw new Error(`${name}${key}: bound ${le} after ${bound}`);
      }
      if (!(value >= below)) throw new Error(`${name}${key}: not cumulative`);
      bound = next;
      below = value;
    }
    if (bound !== Infinity || below !== count.value) {
      throw new Error(`${name}${key}: +Inf bucket is not the count`);
    }
  }
}
