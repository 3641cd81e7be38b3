import { Button } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import type { ConfigDocumentRow, ConfigHistoryAnswer } from '../../protocol/config-answers.ts'
import { useConsole } from '../console/console-context.ts'
import { When } from '../console/when.tsx'
import { pairedLines } from './change-facts.ts'

type LastChange = ConfigHistoryAnswer['changes'][number]

/**
 * Somebody else changed a document while it was edited: both versions beside each other, and what may become of them.
 * `there` absent: it is gone. `mine` absent: it was to be removed.
 */
export function SideBySide(props: {
  name: string
  there: ConfigDocumentRow | undefined
  mine: string | undefined
  onTheirs: () => void
  onMine: () => void
}) {
  const { name, there, mine } = props
  const last = useLastChange(name, there?.revision ?? 0)
  const head = useRef<HTMLHeadingElement>(null)
  // What was asked for has not happened: who saves by keyboard is led to the reason.
  useEffect(() => head.current?.focus(), [])
  return (
    <section className="card conflict" aria-labelledby="conflict-head">
      <h3 id="conflict-head" ref={head} tabIndex={-1}>
        Somebody else changed this while you did
      </h3>
      <p>
        Nothing of yours is stored yet, and nothing of theirs is lost.{' '}
        {last && (
          <>
            Revision {last.revision} is by <strong>{last.author}</strong>, <When at={last.at} />: “{last.reason}”.
          </>
        )}
      </p>
      <div className="sides">
        <div className="sides-head">
          <strong className="left">{there ? `Theirs, revision ${there.revision}` : 'Theirs: it was removed'}</strong>
          <strong className="right">{mine === undefined ? 'Mine: to remove it' : 'Mine, not stored'}</strong>
        </div>
        {pairedLines(there?.text ?? '', mine ?? '').map(({ left, right, same }, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name than their place
          <div key={place} className={same ? 'side-row' : 'side-row differs'}>
            <code className="left">{left ?? ''}</code>
            <code className="right">{right ?? ''}</code>
          </div>
        ))}
      </div>
      <div className="conflict-answers">
        <Button variant="default" onClick={props.onTheirs}>
          Take over theirs
        </Button>
        <Button onClick={props.onMine}>{mine === undefined ? 'Remove it all the same' : 'Apply mine on top'}</Button>
      </div>
    </section>
  )
}

/** Who made it what it is, as far as the history tells. */
function useLastChange(name: string, revision: number): LastChange | undefined {
  const { call } = useConsole()
  const [last, setLast] = useState<LastChange>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: another revision is another change
  useEffect(() => {
    let stopped = false
    void call<ConfigHistoryAnswer>(`/api/config/history?limit=1&name=${encodeURIComponent(name)}`).then((result) => {
      if (!stopped && result.kind === 'ok') setLast(result.answer.changes[0])
    })
    return () => {
      stopped = true
    }
  }, [name, revision, call])
  return last
}
