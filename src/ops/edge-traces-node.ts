import { defaultTextMapGetter, ROOT_CONTEXT, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { type ExportResult, ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { Log } from '../base/log.ts'
import type { Trace } from '../base/spans.ts'

export interface EdgeTracesOptions {
  /** Where a collector takes OTLP over HTTP, such as `http://collector:4318/v1/traces`. */
  readonly url: string
  /** Of traces that begin here; one that a caller began is kept as the caller keeps it. */
  readonly percent: number
  readonly node: string
  readonly version: string
  readonly log: Log
}

export interface EdgeTraces extends Trace {
  /** Sends what is left and ends; what a collector does not take in time is dropped. */
  stop(): Promise<void>
}

// A collector that is away costs so many spans of memory and no time.
const QUEUE_MAX = 4096
const EXPORT_EVERY_MS = 2000
const EXPORT_PATIENCE_MS = 3000

/**
 * Traces by OpenTelemetry. Headers for the collector come from `OTEL_EXPORTER_OTLP_HEADERS`, as that standard has it.
 * This file is imported where traces are wanted only: it costs a node that has none nothing.
 */
export function openEdgeTraces({ url, percent, node, version, log }: EdgeTracesOptions): EdgeTraces {
  const exporter = telling(new OTLPTraceExporter({ url, timeoutMillis: EXPORT_PATIENCE_MS }), url, log)
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'holdfast',
      'service.version': version,
      'service.instance.id': node,
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(percent / 100) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        maxQueueSize: QUEUE_MAX,
        scheduledDelayMillis: EXPORT_EVERY_MS,
        exportTimeoutMillis: EXPORT_PATIENCE_MS,
      }),
    ],
  })
  const tracer = provider.getTracer('holdfast', version)
  const propagator = new W3CTraceContextPropagator()
  return {
    begin(name, facts, caller = {}) {
      const context = propagator.extract(ROOT_CONTEXT, caller, defaultTextMapGetter)
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes: facts }, context)
      return {
        end(more = {}, fault) {
          span.setAttributes(more)
          if (fault !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: fault })
          span.end()
        },
      }
    },
    async stop() {
      await provider
        .shutdown()
        .catch((error: unknown) => log.debug('Traces were left unsent.', { error: String(error) }))
    },
  }
}

/** Says once when a collector does not take traces, and once when it does again. */
function telling(exporter: SpanExporter, url: string, log: Log): SpanExporter {
  let failing = false
  const judge = ({ code, error }: ExportResult, spans: number) => {
    const failed = code !== ExportResultCode.SUCCESS
    if (failed && !failing)
      log.warn(`The collector at ${url} does not take traces; they are dropped until it does.`, {
        error: error?.message,
        spans,
      })
    if (!failed && failing) log.info(`The collector at ${url} takes traces again.`)
    failing = failed
  }
  return {
    export(spans: ReadableSpan[], done) {
      exporter.export(spans, (result) => {
        judge(result, spans.length)
        done(result)
      })
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  }
}
