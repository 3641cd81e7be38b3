import { Skeleton } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { ConfigAnswer } from '../../protocol/config-answers.ts'
import { useConsole, usePolled } from '../console/console-context.ts'
import { ChangeHistory } from './change-history.tsx'
import { placeOf } from './configuration-facts.ts'
import { DocumentPage } from './document-page.tsx'
import { KindCards } from './kind-cards.tsx'
import './configuration-page.css'
import './document-editor.css'
import './change-view.css'
import { HEAD_ID, Trail } from './trail.tsx'

const POLL_MS = 2_000

/** What all nodes share: its kinds and documents, who runs which of it, edits, history. */
export default function ConfigurationPage() {
  const { rest } = useConsole()
  const { answer, refusal, stale, again } = usePolled<ConfigAnswer>('/api/config', POLL_MS)
  const page = useFocusAt(rest.join('/'))
  return (
    <div className="configuration" ref={page} tabIndex={-1}>
      {stale && (
        <p className="config-note" role="status">
          This node does not answer. What you see is a moment old; what you write stays here.
        </p>
      )}
      {answer ? <Shown answer={answer} rest={rest} again={again} /> : <Waiting refusal={refusal?.message} />}
    </div>
  )
}

/** Who follows a link of the page reads on at the heading of where it leads; the link itself is gone. */
function useFocusAt(path: string) {
  const page = useRef<HTMLDivElement>(null)
  const shown = useRef(path)
  useEffect(() => {
    if (shown.current === path) return
    shown.current = path
    scrollTo(0, 0)
    const heading = document.getElementById(HEAD_ID) ?? page.current
    heading?.focus({ preventScroll: true })
  }, [path])
  return page
}

function Shown(props: { answer: ConfigAnswer; rest: readonly string[]; again: () => void }) {
  const { answer, again } = props
  const place = placeOf(props.rest, answer.kinds)
  switch (place.kind) {
    case 'overview':
      return <KindCards answer={answer} />
    case 'history':
      return place.of && place.name !== undefined ? (
        <DocumentPage key={place.name} of={place.of} name={place.name} tab="history" answer={answer} again={again} />
      ) : (
        <>
          <Trail title="History" />
          <ChangeHistory revision={answer.revision} again={again} />
        </>
      )
    case 'document':
      return <DocumentPage key={place.name} of={place.of} name={place.name} tab="edit" answer={answer} again={again} />
    case 'new':
      return <DocumentPage key={`${place.of.kind}/`} of={place.of} tab="edit" answer={answer} again={again} />
    case 'nowhere':
      return (
        <section className="card empty">
          <h2>There is nothing called {place.path}</h2>
          <p>
            <a href="/console/configuration">All kinds of documents</a>
          </p>
        </section>
      )
  }
}

function Waiting(props: { refusal: string | undefined }) {
  if (props.refusal !== undefined)
    return (
      <section className="card empty" role="alert">
        <h2>The configuration cannot be shown</h2>
        <p>{props.refusal}</p>
      </section>
    )
  return (
    <div className="kinds" aria-busy="true">
      <span className="hidden-text">One moment</span>
      {[1, 2, 3, 4].map((place) => (
        <Skeleton key={place} height={180} radius={14} />
      ))}
    </div>
  )
}
