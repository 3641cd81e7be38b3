import { Button } from '@mantine/core'
import type { SilenceRow } from '../../protocol/alarm-answers.ts'
import { useConsole } from '../console/console-context.ts'
import { type Column, DataTable } from '../console/data-table.tsx'
import { When } from '../console/when.tsx'
import { coveredText } from './alarms-facts.ts'

/** What nobody is told of for now, why, and until when. */
export function SilenceList(props: {
  silences: readonly SilenceRow[] | undefined
  titles: ReadonlyMap<string, string>
  onLift: (silence: SilenceRow) => void
}) {
  const { titles } = props
  const { may } = useConsole()
  const columns: readonly Column<SilenceRow>[] = [
    { key: 'what', head: 'What', cell: (silence) => <strong>{coveredText(silence, titles)}</strong> },
    { key: 'why', head: 'Why', wide: true, cell: ({ reason }) => reason },
    { key: 'until', head: 'Ends', cell: ({ until }) => <When at={until} /> },
    { key: 'by', head: 'By', cell: ({ by }) => by },
    {
      key: 'acts',
      label: 'What can be done',
      cell: (silence) => (
        <Button
          size="compact-sm"
          variant="default"
          aria-label={`Lift: ${coveredText(silence, titles)}`}
          onClick={() => props.onLift(silence)}
        >
          Lift
        </Button>
      ),
    },
  ]
  return (
    <DataTable
      label="Silences"
      columns={may('admin') ? columns : columns.slice(0, -1)}
      rows={props.silences}
      keyOf={({ id }) => id}
      empty={<p className="alarm-no-silence">Nothing is silenced: whoever is named is told of everything.</p>}
    />
  )
}
