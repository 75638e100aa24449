/**
 * Metrics in the text format of Prometheus, version 0.0.4.
 *
 * @module
 */

import type { ResourceManager } from "./manager.ts";
import type { HistogramSnapshot } from "./metrics_histogram.ts";
import type { MetricsSnapshot, ReaderMetrics } from "./metrics.ts";

/** Content type of {@linkcode prometheusText}. */
export const PROMETHEUS_CONTENT_TYPE =
  "text/plain; version=0.0.4; charset=utf-8";

/** Label names and values, in order. */
type Labels = readonly (readonly [string, string])[];

/** One line: labels and a value; `suffix` follows the name of the metric. */
interface Sample {
  readonly labels: Labels;
  readonly value: number;
  readonly suffix?: string;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  samples(metrics: MetricsSnapshot): Sample[];
}

const NO_LABELS: Labels = [];

function ofReaders(
  samples: (reader: ReaderMetrics, label: Labels) => Sample[],
): Family["samples"] {
  return ({ readers }) =>
    readers.flatMap((reader) => samples(reader, [["reader", reader.name]]));
}

function perReader(value: (reader: ReaderMetrics) => number) {
  return ofReaders((reader, labels) => [{ labels, value: value(reader) }]);
}

function byName(
  label: string,
  values: Readonly<Record<string, number>>,
  more: Labels = NO_LABELS,
): Sample[] {
  return Object.entries(values)
    .map(([name, value]) => ({ labels: [...more, [label, name]], value }));
}

function histogram(snapshot: HistogramSnapshot, labels: Labels): Sample[] {
  const buckets = snapshot.bounds.map((bound, i): Sample => ({
    suffix: "_bucket",
    labels: [...labels, ["le", number(bound)]],
    value: snapshot.counts[i],
  }));
  return [
    ...buckets,
    { suffix: "_sum", labels, value: snapshot.sumSeconds },
    { suffix: "_count", labels, value: snapshot.count },
  ];
}

const FAMILIES: readonly Family[] = [
  {
    name: "scard_contexts",
    type: "gauge",
    help: "Contexts that are open.",
    samples: ({ contexts }) => [{ labels: NO_LABELS, value: contexts }],
  },
  {
    name: "scard_readers",
    type: "gauge",
    help: "Readers that are there.",
    samples: ({ readers }) => [{ labels: NO_LABELS, value: readers.length }],
  },
  {
    name: "scard_reader_changes_total",
    type: "counter",
    help: "Readers that have come or gone.",
    samples: ({ readerChanges }) => [
      { labels: NO_LABELS, value: readerChanges },
    ],
  },
  {
    name: "scard_errors_total",
    type: "counter",
    help: "Failed calls by code.",
    samples: ({ errors }) => byName("code", errors),
  },
  {
    name: "scard_policy_refusals_total",
    type: "counter",
    help: "Refusals of policies by rule.",
    samples: ({ policyRefusals }) => byName("rule", { ...policyRefusals }),
  },
  {
    name: "scard_reader_available",
    type: "gauge",
    help: "1 if the reader works.",
    samples: perReader(({ available }) => Number(available)),
  },
  {
    name: "scard_card_present",
    type: "gauge",
    help: "1 if a card is in.",
    samples: perReader(({ cardPresent }) => Number(cardPresent)),
  },
  {
    name: "scard_card_powered",
    type: "gauge",
    help: "1 if the card has power.",
    samples: perReader(({ cardPowered }) => Number(cardPowered)),
  },
  {
    name: "scard_connections",
    type: "gauge",
    help: "Connections, also those that are being made.",
    samples: perReader(({ connections }) => connections),
  },
  {
    name: "scard_waiting",
    type: "gauge",
    help: "Calls that wait for a transaction to end.",
    samples: perReader(({ waiting }) => waiting),
  },
  {
    name: "scard_apdus_total",
    type: "counter",
    help: "APDUs that were answered.",
    samples: perReader(({ apdus }) => apdus),
  },
  {
    name: "scard_apdu_bytes_total",
    type: "counter",
    help: "Bytes of APDUs sent and of answers received.",
    samples: ofReaders(({ bytesSent, bytesReceived }, label) =>
      byName("direction", { sent: bytesSent, received: bytesReceived }, label)
    ),
  },
  {
    name: "scard_apdu_duration_seconds",
    type: "histogram",
    help:
      "Duration of APDUs at the reader; 0 where the answer comes without any wait.",
    samples: ofReaders(({ exchangeSeconds }, label) =>
      histogram(exchangeSeconds, label)
    ),
  },
  {
    name: "scard_transaction_wait_seconds",
    type: "histogram",
    help: "Wait of transactions for their beginning.",
    samples: ofReaders(({ transactionWaitSeconds }, label) =>
      histogram(transactionWaitSeconds, label)
    ),
  },
  {
    name: "scard_card_resets_total",
    type: "counter",
    help: "Resets and power-downs of cards by cause.",
    samples: ofReaders(({ resets }, label) => byName("cause", resets, label)),
  },
  {
    name: "scard_card_insertions_total",
    type: "counter",
    help: "Cards that came in.",
    samples: perReader(({ insertions }) => insertions),
  },
  {
    name: "scard_card_removals_total",
    type: "counter",
    help: "Cards that went.",
    samples: perReader(({ removals }) => removals),
  },
];

/** A manager's metrics in the text exposition format 0.0.4; counters of a reader leave with it. */
export function prometheusText(
  manager: Pick<ResourceManager, "metrics">,
): string {
  const { metrics } = manager;
  let text = "";
  for (const { name, help, type, samples } of FAMILIES) {
    text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
    for (const { suffix = "", labels, value } of samples(metrics)) {
      text += `${name}${suffix}${labelText(labels)} ${number(value)}\n`;
    }
  }
  return text;
}

function labelText(labels: Labels): string {
  if (labels.length === 0) return "";
  const pairs = labels.map(([name, value]) => `${name}="${escaped(value)}"`);
  return `{${pairs.join(",")}}`;
}

/** Backslash, quote and line feed are written with a backslash; lone surrogates cannot be encoded. */
function escaped(value: string): string {
  return value.toWellFormed().replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** As Go reads numbers. */
function number(value: number): string {
  return value === Infinity ? "+Inf" : String(value);
}
