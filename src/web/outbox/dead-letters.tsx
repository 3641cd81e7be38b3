import { Button } from '@mantine/core'
import type { DeadLetterRow } from '../../protocol/outbox-answers.ts'
import { useConsole } from '../console/console-context.ts'
import { type Column, DataTable } from '../console/data-table.tsx'
import { PageSection } from '../console/page-section.tsx'
import { When } from '../console/when.tsx'
import { attemptsText, kindText, laneText, letterText, shownText } from './outbox-facts.ts'

/** What is not tried any more, with the reason; whoever may tries it again or discards it. */
export function DeadLetters(props: {
  letters: readonly DeadLetterRow[] | undefined
  /** All of them, shown or not. */
  dead: number
  busy: boolean
  onReplay: (letters: readonly DeadLetterRow[]) => void
  onDrop: (letter: DeadLetterRow) => void
}) {
  const { letters, dead, busy } = props
  const { may } = useConsole()
  const acts: Column<DeadLetterRow> = {
    key: 'acts',
    label: 'What can be done',
    cell: (letter) => (
      <span className="outbox-acts">
        <Button
          size="compact-sm"
          variant="default"
          disabled={busy}
          aria-label={`Try again: ${letterText(letter)}`}
          onClick={() => props.onReplay([letter])}
        >
          Try again
        </Button>
        <Button
          size="compact-sm"
          variant="light"
          color="red"
          disabled={busy}
          aria-label={`Discard: ${letterText(letter)}`}
          onClick={() => props.onDrop(letter)}
        >
          Discard
        </Button>
      </span>
    ),
  }
  return (
    <PageSection
      title="Dead letters"
      note={letters && shownText(letters.length, dead, 'newest')}
      {...(may('admin') &&
        letters &&
        letters.length > 1 && {
          acts: (
            <Button size="compact-sm" variant="default" disabled={busy} onClick={() => props.onReplay(letters)}>
              Try all again
            </Button>
          ),
        })}
    >
      <DataTable
        label="Dead letters"
        columns={may('admin') ? [...COLUMNS, acts] : COLUMNS}
        rows={letters}
        keyOf={({ id }) => id}
        empty={
          <div className="empty">
            <h3>No dead letters</h3>
            <p>What may pass is tried again by itself for two days. Only what is refused for good comes here.</p>
          </div>
        }
      />
    </PageSection>
  )
}

const COLUMNS: readonly Column<DeadLetterRow>[] = [
  {
    key: 'what',
    head: 'What',
    cell: ({ kind, lane, id }) => (
      <span className="outbox-what" title={id}>
        <strong>{kindText(kind)}</strong>
        <span>{laneText(lane)}</span>
      </span>
    ),
  },
  { key: 'why', head: 'Why', wide: true, cell: ({ reason }) => reason || 'No reason was given.' },
  { key: 'attempts', head: 'Tried', cell: ({ attempts }) => attemptsText(attempts) },
  { key: 'since', head: 'Given up', cell: ({ diedAt }) => <When at={diedAt} /> },
]
