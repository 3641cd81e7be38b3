import { Button } from '@mantine/core'
import type { AlarmAnswer, AlarmRow } from '../../protocol/alarm-answers.ts'
import { useConsole } from '../console/console-context.ts'
import { When } from '../console/when.tsx'
import type { AlarmIntent } from './alarm-acts.tsx'
import { affectedText, deliveryState, deliveryText, lastedText, toldText, toneOf } from './alarms-facts.ts'
import { CatalogueSentence } from './catalogue-sentence.tsx'

/** One alarm with everything that is known of it. `details` come a moment later than the rest. */
export function AlarmCard(props: {
  alarm: AlarmRow
  details: AlarmAnswer | undefined
  onIntent: (intent: AlarmIntent) => void
}) {
  const { alarm, details } = props
  const { title, subject, severity, sentence, beganAt, ended, raisedBy, acknowledged } = alarm
  const tone = ended ? 'good' : toneOf(alarm)
  return (
    <article className={`card alarm-card ${tone}`} aria-label={`${title}: ${subject}`}>
      <header>
        <h2>{title}</h2>
        <span className="alarm-subject">{subject}</span>
        <span className={`state-tag ${tone}`}>{ended ? 'over' : severity}</span>
      </header>
      <p className="alarm-sentence">{sentence}</p>
      <ul className="alarm-facts">
        <li>
          began <When at={beganAt} />
        </li>
        {ended && (
          <li>
            lasted {lastedText(alarm)}, told by {ended.by}
          </li>
        )}
        <li>{affectedText(alarm.affected)}</li>
        <li>seen by {raisedBy}</li>
      </ul>
      {acknowledged && (
        <p className="alarm-care">
          <span>
            <strong>{acknowledged.by}</strong> takes care of it{acknowledged.note && `: ${acknowledged.note}`}
          </span>
          <When at={acknowledged.at} />
        </p>
      )}
      {details && <Details details={details} />}
      {!ended && <Acts alarm={alarm} onIntent={props.onIntent} />}
    </article>
  )
}

function Details(props: { details: AlarmAnswer }) {
  const { meaning, remedy, deliveries } = props.details
  return (
    <div className="alarm-details">
      {meaning !== '' && (
        <section>
          <h3>What it means</h3>
          <CatalogueSentence sentence={meaning} />
        </section>
      )}
      {remedy !== '' && (
        <section>
          <h3>What to do</h3>
          <CatalogueSentence sentence={remedy} />
        </section>
      )}
      <section>
        <h3>Who was told</h3>
        {deliveries.length === 0 ? (
          <p>{toldText(props.details)}</p>
        ) : (
          <ul className="alarm-deliveries">
            {deliveries.map((delivery) => {
              const { text, tone } = deliveryState(delivery)
              return (
                <li key={`${delivery.about} ${delivery.by} ${delivery.to}`}>
                  <span>{deliveryText(delivery)}</span>
                  <span className={`state-tag ${tone}`}>{text}</span>
                  {delivery.reason !== '' && <small>{delivery.reason}</small>}
                </li>
              )
            })}
          </ul>
        )}
      </section>
    </div>
  )
}

function Acts(props: { alarm: AlarmRow; onIntent: (intent: AlarmIntent) => void }) {
  const { alarm, onIntent } = props
  const { may } = useConsole()
  if (!may('admin')) return null
  const of = `${alarm.title} of ${alarm.subject}`
  return (
    <footer>
      {!alarm.acknowledged && (
        <Button
          size="compact-sm"
          aria-label={`Acknowledge ${of}`}
          onClick={() => onIntent({ kind: 'acknowledge', alarm })}
        >
          Acknowledge
        </Button>
      )}
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`Silence ${of}`}
        onClick={() => onIntent({ kind: 'silence', alarm })}
      >
        Silence
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`End by hand: ${of}`}
        onClick={() => onIntent({ kind: 'close', alarm })}
      >
        End by hand
      </Button>
    </footer>
  )
}
