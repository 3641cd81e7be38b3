import { Button } from '@mantine/core'
import type { AlarmRow } from '../../protocol/alarm-answers.ts'
import { countText } from '../console/console-text.ts'
import { type Column, DataTable } from '../console/data-table.tsx'
import { PageSection } from '../console/page-section.tsx'
import { When } from '../console/when.tsx'
import { lastedText, toneOf } from './alarms-facts.ts'

/** What is over, the newest first. */
export function PastAlarms(props: { over: readonly AlarmRow[] | undefined; onMore?: () => void }) {
  return (
    <PageSection title="History">
      <DataTable
        label="Alarms that are over"
        columns={COLUMNS}
        rows={props.over}
        keyOf={({ id }) => id}
        empty={
          <div className="empty">
            <h3>Nothing was wrong yet</h3>
            <p>Alarms that are over are kept here for a while, with how long they lasted.</p>
          </div>
        }
      />
      {props.onMore && (
        <div className="page-section-more">
          <Button variant="subtle" size="compact-sm" onClick={props.onMore}>
            Show older ones
          </Button>
        </div>
      )}
    </PageSection>
  )
}

const COLUMNS: readonly Column<AlarmRow>[] = [
  {
    key: 'what',
    head: 'Alarm',
    wide: true,
    cell: (alarm) => (
      <span className="alarm-past">
        <a href={`/console/alarms/${alarm.id}`}>{alarm.title}</a>
        <span className="alarm-subject">{alarm.subject}</span>
        {toneOf(alarm) === 'bad' && <span className="state-tag">critical</span>}
      </span>
    ),
  },
  { key: 'since', head: 'Began', cell: ({ beganAt }) => <When at={beganAt} /> },
  { key: 'lasted', head: 'Lasted', right: true, cell: lastedText },
  { key: 'affected', head: 'Conversations', right: true, cell: ({ affected }) => countText(affected) },
  {
    key: 'care',
    head: 'Taken care of by',
    cell: ({ acknowledged }) => acknowledged?.by ?? <span className="alarm-none">nobody</span>,
  },
]
