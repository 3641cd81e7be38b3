import type { WaitingLaneRow } from '../../protocol/outbox-answers.ts'
import { countText, spanText } from '../console/console-text.ts'
import { type Column, DataTable } from '../console/data-table.tsx'
import { attemptsText, kindText, laneText, shownText, waitText } from './outbox-facts.ts'

/** What waits, by lane, the longest first. */
export function WaitingLanes(props: { lanes: readonly WaitingLaneRow[] | undefined; waiting: number }) {
  const { lanes, waiting } = props
  const shown = (lanes ?? []).reduce((sum, lane) => sum + lane.waiting, 0)
  const rest = lanes && shownText(shown, waiting, 'longest waiting')
  return (
    <>
      <DataTable
        label="Waiting, by lane"
        columns={COLUMNS}
        rows={lanes}
        keyOf={({ lane }) => lane}
        empty={
          <div className="empty">
            <h3>Nothing waits</h3>
            <p>Mails and webhook calls pass through here, mostly within a second.</p>
          </div>
        }
      />
      {rest && <p className="outbox-rest">{rest}</p>}
    </>
  )
}

const COLUMNS: readonly Column<WaitingLaneRow>[] = [
  {
    key: 'lane',
    head: 'Lane',
    cell: ({ lane, first }) => (
      <span className="outbox-what" title={first.id}>
        <strong>{laneText(lane)}</strong>
        <span>first: {kindText(first.kind)}</span>
      </span>
    ),
  },
  { key: 'waiting', head: 'Items', right: true, cell: ({ waiting }) => countText(waiting) },
  { key: 'oldest', head: 'For', right: true, cell: ({ oldestMs }) => spanText(oldestMs) },
  {
    key: 'state',
    head: 'Its first',
    cell: (lane) => (
      <span className="outbox-what">
        <span className="outbox-state">{waitText(lane)}</span>
        <span>{attemptsText(lane.first.attempts)}</span>
      </span>
    ),
  },
  {
    key: 'why',
    head: 'Last trouble',
    wide: true,
    cell: ({ first }) => (first.reason === '' ? <span className="outbox-none">none</span> : first.reason),
  },
]
