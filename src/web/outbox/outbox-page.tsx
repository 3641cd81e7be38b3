import { useState } from 'react'
import type { DeadLetterRow, OutboxActAnswer, OutboxAnswer } from '../../protocol/outbox-answers.ts'
import { useConsole, usePolled } from '../console/console-context.ts'
import { plural } from '../console/console-text.ts'
import { PageSection, PolledTrouble } from '../console/page-section.tsx'
import { type Asked, Question } from '../console/question.tsx'
import { DeadLetters } from './dead-letters.tsx'
import { figuresOf, letterText } from './outbox-facts.ts'
import { WaitingLanes } from './waiting-lanes.tsx'
import './outbox-page.css'

const ASKED_EVERY_MS = 3_000

/** What is about to be done, and to which. */
interface Intent {
  readonly act: 'replay' | 'drop'
  readonly letters: readonly DeadLetterRow[]
}

/** What waits to be done outside, and what was given up: tried again or discarded. */
export default function OutboxPage() {
  const { call, tell } = useConsole()
  const polled = usePolled<OutboxAnswer>('/api/outbox', ASKED_EVERY_MS)
  const [intent, setIntent] = useState<Intent>()
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string>()
  const { answer, again } = polled

  const perform = async ({ act, letters }: Intent) => {
    setBusy(true)
    setTrouble(undefined)
    const sentences: string[] = []
    const left: DeadLetterRow[] = []
    let failed: string | undefined
    for (const letter of letters) {
      const result = await call<OutboxActAnswer>(`/api/outbox/${act}`, { id: letter.id })
      if (result.kind === 'ok') sentences.push(result.answer.sentence)
      else {
        left.push(letter)
        failed = result.kind === 'refused' ? result.refusal.message : NO_ANSWER
      }
    }
    setBusy(false)
    again()
    const done = sentences.length === 1 ? sentences[0] : WORDS[act](sentences.length)
    if (failed !== undefined && intent) {
      setTrouble(failed)
      setIntent({ act, letters: left })
    } else setIntent(undefined)
    tell([...(sentences.length > 0 ? [done] : []), ...(failed === undefined ? [] : [failed])].join(' '))
  }
  const ask = (next: Intent) => {
    setTrouble(undefined)
    // One that is tried again does no harm; it ends here again at worst.
    if (next.act === 'replay' && next.letters.length === 1) void perform(next)
    else setIntent(next)
  }

  return (
    <div className="page-stack">
      <PolledTrouble polled={polled} />
      <dl className="card outbox-figures" aria-busy={answer === undefined}>
        {figuresOf(answer ?? NOTHING).map(({ label, value, tone }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd className={tone}>{answer ? value : '–'}</dd>
          </div>
        ))}
      </dl>
      <DeadLetters
        letters={answer?.deadLetters}
        dead={answer?.dead ?? 0}
        busy={busy}
        onReplay={(letters) => ask({ act: 'replay', letters })}
        onDrop={(letter) => ask({ act: 'drop', letters: [letter] })}
      />
      <PageSection
        title="Waiting"
        note="Each lane is carried out in order; what is behind its first item waits for that one."
      >
        <WaitingLanes lanes={answer?.lanes} waiting={answer?.waiting ?? 0} />
      </PageSection>
      <Question
        asked={intent && questionOf(intent)}
        busy={busy}
        trouble={trouble}
        onClose={() => setIntent(undefined)}
        onAct={() => intent && void perform(intent)}
      />
    </div>
  )
}

const NOTHING: OutboxAnswer = { waiting: 0, dead: 0, oldestMs: 0, lanes: [], deadLetters: [] }
const NO_ANSWER = 'The order was given, but no answer came back. Look at the list before you give it again.'
const WORDS = {
  replay: (count: number) => `${plural(count, 'dead letter')} are tried again.`,
  drop: (count: number) => `${plural(count, 'dead letter')} are given up for ever.`,
}

function questionOf({ act, letters }: Intent): Asked {
  const [letter] = letters
  if (act === 'drop')
    return {
      title: 'Discard this dead letter?',
      body: (
        <>
          <p>
            <strong>{letter && letterText(letter)}</strong>
          </p>
          <p>It is given up for ever, and what it says is forgotten. Whoever it was for does not get it.</p>
        </>
      ),
      act: 'Discard',
      harmless: 'Keep it',
      dangerous: true,
    }
  return {
    title: `Try ${plural(letters.length, 'dead letter')} again?`,
    body: <p>Each goes behind what waits in its lane. What fails once more comes back here, with its reason.</p>,
    act: 'Try all again',
  }
}
