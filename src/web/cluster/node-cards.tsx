import { Button, Skeleton } from '@mantine/core'
import type { ClusterAnswer, NodeAct, NodeRow } from '../../protocol/rest-answers.ts'
import { countText, spanText } from '../console/console-text.ts'
import { conditionOf, hues, inOrder } from './cluster-facts.ts'

type OnAct = (node: NodeRow, act: NodeAct) => void

const ROLES: Readonly<Record<NodeRow['role'], string>> = {
  chat: 'chat node',
  edge: 'edge',
  all: 'chat node and edge',
  backup: 'backup',
}

/** One card for each node, always in the same place. */
export function NodeCards(props: { answer: ClusterAnswer | undefined; mayAct: boolean; onAct: OnAct }) {
  const { answer } = props
  if (!answer)
    return (
      <section className="nodes" aria-busy="true" aria-label="Nodes">
        {[1, 2, 3].map((place) => (
          <Skeleton key={place} className="node-skeleton" radius={14} />
        ))}
      </section>
    )
  const colours = hues(answer.nodes)
  const ownedMax = Math.max(1, ...answer.nodes.map((node) => node.owned))
  return (
    <section className="nodes" aria-label="Nodes">
      {inOrder(answer.nodes).map((node) => (
        <NodeCard
          key={node.name}
          node={node}
          hue={colours.get(node.name)}
          share={node.owned / ownedMax}
          known={props.mayAct ? answer.acts : []}
          onAct={props.onAct}
        />
      ))}
    </section>
  )
}

function NodeCard(props: {
  node: NodeRow
  hue: number | undefined
  share: number
  known: readonly NodeAct[]
  onAct: OnAct
}) {
  const { node, hue } = props
  const condition = conditionOf(node)
  const owns = node.role !== 'edge'
  return (
    <article
      className={`node card state-${node.state} role-${node.role} ${hue === undefined ? '' : `hue-${hue}`}`}
      aria-label={node.name}
    >
      <header>
        <span className="dot" />
        <h2>{node.name}</h2>
        <span className="node-role">{ROLES[node.role]}</span>
        <span className={`condition tone-${condition.tone}`}>{condition.text}</span>
      </header>
      <p className="node-count">
        <strong>{countText(owns ? node.owned : node.sockets)}</strong>{' '}
        {owns ? 'conversations owned' : node.sockets === 1 ? 'open socket' : 'open sockets'}
      </p>
      {owns && (
        <div className="share" aria-hidden="true">
          <div style={{ width: `${props.share * 100}%` }} />
        </div>
      )}
      <dl>
        <Fact label="attached" value={countText(node.attached)} />
        <Fact label="last beat" value={beatText(node)} />
        <Fact label="version" value={node.version} />
      </dl>
      <footer>
        {actsFor(node, props.known).map(({ act, words, colour }) => (
          <Button
            key={act}
            size="compact-sm"
            variant={colour ? 'light' : 'default'}
            {...(colour && { color: colour })}
            aria-label={`${words} ${node.name}`}
            onClick={() => props.onAct(node, act)}
          >
            {words}
          </Button>
        ))}
      </footer>
    </article>
  )
}

function Fact(props: { label: string; value: string }) {
  return (
    <div>
      <dt>{props.label}</dt>
      <dd>{props.value}</dd>
    </div>
  )
}

function beatText(node: NodeRow): string {
  return node.beatAgeMs < 1_500 ? 'now' : `${spanText(node.beatAgeMs)} ago`
}

/** What can be done to a node as it is. A button never changes its place while its node lives. */
function actsFor(
  node: NodeRow,
  known: readonly NodeAct[],
): readonly { act: NodeAct; words: string; colour?: string }[] {
  const rest = { act: 'drain', words: 'Drain' } as const
  const wake = { act: 'enable', words: 'Enable' } as const
  const supervised = [
    { act: 'pause', words: 'Pause 5 s' },
    { act: 'restart', words: 'Restart' },
    { act: 'kill', words: 'Kill -9', colour: 'red' },
  ] as const
  const acts = [node.mode === 'enabled' ? rest : wake, ...(node.supervised ? supervised : [])]
  return acts.filter(({ act }) => known.includes(act))
}
