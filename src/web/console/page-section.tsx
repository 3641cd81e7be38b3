import { type ReactNode, useId } from 'react'
import type { Polled } from './use-poll.ts'
import './page-section.css'

/** A card of a page with its heading, and beside it what is to be known or done at once. */
export function PageSection(props: { title: string; note?: ReactNode; acts?: ReactNode; children: ReactNode }) {
  const id = useId()
  return (
    <section className="card page-section" aria-labelledby={id}>
      <header>
        <h2 id={id}>{props.title}</h2>
        {props.note !== undefined && <p>{props.note}</p>}
        {props.acts !== undefined && <div className="page-section-acts">{props.acts}</div>}
      </header>
      {props.children}
    </section>
  )
}

/** One sentence where what is shown is not as it is now. Always in the document, so that it is read out when it comes. */
export function PolledTrouble(props: { polled: Omit<Polled<unknown>, 'again'> }) {
  const { answer, refusal, stale } = props.polled
  const refused = answer === undefined ? refusal?.message : undefined
  return (
    <p className="page-trouble" role="status">
      {stale ? 'This node does not answer. What you see is from before; it is asked again by itself.' : refused}
    </p>
  )
}
