import { useState } from 'react'
import type { ClusterAnswer, DecisionsAnswer, NodeAct, NodeActAnswer, NodeRow } from '../../protocol/rest-answers.ts'
import { useConsole, usePolled } from '../console/console-context.ts'
import { PageFacts } from '../console/page-facts.tsx'
import type { Polled } from '../console/use-poll.ts'
import { healthOf, hues } from './cluster-facts.ts'
import './cluster-page.css'
import { CounterRow } from './counter-row.tsx'
import { DecisionLog } from './decision-log.tsx'
import { KillQuestion } from './kill-question.tsx'
import { NodeCards } from './node-cards.tsx'
import { OwnershipMap } from './ownership-map.tsx'

/** Nodes, who owns what, and what was decided, live; and what can be done to nodes. */
export default function ClusterPage() {
  const { call, tell, may } = useConsole()
  const cluster = usePolled<ClusterAnswer>('/api/cluster', 1_000)
  const decisions = usePolled<DecisionsAnswer>('/api/cluster/decisions?limit=200', 1_000)
  const [condemned, setCondemned] = useState<NodeRow>()

  const act = async (node: NodeRow, name: NodeAct) => {
    const path = `/api/cluster/nodes/${encodeURIComponent(node.name)}/${name}`
    const result = await call<NodeActAnswer>(path, name === 'pause' ? { seconds: PAUSE_SECONDS } : {})
    if (result.kind === 'ok') tell(result.answer.sentence)
    else if (result.kind === 'refused') tell(result.refusal.message)
    else tell(`${node.name} got the order, but the answer did not come back.`)
    cluster.again()
    decisions.again()
  }
  const ask = (node: NodeRow, name: NodeAct) => (name === 'kill' ? setCondemned(node) : void act(node, name))

  const { answer } = cluster
  return (
    <div className="cluster">
      <PageFacts>
        <Facts cluster={cluster} />
      </PageFacts>
      <CounterRow answer={answer} />
      <NodeCards answer={answer} mayAct={may('admin')} onAct={ask} />
      <div className="cluster-halves">
        <OwnershipMap answer={answer} />
        <DecisionLog decisions={decisions.answer?.decisions} hues={hues(answer?.nodes ?? [])} />
      </div>
      <KillQuestion
        node={condemned}
        onClose={() => setCondemned(undefined)}
        onKill={(node) => {
          setCondemned(undefined)
          void act(node, 'kill')
        }}
      />
    </div>
  )
}

const PAUSE_SECONDS = 5

function Facts(props: { cluster: Polled<ClusterAnswer> }) {
  const { answer, refusal, stale } = props.cluster
  if (refusal) return <span className="health tone-bad">{refusal.message}</span>
  if (stale) return <span className="health tone-worry">This node does not answer; what you see is a moment old</span>
  if (!answer) return <span className="health tone-faint">Asking…</span>
  const health = healthOf(answer)
  return (
    <span className={`health tone-${health.tone}`} role="status">
      {health.text}
    </span>
  )
}
