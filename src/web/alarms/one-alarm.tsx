import { Skeleton } from '@mantine/core'
import type { AlarmAnswer } from '../../protocol/alarm-answers.ts'
import { usePolled } from '../console/console-context.ts'
import type { AlarmIntent } from './alarm-acts.tsx'
import { AlarmCard } from './alarm-card.tsx'

const ASKED_EVERY_MS = 3_000

/** One alarm at an address of its own, open or over. */
export function OneAlarm(props: { id: string; onIntent: (intent: AlarmIntent) => void }) {
  const { answer, refusal } = usePolled<AlarmAnswer>(`/api/alarms/${encodeURIComponent(props.id)}`, ASKED_EVERY_MS)
  return (
    <section className="alarm-list" aria-label="One alarm">
      <a className="alarm-back" href="/console/alarms">
        ← All alarms
      </a>
      {answer && <AlarmCard alarm={answer} details={answer} onIntent={props.onIntent} />}
      {!answer && !refusal && <Skeleton height={220} radius={14} />}
      {!answer && refusal && (
        <div className="card empty">
          {refusal.code === 'unknown-alarm' ? (
            <>
              <h2>There is no such alarm</h2>
              <p>{refusal.message} Alarms are forgotten a while after their end.</p>
            </>
          ) : (
            <>
              <h2>This alarm cannot be shown now</h2>
              <p>{refusal.message} It is asked for again by itself.</p>
            </>
          )}
        </div>
      )}
    </section>
  )
}
