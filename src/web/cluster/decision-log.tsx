import { SegmentedControl } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { DecisionRow } from '../../protocol/rest-answers.ts'

const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** What the nodes decided by themselves and why, the newest first. */
export function DecisionLog(props: {
  decisions: readonly DecisionRow[] | undefined
  hues: ReadonlyMap<string, number>
}) {
  const [order, setOrder] = useState<'cluster' | 'all'>('cluster')
  const rows = useMemo(() => {
    const all = [...(props.decisions ?? [])].reverse()
    return order === 'all' ? all : all.filter((row) => row.conversation === undefined)
  }, [props.decisions, order])
  return (
    <section className="card decisions" aria-labelledby="decisions-title">
      <header>
        <h2 id="decisions-title">Decisions</h2>
        <SegmentedControl
          size="xs"
          aria-label="Which decisions"
          value={order}
          onChange={(value) => setOrder(value === 'all' ? 'all' : 'cluster')}
          data={[
            { value: 'cluster', label: 'About nodes' },
            { value: 'all', label: 'All' },
          ]}
        />
      </header>
      {props.decisions && rows.length === 0 && (
        <div className="empty">
          <h3>Nothing had to be decided yet</h3>
          <p>Kill a node and watch what the others do, and why.</p>
        </div>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <div className="decision-rows" role="log" aria-label="Decisions" aria-live="off" tabIndex={0}>
        <ol>
          {rows.map((row) => (
            <li key={row.id}>
              <time>{time.format(row.at)}</time>
              <span className={`who hue-${props.hues.get(row.node) ?? ''}`}>
                <span className="dot" />
                {row.node}
              </span>
              <span className="what">{row.what}</span>
              <span className="why">{row.reason}</span>
            </li>
          ))}
        </ol>
      </div>
    </section>
  )
}
