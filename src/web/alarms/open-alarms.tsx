import { Skeleton } from '@mantine/core'
import type { AlarmAnswer, AlarmRow, AlarmsAnswer } from '../../protocol/alarm-answers.ts'
import { usePolled } from '../console/console-context.ts'
import { plural } from '../console/console-text.ts'
import { When } from '../console/when.tsx'
import type { AlarmIntent } from './alarm-acts.tsx'
import { AlarmCard } from './alarm-card.tsx'
import { detailsEveryMs, inUrgency } from './alarms-facts.ts'

/** What is wrong now, the most urgent first; all is well where nothing is. */
export function OpenAlarms(props: { answer: AlarmsAnswer | undefined; onIntent: (intent: AlarmIntent) => void }) {
  const { answer } = props
  if (!answer) return <Skeleton height={180} radius={14} />
  const { open, waiting } = answer
  const well = open.length === 0 && waiting.length === 0
  return (
    <section className="alarm-list" aria-label="Open alarms">
      <p className="hidden-text" role="status">
        {well ? 'All is well.' : `${plural(open.length, 'alarm')} open`}
      </p>
      {waiting.map(({ code, subject, title, sentence, beganAt }) => (
        <p key={`${code} ${subject}`} className="page-trouble">
          Seen and not stored yet, since <When at={beganAt} />: {title}, {subject}. {sentence}
        </p>
      ))}
      {well && <AllIsWell />}
      {inUrgency(open).map((alarm) => (
        <OpenAlarm key={alarm.id} alarm={alarm} everyMs={detailsEveryMs(open.length)} onIntent={props.onIntent} />
      ))}
    </section>
  )
}

function OpenAlarm(props: { alarm: AlarmRow; everyMs: number; onIntent: (intent: AlarmIntent) => void }) {
  const { alarm, everyMs } = props
  const { answer } = usePolled<AlarmAnswer>(`/api/alarms/${encodeURIComponent(alarm.id)}`, everyMs)
  return <AlarmCard alarm={alarm} details={answer} onIntent={props.onIntent} />
}

function AllIsWell() {
  return (
    <div className="card empty all-is-well">
      <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
        <path d="M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M8 12.3l2.8 2.8L16.2 9.5" />
      </svg>
      <h2>All is well</h2>
      <p>
        No alarm is open. What begins is shown here at once, and told to whom the{' '}
        <a href="/console/configuration/settings">settings</a> name by <code>alarmMails</code> and{' '}
        <code>alarmWebhook</code>.
      </p>
    </div>
  )
}
