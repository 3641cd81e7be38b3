import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { AlarmCatalogueAnswer, AlarmsAnswer } from '../../protocol/alarm-answers.ts'
import { useConsole, usePolled } from '../console/console-context.ts'
import { PageSection, PolledTrouble } from '../console/page-section.tsx'
import { AlarmActs, type AlarmIntent } from './alarm-acts.tsx'
import { AlarmCatalogue } from './alarm-catalogue-list.tsx'
import { OneAlarm } from './one-alarm.tsx'
import { OpenAlarms } from './open-alarms.tsx'
import { PastAlarms } from './past-alarms.tsx'
import { SilenceList } from './silence-list.tsx'
import './alarms-page.css'

const ASKED_EVERY_MS = 3_000
/** How many are shown, open ones counted, each time that more are wanted; the node gives no more than the last. */
const OVER_STEPS = [20, 100, 500] as const

const STORE_AWAY =
  'The database is away: this is what the node knew last. Nothing can be acknowledged or silenced until it is back.'

/** What is wrong now, what was, and whom nobody tells; one of them at `alarms/<id>`. */
export default function AlarmsPage() {
  const { rest, may } = useConsole()
  const [step, setStep] = useState(0)
  const over = OVER_STEPS[step] ?? OVER_STEPS[0]
  const polled = usePolled<AlarmsAnswer>(`/api/alarms?limit=${over}`, ASKED_EVERY_MS)
  const catalogue = useCatalogue()
  const [intent, setIntent] = useState<AlarmIntent>()
  const { answer, again } = polled
  const [selected] = rest
  const titles = new Map(catalogue?.map(({ code, title }) => [code, title]))

  return (
    <div className="page-stack">
      <PolledTrouble polled={polled} />
      <p className="page-trouble" role="status">
        {answer?.fresh === false && STORE_AWAY}
      </p>
      {selected === undefined ? (
        <>
          <OpenAlarms answer={answer} onIntent={setIntent} />
          <PageSection
            title="Silences"
            note="Nobody is told of what begins while a silence covers it; it is recorded all the same."
            {...(may('admin') && {
              acts: (
                <Button size="compact-sm" variant="default" onClick={() => setIntent({ kind: 'silence' })}>
                  Silence alarms
                </Button>
              ),
            })}
          >
            <SilenceList
              silences={answer?.silences}
              titles={titles}
              onLift={(silence) => setIntent({ kind: 'lift', silence })}
            />
          </PageSection>
          <PastAlarms
            over={answer?.over}
            {...(answer &&
              step + 1 < OVER_STEPS.length &&
              answer.open.length + answer.over.length >= over && {
                onMore: () => setStep(step + 1),
              })}
          />
          <AlarmCatalogue alarms={catalogue} />
        </>
      ) : (
        <OneAlarm key={selected} id={selected} onIntent={setIntent} />
      )}
      <AlarmActs
        intent={intent}
        titles={titles}
        onClose={() => setIntent(undefined)}
        onDone={() => {
          setIntent(undefined)
          again()
        }}
      />
    </div>
  )
}

/** Every alarm that there may be, asked once: it changes with the program only. */
function useCatalogue(): AlarmCatalogueAnswer['alarms'] | undefined {
  const { call } = useConsole()
  const [alarms, setAlarms] = useState<AlarmCatalogueAnswer['alarms']>()
  const known = alarms !== undefined
  useEffect(() => {
    if (known) return
    let stopped = false
    void call<AlarmCatalogueAnswer>('/api/alarms/catalogue').then((result) => {
      if (!stopped && result.kind === 'ok') setAlarms(result.answer.alarms)
    })
    return () => {
      stopped = true
    }
  }, [call, known])
  return alarms
}
