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
        <h3>{title}</h3>
        <span className="alarm-subject">{subject}</span>
        <span className={`state-tag ${tone}`}>{ended ? 'over' : severity}</span>
      </header>
      <p className="alarm-sentence">{sentence}</p>
      <ul className="alarm-facts">
        <li>
          since <When at={beganAt} />
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
          <strong>{acknowledged.by}</strong> takes care of it, since <When at={acknowledged.at} />
          {acknowledged.note && <>: {acknowledged.note}</>}
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
          <h4>What it means</h4>
          <CatalogueSentence sentence={meaning} />
        </section>
      )}
      {remedy !== '' && (
        <section>
          <h4>What to do</h4>
          <CatalogueSentence sentence={remedy} />
        </section>
      )}
      <section>
        <h4>Who was told</h4>
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
          size="compact-md"
          aria-label={`Acknowledge ${of}`}
          onClick={() => onIntent({ kind: 'acknowledge', alarm })}
        >
          Acknowledge
        </Button>
      )}
      <Button
        size="compact-md"
        variant="default"
        aria-label={`Silence ${of}`}
        onClick={() => onIntent({ kind: 'silence', alarm })}
      >
        Silence
      </Button>
      <Button
        size="compact-md"
        variant="default"
        aria-label={`End ${of} by hand`}
        onClick={() => onIntent({ kind: 'close', alarm })}
      >
        End by hand
      </Button>
    </footer>
  )
}
