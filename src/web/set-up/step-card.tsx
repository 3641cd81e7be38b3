import { Button } from '@mantine/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { SetUpStepRow } from '../../protocol/set-up-answers.ts'
import { setUpStep } from '../../protocol/set-up-steps.ts'
import { Question } from '../console/question.tsx'
import { STATE_WORDS } from './set-up-facts.ts'
import { StateMark } from './state-mark.tsx'
import { TroubleNote } from './trouble-note.tsx'

/** One step: what it is about, what was found, what can be done, and how to go on. */
export function StepCard(props: {
  row: SetUpStepRow
  /** Whether somebody chose it, so that the keyboard goes there. */
  focused: boolean
  /** Resolves with why not, where it was not left out. */
  onSkip: () => Promise<string | undefined>
  onLookAgain: () => void
  /** Absent at the last step. */
  onNext: (() => void) | undefined
  children: ReactNode
}) {
  const { id, state, sentence, remedy, findings } = props.row
  const { title, checks, applies, skipped } = setUpStep(id)
  const heading = useRef<HTMLHeadingElement>(null)
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState<string>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the keyboard goes to a step when it is gone to
  useEffect(() => {
    if (props.focused) heading.current?.focus()
  }, [id])
  const settled = state === 'done' || state === 'skipped'
  const skip = async () => {
    setAsking(false)
    setReason(await props.onSkip())
  }
  return (
    <section className="card step" aria-labelledby="step-title">
      <header>
        <h2 id="step-title" ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <p className="step-about">
          {checks} {applies}
        </p>
      </header>
      <div className={`verdict verdict-${state}`} role="status">
        <StateMark state={state} />
        <div>
          <p className="verdict-word">{STATE_WORDS[state]}</p>
          <p>{sentence}</p>
          {remedy !== '' && <p className="verdict-remedy">{remedy}</p>}
        </div>
      </div>
      {findings.length > 0 && (
        <dl className="findings">
          {findings.map(({ name, found, ok }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className={ok ? '' : 'finding-bad'}>
                {found}
                {!ok && <span className="hidden-text"> (not right)</span>}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {props.children}
      <TroubleNote trouble={reason === undefined ? undefined : { sentence: reason, remedy: '' }} />
      <footer className="step-ways">
        <Button variant="default" onClick={props.onLookAgain}>
          Look again
        </Button>
        {skipped !== undefined && !settled && (
          <Button variant="subtle" color="gray" onClick={() => setAsking(true)}>
            Leave it out
          </Button>
        )}
        {props.onNext && (
          <Button {...(!settled && { variant: 'default' })} onClick={props.onNext}>
            {settled ? 'Next step' : 'Later'}
          </Button>
        )}
      </footer>
      <Question
        asked={
          asking
            ? {
                title: `Leave out: ${title}?`,
                body: <p>{skipped} You can come back to it at any time.</p>,
                act: 'Leave it out',
                harmless: 'Stay here',
                dangerous: true,
              }
            : undefined
        }
        onClose={() => setAsking(false)}
        onAct={() => void skip()}
      />
    </section>
  )
}
