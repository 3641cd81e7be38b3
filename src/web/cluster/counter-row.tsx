import type { MetricName } from '../../base/metrics.ts'
import type { ClusterAnswer } from '../../protocol/rest-answers.ts'
import { countText } from '../console/console-text.ts'

const SHOWN: readonly { readonly name: MetricName; readonly label: string; readonly title: string }[] = [
  { name: 'messages_appended', label: 'messages', title: 'Messages made durable since the present nodes started' },
  { name: 'sockets', label: 'open sockets', title: 'Browsers and programs connected now' },
  { name: 'adoptions', label: 'adopted', title: 'Conversations taken over from a dead owner' },
  { name: 'handovers', label: 'handed over', title: 'Conversations given to a live successor' },
  { name: 'fenced_appends', label: 'fenced off', title: 'Writes of former owners that the store refused' },
  { name: 'duplicates', label: 'retries recognised', title: 'Commands that came twice and were kept once' },
]

/** The numbers that tell whether all is well. Widths are fixed so that counting up moves nothing. */
export function CounterRow(props: { answer: ClusterAnswer | undefined }) {
  const { answer } = props
  return (
    <dl className="counters card">
      <Counter
        label="open conversations"
        title="Conversations that were not closed"
        count={answer?.openConversations}
      />
      {SHOWN.map(({ name, label, title }) => (
        <Counter key={name} label={label} title={title} count={answer && (answer.counters[name] ?? 0)} />
      ))}
    </dl>
  )
}

function Counter(props: { label: string; title: string; count: number | undefined }) {
  return (
    <div title={props.title}>
      <dt>{props.label}</dt>
      <dd>{props.count === undefined ? '–' : countText(props.count)}</dd>
    </div>
  )
}
