import type { ConfigAnswer } from '../../protocol/config-answers.ts'
import { ChangeHistory } from './change-history.tsx'
import { CodeText } from './code-text.tsx'
import { type KindRow, ownName, titleOf } from './configuration-facts.ts'
import { DocumentEditor } from './document-editor.tsx'
import { Trail } from './trail.tsx'

/** One document: its form, or its history. `name` absent: one that is made. */
export function DocumentPage(props: {
  of: KindRow
  name?: string
  tab: 'edit' | 'history'
  answer: ConfigAnswer
  again: () => void
}) {
  const { of, name, tab, answer } = props
  const path = `/console/configuration/${name ?? of.kind}`
  const current = (own: typeof tab) => (own === tab ? ({ 'aria-current': 'page' } as const) : {})
  return (
    <>
      <Trail
        title={titleIn(props)}
        {...(of.many && name !== undefined && { name })}
        about={
          <p>
            <CodeText text={of.about} />
          </p>
        }
      >
        {name !== undefined && (
          <nav className="tabs" aria-label="This document">
            <a href={path} {...current('edit')}>
              Edit
            </a>
            <a href={`${path}/history`} {...current('history')}>
              History
            </a>
          </nav>
        )}
      </Trail>
      {tab === 'history' && name !== undefined ? (
        <ChangeHistory name={name} revision={answer.revision} again={props.again} />
      ) : (
        <DocumentEditor of={of} {...(name !== undefined && { name })} answer={answer} again={props.again} />
      )}
    </>
  )
}

function titleIn({ of, name, answer }: { of: KindRow; name?: string; answer: ConfigAnswer }): string {
  if (!of.many) return of.title
  if (name === undefined) return `New ${of.title.toLowerCase()}`
  const row = answer.documents.find((document) => document.name === name)
  return row ? titleOf(row) : ownName(name)
}
