import type { ConfigDiffRow } from '../../protocol/config-answers.ts'
import { type PairedLine, type ShownDiff, shownDiffs } from './change-facts.ts'

const SIGNS = { added: 'new', changed: 'changed', removed: 'removed' } as const

/** What a change does, document by document and field by field. */
export function ChangeDiff(props: { diffs: readonly ConfigDiffRow[] }) {
  return (
    <div className="diff">
      {props.diffs.map((diff) => (
        <section key={diff.document} aria-label={`${diff.document}: ${SIGNS[diff.act]}`}>
          <p className="diff-name">
            <code>{diff.document}</code>
            <span className={`act act-${diff.act}`}>{SIGNS[diff.act]}</span>
          </p>
          {diff.act !== 'removed' && (
            <dl>
              {shownDiffs(diff).map((field) => (
                <FieldDiff key={field.field} diff={field} />
              ))}
            </dl>
          )}
        </section>
      ))}
    </div>
  )
}

function FieldDiff(props: { diff: ShownDiff }) {
  const { field, before, after, lines } = props.diff
  return (
    <div>
      <dt>{field}</dt>
      <dd>
        {lines ? (
          <LineDiff lines={lines} />
        ) : (
          <>
            {before !== undefined && <del>{before === '' ? 'empty' : before}</del>}
            {after !== undefined ? <ins>{after === '' ? 'empty' : after}</ins> : <em>back to its default</em>}
          </>
        )}
      </dd>
    </div>
  )
}

function LineDiff(props: { lines: readonly PairedLine[] }) {
  return (
    <div className="line-diff">
      {props.lines.map(({ left, right, same }, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name than their place
        <div key={place}>
          {same ? (
            <span>{right || ' '}</span>
          ) : (
            <>
              {left !== undefined && <del>{left || ' '}</del>}
              {right !== undefined && <ins>{right || ' '}</ins>}
            </>
          )}
        </div>
      ))}
    </div>
  )
}
