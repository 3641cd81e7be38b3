import type { AlarmCatalogueAnswer } from '../../protocol/alarm-answers.ts'
import { toneOf } from './alarms-facts.ts'
import { CatalogueSentence } from './catalogue-sentence.tsx'

/** Every alarm that there may be, with what it means and what to do, for who reads before it burns. */
export function AlarmCatalogue(props: { alarms: AlarmCatalogueAnswer['alarms'] | undefined }) {
  if (!props.alarms) return null
  return (
    <details className="card alarm-catalogue">
      <summary>All alarms that there may be</summary>
      <dl>
        {props.alarms.map((alarm) => (
          <div key={alarm.code}>
            <dt>
              {alarm.title} <code>{alarm.code}</code>
              <span className={`state-tag ${toneOf(alarm)}`}>{alarm.severity}</span>
            </dt>
            <dd>
              <CatalogueSentence sentence={alarm.meaning} />
              <CatalogueSentence sentence={alarm.remedy} />
            </dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
