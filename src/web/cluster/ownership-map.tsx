import type { ClusterAnswer, OwnedRow } from '../../protocol/rest-answers.ts'
import { plural } from '../console/console-text.ts'
import { hues, isOwned } from './cluster-facts.ts'

/**
 * Every open conversation as a small square in the colour of its owner. A conversation keeps its place (by id), so a
 * takeover is a change of colour and nothing else.
 */
export function OwnershipMap(props: { answer: ClusterAnswer | undefined }) {
  const { answer } = props
  const colours = hues(answer?.nodes ?? [])
  const rows = [...(answer?.ownership ?? [])].sort((one, other) => (one.conversation < other.conversation ? -1 : 1))
  return (
    <section className="card map" aria-labelledby="map-title">
      <header>
        <h2 id="map-title">Who owns what</h2>
        {answer && <span>{plural(answer.openConversations, 'open conversation')}</span>}
      </header>
      {answer && rows.length === 0 ? (
        <div className="empty">
          <h3>No open conversations</h3>
          <p>Open the visitor page and say hello: it appears here.</p>
        </div>
      ) : (
        <ul className={`squares ${rows.length > 150 ? 'small' : ''}`}>
          {rows.map((row) => (
            <Square key={row.conversation} row={row} hue={hueOf(row, answer, colours)} />
          ))}
        </ul>
      )}
      <ul className="legend">
        {[...colours].map(([name, hue]) => (
          <li key={name} className={`hue-${hue}`}>
            <span className="dot" />
            {name}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Square(props: { row: OwnedRow; hue: number | undefined }) {
  const { row, hue } = props
  const words = `${row.conversation}, ${hue === undefined ? 'between owners' : `owned by ${row.owner}`}, epoch ${row.epoch}`
  return (
    <li className={`square ${hue === undefined ? 'unowned' : `hue-${hue}`}`} title={words}>
      <span className="hidden-text">{words}</span>
    </li>
  )
}

function hueOf(row: OwnedRow, answer: ClusterAnswer | undefined, colours: ReadonlyMap<string, number>) {
  if (row.owner === undefined || !isOwned(row.owner, answer?.nodes ?? [])) return undefined
  return colours.get(row.owner)
}
