import type { ChatFigures } from './chat-bench.ts'
import type { Machine } from './machine-node.ts'
import type { PhaseFigures } from './measured-phase.ts'
import type { Summary } from './statistics.ts'

export interface ChatReport extends ChatFigures {
  readonly machine: Machine
  readonly edges: number
  readonly chats: number
  /** Every message was acknowledged and given to everybody in its room, and no socket was closed. */
  readonly passed: boolean
}

export function chatReport(
  figures: ChatFigures,
  facts: { machine: Machine; edges: number; chats: number },
): ChatReport {
  const phases = [figures.fixedRate, figures.asFastAsItGoes]
  const passed = phases.every(({ complete, refused, socketsClosed }) => complete && refused + socketsClosed === 0)
  return { ...facts, ...figures, passed }
}

/** The report as a person reads it; the figures that count are last. */
export function chatLines(report: ChatReport): readonly string[] {
  const { machine, edges, chats, plan, fixedRate, asFastAsItGoes, bytesPerIdleConnection, passed } = report
  return [
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; ${edges} edges, ${chats} chat nodes, database, generator on one machine`,
    `${plan.rooms} conversations of 1 visitor and ${plan.agents} agents, ${plan.textLength} characters, acknowledged when durable`,
    ...phaseLines(`at ${plan.perSecond} messages/s`, fixedRate),
    ...phaseLines('as fast as it goes', asFastAsItGoes),
    ...(bytesPerIdleConnection === undefined
      ? ['CPU and memory are read from /proc: on Linux only']
      : [
          `resident memory per idle connection ${(bytesPerIdleConnection / 1024).toFixed(1)} KiB (edges, ${plan.idleConnections} more)`,
        ]),
    `${Math.round(asFastAsItGoes.acknowledgedPerSecond)} acknowledged messages/s, ack ${summaryText(asFastAsItGoes.ackMs)}; all messages acknowledged and given to all: ${passed ? 'yes' : 'NO'}`,
  ]
}

function phaseLines(name: string, figures: PhaseFigures): readonly string[] {
  const { acknowledgedPerSecond, deliveredPerSecond, ackMs, deliveryMs, refused, complete } = figures
  return [
    `${name}: ${Math.round(acknowledgedPerSecond)} acknowledged/s, ${Math.round(deliveredPerSecond)} deliveries/s, ${refused} refused${complete ? '' : ', NOT COMPLETE'}`,
    `  acknowledgement ${summaryText(ackMs)}, delivery ${summaryText(deliveryMs)}`,
    `  CPU-ms per 1000 deliveries: ${cpuText(figures)}`,
  ]
}

function cpuText({ serverCpuMsPer1000, databaseCpuMsPer1000, generatorCpuMsPer1000 }: PhaseFigures): string {
  const generator = `generator ${generatorCpuMsPer1000.toFixed(0)}`
  if (serverCpuMsPer1000 === undefined || databaseCpuMsPer1000 === undefined) return generator
  const both = serverCpuMsPer1000 + databaseCpuMsPer1000
  return `${both.toFixed(0)} (servers ${serverCpuMsPer1000.toFixed(0)}, database ${databaseCpuMsPer1000.toFixed(0)}), ${generator}`
}

const summaryText = (summary: Summary | undefined) =>
  summary ? `p50 ${summary.p50.toFixed(1)} ms, p99 ${summary.p99.toFixed(1)} ms` : 'not measured'
