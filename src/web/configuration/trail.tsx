import type { ReactNode } from 'react'

/** Of the heading, to which the keyboard goes with who follows a link. */
export const HEAD_ID = 'configuration-head'

/** Where one is below the configuration, with the way back, and what can be done there. */
export function Trail(props: { title: string; name?: string; about?: ReactNode; children?: ReactNode }) {
  return (
    <header className="trail">
      <nav aria-label="Way back">
        <a href="/console/configuration">
          <span aria-hidden="true">‹ </span>All documents
        </a>
      </nav>
      <h2 id={HEAD_ID} tabIndex={-1}>
        {props.title}
        {props.name !== undefined && <code>{props.name}</code>}
      </h2>
      {props.about}
      <div className="trail-acts">{props.children}</div>
    </header>
  )
}
