import { useState } from 'react'
import type { ClusterAnswer, DecisionsAnswer, NodeAct, NodeActAnswer, NodeRow } from '../../protocol/rest-answers.ts'
import { ConsoleFrame, showConsole, useSignOut, WithStaffToken } from '../console/console-frame.tsx'
import { callRest } from '../console/rest-client-node.ts'
import { Toast } from '../console/toast.tsx'
import { useFreshToken } from '../console/use-fresh-token.ts'
import { type Polled, usePoll } from '../console/use-poll.ts'
import { healthOf, hues } from './cluster-facts.ts'
import { CounterRow } from './counter-row.tsx'
import { DecisionLog } from './decision-log.tsx'
import { KillQuestion } from './kill-question.tsx'
import { NodeCards } from './node-cards.tsx'
import { OwnershipMap } from './ownership-map.tsx'

const HINT = (
  <>
    The cluster page needs an administrator's token. <code>holdfast up</code> prints the link with it.
  </>
)

function ClusterPage(props: { token: string; signOut: (reason: string) => void }) {
  const token = useFreshToken(props.token)
  const cluster = usePoll<ClusterAnswer>('/api/cluster', token, 1_000)
  const decisions = usePoll<DecisionsAnswer>('/api/cluster/decisions?limit=200', token, 1_000)
  const [toast, setToast] = useState('')
  const [condemned, setCondemned] = useState<NodeRow>()

  const act = async (node: NodeRow, name: NodeAct) => {
    const path = `/api/cluster/nodes/${encodeURIComponent(node.name)}/${name}`
    const result = await callRest<NodeActAnswer>(path, token, name === 'pause' ? { seconds: PAUSE_SECONDS } : {})
    if (result.kind === 'ok') setToast(result.answer.sentence)
    else if (result.kind === 'refused') setToast(result.refusal.message)
    else setToast(`${node.name} got the order, but the answer did not come back.`)
    cluster.again()
    decisions.again()
  }
  const ask = (node: NodeRow, name: NodeAct) => (name === 'kill' ? setCondemned(node) : void act(node, name))

  useSignOut(cluster.refusal, props.signOut)
  const { answer } = cluster
  return (
    <ConsoleFrame name="Cluster" facts={<Facts cluster={cluster} />}>
      <div className="cluster">
        <CounterRow answer={answer} />
        <NodeCards answer={answer} onAct={ask} />
        <div className="cluster-halves">
          <OwnershipMap answer={answer} />
          <DecisionLog decisions={decisions.answer?.decisions} hues={hues(answer?.nodes ?? [])} />
        </div>
      </div>
      <KillQuestion
        node={condemned}
        onClose={() => setCondemned(undefined)}
        onKill={(node) => {
          setCondemned(undefined)
          void act(node, 'kill')
        }}
      />
      <Toast text={toast} onGone={() => setToast('')} />
    </ConsoleFrame>
  )
}

const PAUSE_SECONDS = 5

function Facts(props: { cluster: Polled<ClusterAnswer> }) {
  const { answer, stale } = props.cluster
  if (stale) return <span className="health tone-worry">This node does not answer; what you see is a moment old</span>
  if (!answer) return <span>Asking…</span>
  const health = healthOf(answer)
  return (
    <span className={`health tone-${health.tone}`} role="status">
      {health.text}
    </span>
  )
}

showConsole(
  <WithStaffToken name="Cluster" hint={HINT}>
    {(token, signOut) => <ClusterPage token={token} signOut={signOut} />}
  </WithStaffToken>,
)
