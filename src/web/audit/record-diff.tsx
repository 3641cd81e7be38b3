import { plural } from '../console/console-text.ts'
import { type DiffRow, diffOf } from './audit-facts.ts'

const WORDS: Readonly<Record<DiffRow['kind'], string>> = {
  added: 'new',
  removed: 'gone',
  changed: 'changed',
  same: 'the same',
}

/** What was before and what is after, place by place; what is alike is counted only. */
export function RecordDiff(props: { before: unknown; after: unknown }) {
  const rows = diffOf(props.before, props.after)
  const changed = rows.filter(({ kind }) => kind !== 'same')
  if (rows.length === 0) return <p className="audit-no-diff">Nothing is recorded of before and after.</p>
  return (
    <div className="audit-diff">
      <ul>
        {changed.map(({ place, kind, before, after }) => (
          <li key={place} className={kind}>
            <span className="audit-place">
              {place} <span className="hidden-text">({WORDS[kind]})</span>
            </span>
            <span className="audit-values">
              {kind !== 'added' && <del>{before || '(empty)'}</del>}
              {kind !== 'removed' && <ins>{after || '(empty)'}</ins>}
            </span>
          </li>
        ))}
      </ul>
      {changed.length < rows.length && <p>{plural(rows.length - changed.length, 'value')} stayed the same.</p>}
    </div>
  )
}
