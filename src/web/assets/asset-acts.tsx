import { Button } from '@mantine/core'
import type { AssetRow } from '../../protocol/asset-answers.ts'
import { CopyButton } from '../console/copy-button.tsx'
import { CONSOLE_PATH } from '../console/navigation-facts.ts'
import { type Fate, titleOf } from './assets-facts.ts'

/** What can be done with a file. One that is used cannot be removed: its documents come first. */
export function AssetActs(props: { row: AssetRow; onRemove: ((row: AssetRow) => void) | undefined }) {
  const { row, onRemove } = props
  return (
    <div className="asset-acts">
      <CopyButton text={row.address} label={`Copy the address of ${titleOf(row)}`} />
      {onRemove && row.usedBy.length === 0 && (
        <Button
          variant="subtle"
          color="red"
          className="asset-remove"
          size="xs"
          aria-label={`Remove ${titleOf(row)}`}
          onClick={() => onRemove(row)}
        >
          Remove
        </Button>
      )}
    </div>
  )
}

/** Which documents speak of it, or what becomes of it. */
export function AssetUse({ fate }: { fate: Fate }) {
  if (fate.kind === 'going')
    return (
      <span className="asset-unused" data-going="true" title="No document speaks of it, today or in the history.">
        Not used; {fate.text}
      </span>
    )
  if (fate.kind === 'history')
    return (
      <span className="asset-unused" title="A roll-back would find it, so it stays.">
        Only in the history
      </span>
    )
  return (
    <span className="asset-use">
      {fate.by.map((document) => (
        <a key={document} href={`${CONSOLE_PATH}/configuration/${document}`}>
          {document}
        </a>
      ))}
    </span>
  )
}
