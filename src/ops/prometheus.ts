import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { METRICS, type MetricName, type Metrics } from '../base/metrics.ts'

/** The metrics endpoint's text. */
export interface Prometheus {
  readonly contentType: string
  render(): Promise<string>
}

/** `conversations_opened` is scraped as `holdfast_conversations_opened_total`, `sockets` as `holdfast_sockets`. */
export function prometheusName(name: MetricName): string {
  return `holdfast_${name}${METRICS[name].kind === 'counter' ? '_total' : ''}`
}

/** Renders the table of metrics in Prometheus text, each value read when it is asked for, labelled with the node. */
export function createPrometheus(metrics: Metrics, options: { node: string; process: boolean }): Prometheus {
  const registry = new Registry()
  registry.setDefaultLabels({ node: options.node })
  for (const name of Object.keys(METRICS) as MetricName[]) register(registry, metrics, name)
  if (options.process) collectDefaultMetrics({ register: registry })
  return { contentType: registry.contentType, render: () => registry.metrics() }
}

function register(registry: Registry, metrics: Metrics, name: MetricName): void {
  const { kind, help } = METRICS[name]
  const settings = { name: prometheusName(name), help, registers: [registry] }
  if (kind === 'gauge') {
    new Gauge({
      ...settings,
      collect() {
        this.set(metrics.read()[name])
      },
    })
    return
  }
  new Counter({
    ...settings,
    collect() {
      this.reset()
      this.inc(metrics.read()[name])
    },
  })
}
