import type { ConversationId, NodeName } from '../base/ids.ts'
import type { Metrics } from '../base/metrics.ts'
import type { ConfigKeeper } from '../config/config-keeper.ts'
import type { DecisionLog } from '../ops/decision-log.ts'
import type { DrainKeeper } from './drain-keeper.ts'
import type { NodeSupport, NodeView } from './node-facade.ts'
import type { NodeConfiguration } from './rest-config.ts'

/** What a node must be able to do for the operators who ask it through another one. */
interface AskedNode {
  onInspect(question: string, answer: (body: unknown) => Promise<unknown>): void
  setMode(mode: 'enabled' | 'disabled'): void
  move(conversation: ConversationId, to: NodeName): Promise<boolean>
}

/**
 * Registers the questions that nodes ask each other for operators. The asker is a node of this cluster (its
 * certificate was checked) and has checked the operator's scope; bodies are read with care all the same.
 */
export function answerOperators(
  node: AskedNode,
  own: {
    readonly drains: DrainKeeper
    readonly decisions: DecisionLog
    readonly metrics: Metrics
    readonly startedAt: number
    readonly supervised: boolean
    readonly config: Pick<ConfigKeeper, 'configuration' | 'digest'>
    readonly support: () => NodeSupport
  },
): void {
  const { drains, decisions } = own
  node.onInspect('view', async (): Promise<NodeView> => {
    return { startedAt: own.startedAt, supervised: own.supervised, counters: own.metrics.read() }
  })
  node.onInspect('configuration', async (): Promise<NodeConfiguration> => {
    return { revision: own.config.configuration().revision, digest: own.config.digest }
  })
  node.onInspect('support', async () => own.support())
  node.onInspect('decisions', async (body) => decisions.after(numberIn(body, 'after', 0), numberIn(body, 'limit', 200)))
  node.onInspect('enable', async () => node.setMode('enabled'))
  node.onInspect('disable', async () => node.setMode('disabled'))
  node.onInspect('drain', async (body) => {
    // The asker follows by `drain-state`: a drain takes longer than anybody should wait for an answer.
    void drains.drain({ deadlineMs: numberIn(body, 'deadlineMs', 60_000), finish: fieldOf(body, 'finish') === true })
    return drains.state()
  })
  node.onInspect('drain-state', async () => drains.state())
  node.onInspect('move', async (body) => {
    const [conversation, to] = [fieldOf(body, 'conversation'), fieldOf(body, 'to')]
    return typeof conversation === 'string' && typeof to === 'string' && (await node.move(conversation, to))
  })
}

function fieldOf(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined
}

function numberIn(body: unknown, name: string, absent: number): number {
  const value = fieldOf(body, name)
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : absent
}
